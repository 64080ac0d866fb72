import { differencesOf } from '../../domain/differences.ts';
import type { Fact } from '../../domain/event.ts';
import type { Plan, PlanProblem } from '../../domain/plan.ts';
import { refuse } from '../../domain/refusal.ts';
import { type Asked, asked as askedOf, RECORD, rehearsed } from '../../domain/runbook.ts';
import type { State } from '../../domain/state.ts';
import { ReleaseError } from '../../releases/error.ts';
import { FillError } from '../../systems/fill.ts';
import { type Context, systemOf } from '../context.ts';
import { buildPlan, buildWork } from './build.ts';
import { configurationDifferences } from './configuration.ts';
import { known } from './known.ts';
import { type HostRead, readHost } from './read.ts';
import { exactly, runningRelease, targetOf } from './releases.ts';
import { type PlacedStep, placeSteps, sitesOf } from './sites.ts';
import { planUndo } from './undo.ts';
import type { Target } from './where.ts';

/** Reads repository and hosts of a rollback that was asked for, and appends its plan, or everything that stands in its way. */
export async function planRollback(context: Context, id: string): Promise<void> {
  const state = await context.log.load(id);
  if (state?.status !== 'reading') return;
  const planned = await planOrProblems(context, state);
  const facts: Fact[] = [planned, ...(planned.type === 'planned' && startsAlone(state) ? [{ type: 'started' } as const] : [])];
  await context.log.decide(id, (now) =>
    now.status === 'reading' && now.cause === state.cause ? facts : refuse('over', `${id} is not being read for this any more.`, ''),
  );
}

/** A rehearsal on a system that is marked for it, and a record that changes nothing but backups, wait for nobody. */
const startsAlone = (state: State): boolean => !state.dryRun && (state.drill || state.variant === RECORD);

/** The plan as a fact, or all its problems as one. */
export async function planOrProblems(context: Context, state: State): Promise<Extract<Fact, { type: 'planned' | 'unplannable' }>> {
  try {
    const made = state.undoes ? await planUndo(context, state, state.undoes) : await plan(context, state);
    if (!('v' in made)) return unplannable(context, made);
    const outline = { ...made.outline, warnings: made.outline.warnings.map((warning) => context.mask(warning)) };
    const said = { ...made, outline };
    const digest = await context.plans.save(said);
    const former = state.superseded ? await context.plans.load(state.id, state.superseded.digest) : undefined;
    return { type: 'planned', digest, outline, ...(former ? { differences: differencesOf(former, said) } : {}) };
  } catch (error) {
    if (error instanceof ReleaseError || error instanceof FillError) return unplannable(context, [{ what: error.message, advice: error.advice }]);
    throw error;
  }
}

/** Problems quote what hosts and git say; a secret among that is not shown. */
const unplannable = ({ mask }: Context, problems: readonly PlanProblem[]): Extract<Fact, { type: 'unplannable' }> => ({
  type: 'unplannable',
  problems: problems.map((problem) => ({ ...problem, what: mask(problem.what), advice: mask(problem.advice) })),
});

async function plan(context: Context, state: State): Promise<Plan | PlanProblem[]> {
  const wanted = askedOf(systemOf(context, state.system), state);
  const system = state.drill ? rehearsed(wanted.system) : wanted.system;
  const asked = { ...wanted, system };
  const mirror = context.mirror(system);
  const placed = placeSteps(system, context.stepKinds);
  let target = await targetOf(context, state, asked, mirror);
  let reads = await readAll(context, target, placed);
  const from = await runningRelease(mirror, reads);
  if (asked.target === 'running') {
    if (!from) return [...reads.flatMap((read) => read.problems), nothingKnown];
    target = await exactly(context, target, mirror, from);
    reads = await readAll(context, target, placed);
  }
  const built = buildWork({ ...target, ...(from ? { from } : {}) }, placed, reads, asked.byHand);
  const problems = [...built.problems, ...(asked.target === 'running' ? notWell(target, reads) : nothingToDo(asked, target, reads))];
  if (problems.length > 0) return problems;
  const made = buildPlan(target, asked, placed, reads, built, await known(context, mirror, asked, target.release, from), versionsOf(context, placed));
  if (!from || asked.target === 'none' || asked.target === 'running') return made;
  return { ...made, configuration: await configurationDifferences(mirror, system, from, target.release, (text) => context.mask(text)) };
}

/** Every host of the system, side by side. */
export const readAll = (context: Context, target: Target, placed: readonly PlacedStep[]): Promise<HostRead[]> =>
  Promise.all(
    sitesOf(target.system).map((site) =>
      readHost(
        target,
        site,
        placed.filter((step) => step.sites.some(({ host }) => host.name === site.host.name)),
        context.proofKinds,
        context.hosts,
      ),
    ),
  );

/** The version of every kind that the plan is made with: another version would plan or prove differently. */
export function versionsOf({ proofKinds }: Context, placed: readonly PlacedStep[]): Record<string, number> {
  const proofs = Object.values(proofKinds).map(({ key, version }) => [`proof ${key}`, version]);
  return Object.fromEntries([...placed.map(({ kind }) => [kind.key, kind.version]), ...proofs]);
}

const nothingKnown: PlanProblem = {
  what: 'No host says which release it runs, or the repository has no release of that name.',
  advice: 'Roll back to a release by its tag; what is proven then is recorded.',
};

function nothingToDo(asked: Asked, { release, system }: Target, reads: readonly HostRead[]): PlanProblem[] {
  if (asked.target !== 'asked') return []; // recovery and containment mend what no proof of a release sees
  const isThereAlready = reads.length > 0 && reads.every(({ findings }) => findings.length > 0 && findings.every((finding) => finding.ok));
  if (!isThereAlready) return [];
  return [
    {
      what: `All hosts run ${release.version} already, and it is proven well.`,
      advice: `Ask for another version: /rollback versions ${system.name}`,
    },
  ];
}

/** Only what is proven becomes last known good. */
const notWell = ({ release }: Target, reads: readonly HostRead[]): PlanProblem[] =>
  reads.flatMap((read) => [
    ...read.problems,
    ...read.findings
      .filter((finding) => !finding.ok)
      .map((finding) => ({
        host: read.site.host.name,
        what: `${finding.what} is ${finding.found}, and ${release.version} has ${finding.expected}`,
        advice: 'Only what is proven is recorded: mend it first',
      })),
  ]);
