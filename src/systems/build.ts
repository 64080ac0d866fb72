import type { AnnouncementRule, Policy, ProofItem, Role, RunbookPhase, RunbookStep, System } from '../domain/system.ts';
import type { Kinds, StepRead } from './kinds.ts';
import type { AnnouncementLine, SystemFile } from './schema.ts';
import { fieldsOf, given } from './values.ts';

/** All parts of a system file, each read and without mistakes. */
export interface Parts {
  readonly file: SystemFile;
  /** By phase. */
  readonly steps: readonly (readonly StepRead[])[];
  readonly proof: Readonly<Record<string, readonly ProofItem[]>>;
  readonly announcements: readonly AnnouncementLine[];
  readonly path: string;
  readonly digest: string;
}

/** The System that the rest of the bot knows: names looked up, defaults filled in. */
export function buildSystem(parts: Parts, kinds: Kinds): System {
  const { file } = parts;
  return given({
    name: file.system,
    title: file.title,
    channel: file.channel,
    repository: file.repository,
    release: given(file.release),
    roles: mapped(file.roles, (role, name): Role => given({ ...role, name })),
    people: file.people,
    policy: policyOf(file),
    affectedMs: file.affected,
    ask: file.ask.map((question) => given(question)),
    files: mapped(file.files, (group, name) => ({ ...group, name })),
    backups: file.backups && { dir: file.backups.dir, manifest: file.backups.manifest, staleAfterMs: file.backups.stale_after },
    github: file.github,
    runbook: file.runbook.map((phase, i) => phaseOf(phase, parts.steps[i] ?? [], file, kinds)),
    proof: parts.proof,
    announcements: parts.announcements.map(ruleOf),
    afterwards: file.afterwards,
    file: parts.path,
    digest: parts.digest,
  });
}

function mapped<A, B>(values: Readonly<Record<string, A>>, change: (value: A, name: string) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value, name)]));
}

const personOf = (name: string, file: SystemFile): string => file.people[name] ?? name;

function policyOf(file: SystemFile): Policy {
  const { by, count, requester, stands } = file.policy.approve;
  return {
    request: personOf(file.policy.request ?? file.channel, file),
    approve: { by: personOf(by, file), count, requester, standsMs: stands },
  };
}

function phaseOf(phase: SystemFile['runbook'][number], steps: readonly StepRead[], file: SystemFile, kinds: Kinds): RunbookPhase {
  return {
    name: phase.phase,
    estimateMs: phase.estimate,
    testsFromTarget: phase.tests_from === 'target',
    steps: steps.map((step) => stepOf(step, phase.on, file, kinds)),
  };
}

function stepOf({ fields, kind, params }: StepRead, phaseOn: string | undefined, file: SystemFile, kinds: Kinds): RunbookStep {
  const { id, name, timeout, verify } = fields;
  const on = kinds.steps[kind]?.place === 'bot' ? undefined : (fields.on ?? phaseOn);
  return given({ id, name, kind, params: kind === 'sign' ? signedBy(params, file) : params, on, timeoutMs: timeout, verify });
}

function signedBy(params: unknown, file: SystemFile): unknown {
  const { by } = fieldsOf(params);
  return typeof by === 'string' ? { ...fieldsOf(params), by: personOf(by, file) } : params;
}

function ruleOf({ audience, to, template, within, every, affected_over }: AnnouncementLine): AnnouncementRule {
  return { audience, to, template, when: whenOf(within, every, affected_over) };
}

function whenOf(withinMs: number | undefined, everyMs: number | undefined, affectedOverMs: number | undefined): AnnouncementRule['when'] {
  if (everyMs !== undefined) return { everyMs };
  return affectedOverMs === undefined ? { withinMs: withinMs ?? 0 } : { affectedOverMs };
}
