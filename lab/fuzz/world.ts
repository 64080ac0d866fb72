import { fileURLToPath } from 'node:url';
import type { BotContext } from '../../src/bot/context.ts';
import type { Plan } from '../../src/domain/plan.ts';
import type { Release } from '../../src/domain/release.ts';
import type { State } from '../../src/domain/state.ts';
import type { System } from '../../src/domain/system.ts';
import { proofKinds } from '../../src/proofs/index.ts';
import { ReleaseError } from '../../src/releases/error.ts';
import type { Releases } from '../../src/releases/mirror.ts';
import { checkVersionText } from '../../src/releases/version-text.ts';
import { stepKinds } from '../../src/steps/index.ts';
import { loadSystems } from '../../src/systems/load.ts';
import { beginsAt, digest, type Options, people, statuses, story, storyAt } from '../../tests/helpers/story.ts';
import { CANARY } from './hostile.ts';
import { MemoryLog } from './memory.ts';

/** The directory of the product's own system files. */
export const systemsDir = fileURLToPath(new URL('../../systems', import.meta.url));

/** The system files as the product loads them. Throws where one has a mistake. */
export async function shippedSystems(): Promise<Readonly<Record<string, System>>> {
  const { systems, problems } = await loadSystems(systemsDir, { steps: stepKinds, proofs: proofKinds });
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('\n'));
  return systems;
}

/** When everything is tried, in milliseconds since 1970: ten minutes after the last request. */
export const now = beginsAt + 600_000;

/** Whatever the policy can allow is allowed to somebody, and production can be halted, so that no refusal hides what is behind it. */
const options = (system: 'sac' | 'agentrader', id: string): Options => {
  const { policy } = story(system).outline;
  const generous = { ...policy, skip: '@oncall', override: '@oncall', escalate: { afterMs: 300_000, to: '@oncall' } };
  const halt = { name: 'Stop trading', backName: 'Resume', warn: 'Positions stay open.', by: '@oncall', hosts: ['prod-1', 'prod-2'] };
  return { id, outline: { policy: generous }, request: { halt } };
};

/** Rollbacks of each system at every status, by id: `sac-1`, `agentrader-15`; and one that was started alone. */
export function rollbacks(): ReadonlyMap<string, State> {
  const all = (['sac', 'agentrader'] as const).flatMap((system) => [
    ...statuses.map((status, i) => storyAt(status, system, options(system, `${system}-${i + 1}`)).state()),
    startedAlone(system, `${system}-${statuses.length + 1}`),
  ]);
  return new Map(all.map((state) => [state.id, state]));
}

const startedAlone = (system: 'sac' | 'agentrader', id: string): State =>
  storyAt('waiting', system, options(system, id))
    .tell({ type: 'overridden', by: people.oncall, digest, reason: 'nobody answered' }, { type: 'started' })
    .completed()
    .state();

/** Their ids, those more often that somebody can still decide on. */
export const idsOf = (states: ReadonlyMap<string, State>): readonly string[] =>
  [...states.values()].flatMap(({ id, status }) => Array<string>(['waiting', 'trouble', 'complete'].includes(status) ? 6 : 1).fill(id));

/** Everybody who acts. The last is nobody's friend. */
export const users: readonly string[] = [...Object.values(people).map(({ id }) => id), 'U0STRANGER'];

/** Of whom the workspace says that they are in every group, in none, or in some. */
export type Membership = 'all' | 'none' | 'some';

/** What a case chooses of the world around it. */
export interface Around {
  readonly membership: Membership;
  /** What people are called: they choose that themselves. */
  readonly name: string;
}

/** A world of its own for one case: what the listeners work with, and what became of it. */
export interface World {
  readonly context: BotContext;
  readonly log: MemoryLog;
  /** What our own log of errors heard: what a listener did not foresee. */
  readonly errors: unknown[];
  /** Codes of the refusals that people were told. */
  readonly refusals: string[];
}

/** Puts a world together; nothing in it reaches out of this process. */
export function worldOf(systems: Readonly<Record<string, System>>, states: ReadonlyMap<string, State>, around: Around): World {
  const log = new MemoryLog(states, now);
  const errors: unknown[] = [];
  const refusals: string[] = [];
  // Typed as the bot's own, so that what listeners need beside is seen when it is added.
  const context: BotContext = {
    systems,
    log: log as unknown as BotContext['log'],
    logger: loggerOf(errors) as BotContext['logger'],
    now: () => now,
    dangers: async () => [],
    workers: { alive: async () => around.membership === 'all' } as unknown as BotContext['workers'],
    plans: { load: async (id: string) => planOf(states.get(id), around.name) } as unknown as BotContext['plans'],
    proven: provenOf(around.name) as unknown as BotContext['proven'],
    mirror: () => mirrorOf(around.name) as unknown as ReturnType<BotContext['mirror']>,
    directory: directoryOf(around),
    rates: ratesOf(around) as unknown as BotContext['rates'],
    journal: { note: async () => undefined } as unknown as BotContext['journal'],
    onRefusal: (code) => void refusals.push(code),
  };
  return { context, log, errors, refusals };
}

const loggerOf = (errors: unknown[]): unknown => ({
  error: (what: unknown) => errors.push(what),
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
});

/** Every ninth has done too much already. */
const ratesOf = ({ name }: Around) => ({
  limits: { actions: 30, requests: 5 },
  take: async () => (name.length % 9 === 8 ? 5000 : 0),
  giveBack: async () => undefined,
});

function directoryOf({ membership, name }: Around) {
  return {
    destination: async () => 'C0TRADING',
    isMember: async (user: string, of: string) => (membership === 'some' ? (user.length + of.length) % 2 === 0 : membership === 'all'),
    members: async () => 3,
    mentions: async () => ({}),
    nameOf: async () => name,
  };
}

const known: readonly Release[] = ['v0.2.0', 'v0.1.0'].map((tag, i) => ({
  version: tag,
  tag,
  commit: `${i + 1}`.repeat(40),
  date: '2026-11-03T09:00:00Z',
  subject: 'First release',
}));

/** A repository that knows two tags, and whose committers wrote whatever they liked. */
function mirrorOf(text: string) {
  const resolve = async (version: string): Promise<Release> => {
    const found = known.find((one) => one.tag === checkVersionText(version));
    if (found) return { ...found, subject: text };
    throw new ReleaseError('version-unknown', `There is no release ${version.slice(0, 60)}`, 'Did you mean v0.1.0?', { nearest: ['v0.1.0'] });
  };
  const list = async (): Promise<Releases> => ({
    tags: known.map((one) => ({ ...one, tag: one.version, subject: text, annotation: text })),
    commits: known.map(({ commit, date }) => ({ commit, date, author: text, subject: text })),
  });
  return { fetch: async () => undefined, resolve, list, isThere: async () => true };
}

const provenOf = (text: string) => ({
  lastKnownGood: async () => (text.length % 2 === 0 ? { release: known[1], at: beginsAt, rollback: 'sac-1', hosts: {} } : undefined),
  recorded: async () => undefined,
  list: async () => [{ version: 'v0.1.0', variant: 'normal', rollback: 'sac-1', at: beginsAt, drill: false, runbook: '', totalMs: 1 }],
});

/** A plan of which some commands hold whatever a system file and a host may have put there; all of them would cost more time than they show. */
export function planOf(state: State | undefined, text: string): Plan {
  if (!state?.outline) throw new Error('the plan is not in the store any more');
  const runs = state.outline.phases.flatMap((phase) => phase.steps).flatMap((step) => step.hosts.map((host) => `${step.id}@${host}`));
  const work = Object.fromEntries(runs.map((run, i) => [run, workOf(i % 12 === 0 ? text : 'true')]));
  const configuration = [{ path: text, diff: text }];
  return { v: 1, rollback: state.id, outline: state.outline, hosts: {}, work, kinds: {}, configuration } as unknown as Plan;
}

const workOf = (text: string) => ({
  ...{ type: 'shell', guard: text, command: `${text} ${CANARY}`, verify: text, restore: text, cannotUndo: text },
  ...{ from: text, to: `${text}.`, timeoutMs: 1000 },
});
