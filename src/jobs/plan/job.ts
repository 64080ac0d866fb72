import type { Fact } from '../../domain/event.ts';
import type { PlanProblem } from '../../domain/plan.ts';
import { refuse } from '../../domain/refusal.ts';
import type { Release } from '../../domain/release.ts';
import type { State } from '../../domain/state.ts';
import type { System } from '../../domain/system.ts';
import { ReleaseError } from '../../releases/error.ts';
import type { Mirror } from '../../releases/mirror.ts';
import { medianAffected } from '../../store/proven.ts';
import { FillError } from '../../systems/fill.ts';
import { type Context, systemOf } from '../context.ts';
import { buildPlan, buildWork, type Known, runningVersion } from './build.ts';
import { type HostRead, readHost } from './read.ts';
import { type PlacedStep, placeSteps, sitesOf } from './sites.ts';
import type { Target } from './where.ts';

/** Reads repository and hosts of a rollback that was asked for, and appends its plan, or everything that stands in its way. */
export async function planRollback(context: Context, id: string): Promise<void> {
  const state = await context.log.load(id);
  if (state?.status !== 'reading') return;
  const fact = await planOrProblems(context, state);
  await context.log.decide(id, (now) => (now.status === 'reading' ? [fact] : refuse('over', `${id} is not being read any more.`, '')));
}

async function planOrProblems(context: Context, state: State): Promise<Fact> {
  try {
    return await plan(context, state);
  } catch (error) {
    if (error instanceof ReleaseError || error instanceof FillError)
      return { type: 'unplannable', problems: [{ what: error.message, advice: error.advice }] };
    throw error;
  }
}

async function plan(context: Context, state: State): Promise<Fact> {
  const system = systemOf(context, state.system);
  const mirror = context.mirror(system);
  await mirror.fetch();
  const release = await mirror.resolve(state.version);
  const target: Target = { rollback: state.id, system, release, tree: await mirror.tree(release.commit) };
  const placed = placeSteps(system, context.stepKinds);
  const reads = await Promise.all(
    sitesOf(system).map((site) =>
      readHost(
        target,
        site,
        placed.filter((step) => step.sites.some(({ host }) => host.name === site.host.name)),
        context.proofKinds,
        context.hosts,
      ),
    ),
  );
  const built = buildWork(target, placed, reads);
  const problems = [...built.problems, ...nothingToDo(target, reads)];
  if (problems.length > 0) return { type: 'unplannable', problems };
  const facts = await known(context, mirror, system, release, reads);
  const made = buildPlan(target, state.variant, placed, reads, built, facts, versionsOf(context, placed));
  return { type: 'planned', digest: await context.plans.save(made), outline: made.outline };
}

/** The version of every kind that the plan is made with: another version would plan or prove differently. */
function versionsOf({ proofKinds }: Context, placed: readonly PlacedStep[]): Record<string, number> {
  const proofs = Object.values(proofKinds).map(({ key, version }) => [`proof ${key}`, version]);
  return Object.fromEntries([...placed.map(({ kind }) => [kind.key, kind.version]), ...proofs]);
}

function nothingToDo(target: Target, reads: readonly HostRead[]): PlanProblem[] {
  const isThereAlready = reads.length > 0 && reads.every(({ findings }) => findings.length > 0 && findings.every((finding) => finding.ok));
  if (!isThereAlready) return [];
  return [
    {
      what: `All hosts run ${target.release.version} already, and it is proven well.`,
      advice: `Ask for another version: /rollback versions ${target.system.name}`,
    },
  ];
}

async function known(context: Context, mirror: Mirror, system: System, release: Release, reads: readonly HostRead[]): Promise<Known> {
  const from = await releaseOf(mirror, runningVersion(reads));
  const proven = await context.proven.list(system.name);
  const estimate = system.affectedMs === undefined ? undefined : { ms: system.affectedMs, measured: 0 };
  return {
    from,
    commits: from ? await mirror.commitsBetween(release.commit, from.commit) : [],
    affected: medianAffected(proven) ?? estimate,
    lastProvenAt: proven.findLast((one) => one.version === release.version)?.at,
  };
}

/** The release that hosts say they run: by tag, by commit, or by the tag of a package version. */
async function releaseOf(mirror: Mirror, version: string | undefined): Promise<Release | undefined> {
  for (const name of version === undefined ? [] : [version, `v${version}`]) {
    try {
      return await mirror.resolve(name);
    } catch (error) {
      if (!(error instanceof ReleaseError)) throw error;
    }
  }
  return undefined;
}
