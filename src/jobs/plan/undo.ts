import { affectedMs } from '../../domain/owed.ts';
import {
  BOT,
  type Outline,
  type OutlineHost,
  type Plan,
  type PlanHost,
  type PlanProblem,
  planVersion,
  type RunKey,
  runKey,
  type Undoes,
} from '../../domain/plan.ts';
import type { Finding } from '../../domain/proof.ts';
import type { Release } from '../../domain/release.ts';
import { raw, type Sh, script, sh } from '../../domain/sh.ts';
import type { State } from '../../domain/state.ts';
import type { Work } from '../../domain/step.ts';
import { notBroughtBack, undoPhases, undoStages, undoWork } from '../../domain/undo.ts';
import type { Context } from '../context.ts';
import { beforeText } from './build.ts';
import { type HostRead, readHost } from './read.ts';
import { exactly } from './releases.ts';
import { sitesOf } from './sites.ts';
import { keepDirOf } from './where.ts';

/**
 * The plan of an undo: what the rollback's own plan recorded as restore, in reverse order, for the steps that have begun. Its hosts are proven
 * against what was recorded before that rollback. What came later is not in its way, but said.
 */
export async function planUndo(context: Context, state: State, undoes: Undoes): Promise<Plan | PlanProblem[]> {
  const undone = await context.log.load(undoes.rollback);
  if (!undone?.outline || undone.digest === undefined)
    return [{ what: `${undoes.rollback} has no plan, so nothing of it can be put back.`, advice: 'Nothing was changed by it.' }];
  const plan = await context.plans.load(undone.id, undone.digest);
  const judgedBy = plan.judgedBy ?? plan.outline.target;
  const target = await exactly(context, { rollback: state.id, system: plan.system }, context.mirror(plan.system), judgedBy);
  const isEverywhere = undoes.runs.some((run) => run.endsWith(`@${BOT}`)); // a pipeline that the bot runs once may deploy to any host
  const sites = sitesOf(plan.system).filter(({ host }) => isEverywhere || undoes.runs.some((run) => run.endsWith(`@${host.name}`)));
  const reads = await Promise.all(sites.map((site) => readHost(target, site, [], context.proofKinds, context.hosts)));
  const problems = reads.flatMap((read) => [...read.problems, ...otherMachine(plan, read)]);
  if (problems.length > 0) return problems;
  const policy = context.systems[state.system]?.policy.approve ?? undone.outline.policy;
  // going back to what was there is no new release: an approver may say yes to their own wish too
  const outline = { ...outlineOf(state, undone, undone.outline, undoes, plan, reads), policy: { ...policy, requester: true } };
  const work = withGuards(undoWork(plan, undoes.runs), undone, plan);
  const later = await laterRollbacks(context, state, undone);
  return {
    v: planVersion,
    rollback: state.id,
    outline: {
      ...outline,
      warnings: [...unclear(undone, undoes), ...later, ...haltTakenBack(undone, undoes), ...reads.flatMap((read) => changedSince(undone, read))],
    },
    hosts: Object.fromEntries(
      reads.flatMap((read): [string, PlanHost][] => (read.host ? [[read.site.host.name, withRecorded(read.host, plan)]] : [])),
    ),
    work,
    kinds: plan.kinds,
    system: plan.system,
    judgedBy,
  };
}

function outlineOf(state: State, undone: State, outline: Outline, undoes: Undoes, plan: Plan, reads: readonly HostRead[]): Outline {
  const phases = undoPhases(outline, undoes.runs);
  const { about: _about, selected: _selected, affected: _affected, ...rest } = outline;
  const ms = affectedMs(undone, undone.at);
  return {
    ...rest,
    variant: 'undo',
    from: outline.target,
    target: outline.from ?? asBefore(state.version),
    commits: [],
    hosts: reads.map((read) => hostOf(read, outline, plan)),
    phases,
    stages: undoStages(outline, undoes.runs),
    affected: ms === undefined || !undoes.whole ? undefined : { ms, measured: 1 }, // it stops and starts the same again
    cannotUndo: notBroughtBack(undone, state.requestedAt),
    warnings: [],
    afterwards: [],
    byHand: false,
    records: false,
    undoes,
  };
}

const asBefore = (version: string): Release => ({ version, commit: '0'.repeat(40), date: '', subject: '' });

function hostOf({ site, findings }: HostRead, outline: Outline, plan: Plan): OutlineHost {
  const releases = [plan.outline.target, ...(outline.from ? [outline.from] : [])];
  return { name: site.host.name, role: site.role.name, production: site.role.production, before: beforeText(findings, releases) };
}

const withRecorded = (host: PlanHost, plan: Plan): PlanHost => ({ ...host, recorded: plan.hosts[host.address.name]?.before ?? [] });

/** A step that ended well kept something: without it, its restore would take "nothing kept" for "nothing changed". */
function withGuards(work: Readonly<Record<RunKey, Work>>, undone: State, plan: Plan): Record<RunKey, Work> {
  return Object.fromEntries(
    Object.entries(work).map(([run, one]): [string, Work] => {
      const was = plan.work[run as RunKey];
      const hasKept = was?.type === 'shell' && was.command.includes('.rollback-bot/kept/') && undone.runs[run as RunKey]?.status === 'done';
      return [run, one.type === 'shell' && hasKept ? { ...one, guard: keptIsThere(undone.id, run.slice(0, run.lastIndexOf('@'))) } : one];
    }),
  );
}

function keptIsThere(rollback: string, step: string): Sh {
  const dir = keepDirOf(rollback, step);
  return script(sh`[ -d ${raw(dir)} ] || { echo "what ${raw(rollback)} kept is gone: there is no ${raw(dir)}" >&2; exit 1; }`);
}

function otherMachine(plan: Plan, read: HostRead): PlanProblem[] {
  const { name } = read.site.host;
  const planned = plan.hosts[name];
  if (!read.host || planned?.identity.hostKey === read.host.identity.hostKey) return [];
  return [
    {
      host: name,
      what: 'this is another machine than the one that was changed: its host key differs',
      advice: 'Find out which machine answers at that address',
    },
  ];
}

/** A deploy that came later is overwritten by an undo: whoever approves it must know. */
function changedSince(undone: State, { site, findings }: HostRead): string[] {
  const left = undone.proofs[site.host.name]?.findings ?? [];
  const differs = (finding: Finding) => left.some((one) => one.identifies && one.what === finding.what && one.found !== finding.found);
  return findings
    .filter(differs)
    .map(
      (finding) =>
        `${site.host.name} changed after ${undone.id}: ${finding.what} is ${finding.found}; that is overwritten, and what ran before ${undone.id} comes back`,
    );
}

/** Who halted production before the rollback ran must know that going back starts what ran before. */
function haltTakenBack({ id, halt, halted, outline }: State, { runs }: Undoes): string[] {
  const steps = outline?.phases.flatMap((phase) => phase.steps) ?? [];
  const starts = steps.some((step) => step.serving === 'stopped' && step.hosts.some((host) => runs.includes(runKey(step.id, host))));
  return halted?.way === 'halt' && starts ? [`${halt?.name} was chosen before ${id} ran: what ran before is started again`] : [];
}

/** What nobody could follow to its end may still be at work while it is put back. */
const unclear = (undone: State, { runs }: Undoes): string[] =>
  runs
    .filter((run) => ['unknown', 'errored'].includes(undone.runs[run]?.status ?? ''))
    .map((run) => `Nobody can say how step ${run.replace('@', ' on ')} of ${undone.id} ended: look at the host, it may still be running there`);

async function laterRollbacks(context: Context, state: State, undone: State): Promise<string[]> {
  const ids = await context.log.newest(undone.system, 20);
  const states = await Promise.all(ids.map((id) => context.log.load(id)));
  return states.flatMap((one) =>
    one &&
    one.id !== state.id &&
    one.id !== undone.id &&
    one.requestedAt > undone.requestedAt &&
    one.startedAt !== undefined &&
    one.variant !== 'record'
      ? [`${one.id} ran after ${undone.id}: what it did is overwritten too`]
      : [],
  );
}
