import { requestRollback, requestUndo } from '../../../src/commands/request.ts';
import { isApprover, isOwnApprover, mayHalt, mayOverride, mayRequest, maySkip, mayStop, type RightsContext } from '../../../src/commands/rights.ts';
import { type UnlockContext, unlock } from '../../../src/commands/unlock.ts';
import type { Command } from '../../../src/domain/command.ts';
import { decide } from '../../../src/domain/decide.ts';
import { signerOf } from '../../../src/domain/decisions/trouble.ts';
import type { Actor } from '../../../src/domain/event.ts';
import type { RunKey } from '../../../src/domain/plan.ts';
import type { RefusalCode } from '../../../src/domain/refusal.ts';
import { holdsLock, type State } from '../../../src/domain/state.ts';
import type { ApprovePolicy, System } from '../../../src/domain/system.ts';
import { outlineOf } from '../../helpers/outline.ts';
import { directoryOf, fullPolicy, leastPolicy, type PersonName, persons } from '../../helpers/persons.ts';
import { digest, people, type Story, statuses, story, storyAt } from '../../helpers/story.ts';
import { leastSystem } from '../../helpers/system.ts';

/** What somebody who asks gets: `yes`, or the code of the refusal. */
export type Outcome = 'yes' | RefusalCode;

/** Every status, and what besides the status matters. */
export const situations = [
  ...statuses,
  'waiting, approvers called twice',
  'waiting, too long',
  'waiting, halted',
  'trouble, hosts drifted',
  'asked for a step by hand',
  'running, started alone',
  'complete, started alone',
  'complete, started alone and reviewed',
] as const;
export type Situation = (typeof situations)[number];

type PolicyName = 'full' | 'least' | 'requester counts';
const policies: Readonly<Record<PolicyName, ApprovePolicy>> = {
  full: fullPolicy,
  least: leastPolicy,
  'requester counts': { ...fullPolicy, requester: true },
};

function systemOf(policy: PolicyName): System {
  const approve = policies[policy];
  const named = policy === 'least' ? {} : { putBack: '@putters', unlock: '@unlockers' };
  return { ...leastSystem, policy: { ...leastSystem.policy, ...named, approve } };
}

const tellings = new Map<string, Story>();

/** The story of a situation; told once, since nothing here adds to it. */
function told(policy: PolicyName, situation: Situation): Story {
  const key = `${policy} ${situation}`;
  const found = tellings.get(key) ?? telling(policy, situation);
  tellings.set(key, found);
  return found;
}

function telling(policy: PolicyName, situation: Situation): Story {
  const by = policy === 'least' ? policies.least.by : '@halters';
  const halt = { name: 'Stop trading', backName: 'Resume trading', warn: '', by, hosts: ['prod-1', 'prod-2'] };
  const options = { outline: { policy: policies[policy] }, request: { halt } };
  const alone = (): Story =>
    story('sac', options)
      .requested()
      .planned()
      .tell({ type: 'overridden', by: persons.overrider.actor, digest, reason: 'orders are lost' }, { type: 'started' });
  switch (situation) {
    case 'waiting, approvers called twice':
      return storyAt('waiting', 'sac', options).wait(300_000);
    case 'waiting, too long':
      return storyAt('waiting', 'sac', options).wait(1_800_000);
    case 'waiting, halted':
      return storyAt('waiting', 'sac', options).tell(
        { type: 'halt-chosen', by: persons.halter.actor, way: 'halt' },
        ...halt.hosts.map((host) => ({ type: 'halt-ended', way: 'halt', host, ok: true }) as const),
      );
    case 'trouble, hosts drifted':
      return storyAt('waiting', 'sac', options).started().failing('4@dev-1', { outcome: 'drifted', stage: 'guard' });
    case 'asked for a step by hand':
      return story('sac', { ...options, outline: { ...options.outline, ...byHand() } })
        .requested()
        .planned()
        .started()
        .upTo('4@dev-1');
    case 'running, started alone':
      return alone();
    case 'complete, started alone':
      return alone().completed();
    case 'complete, started alone and reviewed':
      return alone().completed().tell({ type: 'reviewed', by: people.approver, note: 'it was right' });
    default:
      return storyAt(situation, 'sac', options);
  }
}

/** The same runbook with one step that a person does. */
function byHand() {
  const { phases } = outlineOf('sac');
  return {
    phases: phases.map((phase) => ({ ...phase, steps: phase.steps.map((step) => (step.id === '4' ? { ...step, type: 'hand' as const } : step)) })),
  };
}

interface Asking {
  readonly context: RightsContext;
  readonly state: State;
  readonly by: Actor;
}

type Ask = (asking: Asking) => Promise<Command>;

const older = 'e'.repeat(64);
const approving =
  (of: string): Ask =>
  async ({ context, state, by }) => ({ type: 'approve', by, isApprover: await isApprover(context, state, by.id), digest: of });
const overriding =
  ({ typed = 'sac', reason = 'orders are lost', of = digest }): Ask =>
  async ({ context, state, by }) => ({ type: 'override', by, mayOverride: await mayOverride(context, state, by.id), typed, reason, digest: of });
const describing =
  (answers: Record<string, string>): Ask =>
  async ({ context, state, by }) => ({ type: 'describe', by, mayRequest: await mayRequest(context, state, by.id), answers });
const halting =
  (way: 'halt' | 'back'): Ask =>
  async ({ context, state, by }) => ({ type: 'halt', by, mayHalt: await mayHalt(context, state, by.id), way });
const skipping =
  (reason: string): Ask =>
  async ({ context, state, by }) => ({ type: 'skip', by, maySkip: await maySkip(context, state, by.id), run: badRun(state), reason });

/** Each action as its button or modal makes it into a command. */
const asks = {
  approve: approving(digest),
  'approve an older plan': approving(older),
  reject: async ({ context, state, by }) => ({ type: 'reject', by, isApprover: await isApprover(context, state, by.id), reason: 'no' }),
  withdraw: async ({ by }) => ({ type: 'withdraw', by }),
  change: async ({ context, state, by }) => ({
    type: 'change',
    by,
    mayRequest: await mayRequest(context, state, by.id),
    version: 'v0.0.9',
    variant: 'normal',
    scenario: '',
  }),
  describe: describing({ impact: 'no new orders' }),
  'add lessons': describing({ lessons: 'look at the entropy first' }),
  override: overriding({}),
  'override, wrong name': overriding({ typed: 'agentrader' }),
  'override, no reason': overriding({ reason: ' ' }),
  'override an older plan': overriding({ of: older }),
  review: async ({ context, state, by }) => ({ type: 'review', by, isApprover: await isOwnApprover(context, state, by.id), note: 'it was right' }),
  halt: halting('halt'),
  'halt back': halting('back'),
  stop: async ({ context, state, by }) => ({ type: 'stop', by, mayStop: await mayStop(context, state, by.id) }),
  retry: async ({ context, state, by }) => ({ type: 'retry', by, isApprover: await isOwnApprover(context, state, by.id) }),
  skip: skipping('started by hand'),
  'skip, no reason': skipping(' '),
  leave: async ({ context, state, by }) => ({ type: 'leave', by, isApprover: await isOwnApprover(context, state, by.id) }),
  'read again': async ({ context, state, by }) => ({ type: 'read-again', by, isApprover: await isOwnApprover(context, state, by.id) }),
  tick: async ({ context, state, by }) => ({ type: 'tick', by, isApprover: await isOwnApprover(context, state, by.id), run: '4@dev-1', ok: true }),
  sign: async ({ context, state, by }) => ({
    type: 'sign',
    by,
    run: '12.4@bot',
    isSigner: await context.directory.isMember(by.id, signerOf(state, '12.4@bot')),
  }),
} satisfies Record<string, Ask>;

const badRun = (state: State): RunKey =>
  ((Object.keys(state.runs) as RunKey[]).find((run) => ['failed', 'drifted'].includes(state.runs[run]?.status ?? '')) ?? '4@dev-1') as RunKey;

export const actions = [...(Object.keys(asks) as (keyof typeof asks)[]), 'undo', 'unlock', 'unlock, no reason', 'request'] as const;
export type Action = (typeof actions)[number];

/** What this person gets who does this now. */
export async function outcome(policy: PolicyName, situation: Situation, name: PersonName, action: Action): Promise<Outcome> {
  const one = told(policy, situation);
  const { actor: by } = persons[name];
  const context = { systems: { sac: systemOf(policy) }, directory: directoryOf(persons[name]), now: () => one.now() };
  if (action in asks) {
    const command = await asks[action as keyof typeof asks]({ context, state: one.state(), by });
    return outcomeOf(decide(one.state(), command, one.now()));
  }
  const all = commandContext(context, one.state());
  if (action === 'undo') return outcomeOf(await requestUndo(all, by, one.state().id, { of: 'all' }, 'key'));
  if (action === 'request')
    return outcomeOf(await requestRollback(all, by, { type: 'request', system: 'sac', words: ['v0.1.0'], dryRun: false }, 'key'));
  const answer = await unlock(all, by, 'sac', action === 'unlock' ? 'its worker is gone' : '');
  return typeof answer === 'string' ? 'yes' : answer.code;
}

const outcomeOf = (answer: readonly unknown[] | State | { readonly code: RefusalCode }): Outcome =>
  Array.isArray(answer) ? 'yes' : 'code' in answer ? answer.code : 'yes';

/** The store, the repository and the workers as these commands use them, with this one rollback. Nobody works on it any more. */
function commandContext(context: RightsContext, state: State): UnlockContext {
  const parts = {
    log: {
      load: async () => state,
      create: async () => state,
      lock: async () => (holdsLock(state) ? { rollback: state.id, since: state.at } : undefined),
      newToken: async () => '000000000009',
      append: async () => ({ kind: 'ok', state }),
    },
    workers: { alive: async () => false },
    mirror: () => ({ resolve: async () => outlineOf('sac').target }),
  };
  return { ...context, ...parts } as unknown as UnlockContext; // only what these commands touch
}
