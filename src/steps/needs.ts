import type { Where } from '../domain/step.ts';
import type { RunbookStep } from '../domain/system.ts';

/** What the runbook's steps need of a role's hosts. */
export interface Needs {
  readonly git: boolean;
  readonly pip: boolean;
  /** git.checkout: names and keeps uncommitted work. */
  readonly checkout: boolean;
  /** git.fetch: the origin must answer. */
  readonly fetch: boolean;
  readonly docker: boolean;
  readonly compose: boolean;
  readonly backups: boolean;
  readonly curl: boolean;
  /** Units that steps use, and what they do to them. */
  readonly units: readonly string[];
  readonly verbs: readonly (readonly [string, string])[];
  /** Addresses from which steps read measures. */
  readonly monitoring: readonly string[];
  /** Directories of file groups that steps write. */
  readonly dirs: readonly string[];
}

/** Reads the runbook for what its steps on this role need, so that a check asks for nothing else. */
export function needsOf(where: Where): Needs {
  const phases = where.system.runbook;
  const steps = phases.flatMap((phase) => phase.steps.filter((step) => step.on === where.role.name));
  const uses = (prefix: string) => steps.some((step) => step.kind.startsWith(prefix));
  const changed = steps.filter((step) => /^systemd\.(stop|start|restart)$/.test(step.kind));
  return {
    git:
      uses('git.') || phases.some((phase) => phase.testsFromTarget && phase.steps.some((step) => step.on === where.role.name && step.kind === 'run')),
    pip: uses('pip.'),
    checkout: uses('git.checkout'),
    fetch: uses('git.fetch'),
    docker: uses('compose.') || uses('container') || where.role.compose !== undefined,
    compose: uses('compose.'),
    backups: uses('backup.'),
    curl:
      uses('http') ||
      uses('measure') ||
      steps.some(asksAddresses) ||
      (where.system.proof[where.role.name] ?? []).some((item) => item.kind === 'http'),
    units: unique(steps.map((step) => textOf(step, 'unit', 'systemd.'))),
    verbs: changed.map((step) => [step.kind.slice('systemd.'.length), textOf(step, 'unit', 'systemd.') ?? ''] as const),
    monitoring: unique(steps.flatMap(addresses)),
    dirs: unique(steps.map((step) => where.system.files[textOf(step, 'group', '') ?? '']?.dir)),
  };
}

const itemsOf = (step: RunbookStep): readonly object[] =>
  Array.isArray(step.params) ? step.params.filter((item) => item !== null && typeof item === 'object') : [];

const asksAddresses = (step: RunbookStep): boolean => step.kind === 'check' && itemsOf(step).length > 0;

/** Where measures come from; Prometheus is asked as it will be, by its API. */
function addresses(step: RunbookStep): (string | undefined)[] {
  if (step.kind !== 'measure') return [];
  return itemsOf(step).map((item) => {
    const at: unknown = Reflect.get(item, 'at');
    if (typeof at !== 'string') return undefined;
    return Reflect.has(item, 'prometheus') ? `${at.replace(/\/+$/, '')}/api/v1/query?query=1` : at;
  });
}

function textOf(step: RunbookStep, field: string, prefix: string): string | undefined {
  if (!step.kind.startsWith(prefix)) return undefined;
  if (typeof step.params === 'string') return step.params;
  const value: unknown = step.params !== null && typeof step.params === 'object' ? Reflect.get(step.params, field) : undefined;
  return typeof value === 'string' ? value : undefined;
}

const unique = (texts: readonly (string | undefined)[]): string[] =>
  [...new Set(texts.filter((text) => text !== undefined && text !== ''))] as string[];
