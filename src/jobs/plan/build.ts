import {
  BOT,
  type Outline,
  type OutlineHost,
  type OutlinePhase,
  type OutlineStep,
  type Plan,
  type PlanHost,
  type PlanProblem,
  planVersion,
  type RunKey,
  runKey,
} from '../../domain/plan.ts';
import type { Finding } from '../../domain/proof.ts';
import type { Commit, Release } from '../../domain/release.ts';
import type { Asked } from '../../domain/runbook.ts';
import { stagesOf } from '../../domain/stages.ts';
import type { Planned, Work } from '../../domain/step.ts';
import { undoOf } from '../../domain/undo.ts';
import { handWork } from './hand.ts';
import { type HostRead, located } from './read.ts';
import type { PlacedStep, Site } from './sites.ts';
import { paramsAt, type Target, whereOf } from './where.ts';

/** Each step made concrete on each of its hosts, with every problem and warning found. */
export interface Built {
  readonly work: Readonly<Record<RunKey, Work>>;
  readonly problems: readonly PlanProblem[];
  readonly warnings: readonly string[];
}

/**
 * Plans every step from the facts that were read. Pure. Hosts that could not be read are left out; their problem is known already.
 * `byHand`: the same steps as commands for a person.
 */
export function buildWork(target: Target, placed: readonly PlacedStep[], reads: readonly HostRead[], byHand = false): Built {
  const work: Record<RunKey, Work> = {};
  const problems: PlanProblem[] = reads.flatMap((read) => read.problems);
  const warnings = new Set<string>();
  for (const step of placed) {
    for (const { name, planned } of planStep(target, step, reads)) {
      work[runKey(step.step.id, name)] = byHand ? handWork(target, step, name, planned.work) : planned.work;
      problems.push(...(planned.problems ?? []).map((problem) => located(problem, name === BOT ? undefined : name, step.step.id)));
      for (const warning of planned.warnings ?? []) warnings.add(name === BOT ? warning : `${name}: ${warning}`);
    }
  }
  return { work, problems: withoutRepeats(problems), warnings: [...warnings] };
}

function planStep(target: Target, placed: PlacedStep, reads: readonly HostRead[]): { name: string; planned: Planned }[] {
  if (placed.sites.length === 0) return [{ name: BOT, planned: planAt(target, placed, undefined, []) }];
  return placed.sites.flatMap((site) => {
    const read = reads.find((candidate) => candidate.site.host.name === site.host.name);
    return read?.host ? [{ name: site.host.name, planned: planAt(target, placed, site, read.facts[placed.step.id] ?? []) }] : [];
  });
}

/** A step of the bot itself has no host; its kind looks at none. */
function planAt(target: Target, placed: PlacedStep, site: Site | undefined, facts: HostRead['facts'][string]): Planned {
  const anyRole = Object.values(target.system.roles)[0];
  const role = site?.role ?? anyRole;
  const host = site?.host ?? anyRole?.hosts[0];
  if (!role || !host) throw new Error(`${target.system.file}: there is no role with a host`);
  return placed.kind.plan(paramsAt(target, placed, role, host), facts, whereOf(target, role, host, placed.step));
}

function withoutRepeats(problems: readonly PlanProblem[]): PlanProblem[] {
  const seen = new Set<string>();
  return problems.filter(({ host, what }) => {
    const key = `${host}\n${what}`;
    return !seen.has(key) && seen.add(key);
  });
}

/** What is known of a rollback besides the commands. */
export interface Known {
  readonly from: Release | undefined;
  readonly commits: readonly Commit[];
  readonly affected: Outline['affected'];
  readonly lastProvenAt: number | undefined;
  readonly warnings: readonly string[];
  readonly runbook: string;
}

/** The plan: outline, hosts and work. Pure. */
export function buildPlan(
  target: Target,
  asked: Asked,
  placed: readonly PlacedStep[],
  reads: readonly HostRead[],
  built: Built,
  known: Known,
  kinds: Plan['kinds'],
): Plan {
  const { system, release } = target;
  const phases = system.runbook.map(
    (phase, index): OutlinePhase => ({
      name: phase.name,
      estimateMs: phase.estimateMs,
      steps: placed.filter((step) => step.phase === index).map((step) => outlineStep(step, built.work)),
    }),
  );
  const hosts = Object.fromEntries(reads.flatMap((read): [string, PlanHost][] => (read.host ? [[read.site.host.name, read.host]] : [])));
  const outline: Outline = {
    system: system.name,
    title: system.title,
    variant: asked.variant,
    target: release,
    ...known,
    hosts: reads.map((read) => outlineHost(read, [release, ...(known.from ? [known.from] : [])])),
    phases,
    stages: stagesOf(phases, system.roles),
    policy: system.policy.approve,
    announcements: system.announcements,
    cannotUndo: [...new Set([...Object.values(built.work).flatMap(notUndone), ...(placed.length > 0 ? system.cannotUndo : [])])],
    warnings: [...built.warnings, ...known.warnings],
    afterwards: system.afterwards,
    records: (asked.target === 'asked' || asked.target === 'running') && asked.leavesOut === undefined,
    byHand: asked.byHand,
    ...(asked.about === undefined ? {} : { about: asked.about }),
    ...(asked.selected === undefined ? {} : { selected: asked.selected }),
  };
  return { v: planVersion, rollback: target.rollback, outline, hosts, work: built.work, kinds, system };
}

const notUndone = (work: Work): string[] => ((work.type === 'shell' || work.type === 'pipeline') && work.cannotUndo ? [work.cannotUndo] : []);

function outlineStep({ step, kind, hosts }: PlacedStep, works: Built['work']): OutlineStep {
  const work = works[runKey(step.id, hosts[0] ?? BOT)];
  return {
    id: step.id,
    name: step.name,
    kind: kind.key,
    type: work?.type ?? 'shell',
    hosts,
    ...((work?.type === 'shell' || work?.type === 'hand') && work.serving ? { serving: work.serving } : {}),
    ...(work && notUndone(work)[0] !== undefined ? { cannotUndo: notUndone(work)[0] ?? '' } : {}),
    ...(work && undoOf(work) !== undefined ? { undoable: true } : {}),
    ...(work?.type === 'announce' ? { template: work.template } : {}),
    ...(work?.type === 'sign' ? { sign: { by: work.by, shown: work.shown } } : {}),
  };
}

const outlineHost = ({ site, findings }: HostRead, releases: readonly Release[]): OutlineHost => ({
  name: site.host.name,
  role: site.role.name,
  production: site.role.production,
  before: beforeText(findings, releases),
});

/** `v0.2.0; /health answers 503`: the release that runs there, by its own name where it is one of these, and what is not well. */
export function beforeText(findings: readonly Finding[], releases: readonly Release[]): string {
  const versions = [...new Set(findings.flatMap(({ version }) => (version === undefined ? [] : [releaseName(version, releases)])))];
  const ill = findings.flatMap((finding) => (finding.ill === undefined ? [] : [finding.ill]));
  return [versions.join(' / ') || 'version not known', ...ill].join('; ');
}

/** A package says `0.2.0`, git a commit, an image `v0.2.0`: one release, one name. */
function releaseName(version: string, releases: readonly Release[]): string {
  const release = releases.find((one) => [one.version, one.tag, one.commit, one.packageVersion].includes(version));
  return release?.version ?? (/^[0-9a-f]{40}$/.test(version) ? version.slice(0, 12) : version);
}
