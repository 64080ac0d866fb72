import { noRelease, type Recorded, type Release, type TreeFile } from '../../domain/release.ts';
import type { Asked } from '../../domain/runbook.ts';
import type { State } from '../../domain/state.ts';
import { ReleaseError } from '../../releases/error.ts';
import type { Mirror } from '../../releases/mirror.ts';
import type { Context } from '../context.ts';
import type { HostRead } from './read.ts';
import type { Target } from './where.ts';

/**
 * The release that is to run, with its files. What is last known good must also be had when the repository is gone: then what was
 * recorded of it is all there is. Throws ReleaseError.
 */
export async function targetOf(context: Context, state: State, asked: Asked, mirror: Mirror): Promise<Target> {
  const { system } = asked;
  const about = { rollback: state.id, system };
  if (asked.target === 'none' || asked.target === 'running') return { ...about, release: noRelease, tree: [] };
  const recorded = await context.proven.recorded(system.name, state.version);
  try {
    await mirror.fetch();
    return await exactly(context, about, mirror, await mirror.resolve(state.version), recorded);
  } catch (error) {
    if (asked.target !== 'last-proven' || !recorded || !(error instanceof ReleaseError)) throw error;
    return { ...about, release: recorded.release, tree: [], recorded };
  }
}

/** A target with its files and with what was recorded of it. */
export async function exactly(
  context: Context,
  about: Pick<Target, 'rollback' | 'system'>,
  mirror: Mirror,
  release: Release,
  known?: Recorded,
): Promise<Target> {
  const recorded = known ?? (await context.proven.recorded(about.system.name, release.version));
  const tree = await treeOf(mirror, release, recorded);
  return { ...about, release, tree, ...(recorded ? { recorded } : {}) };
}

/** An emergency is planned, proven and undone without the repository: what was recorded is enough for it. */
async function treeOf(mirror: Mirror, { commit }: Release, recorded: Recorded | undefined): Promise<TreeFile[]> {
  if (commit === noRelease.commit) return [];
  try {
    if (!(await mirror.isThere(commit))) await mirror.fetch(); // another worker's mirror may be older
    return await mirror.tree(commit);
  } catch (error) {
    if (!recorded || !(error instanceof ReleaseError)) throw error;
    return [];
  }
}

/** The release that hosts say they run: by tag, by commit, or by the tag of a package version. Undefined when the repository has none of that name. */
export async function runningRelease(mirror: Mirror, reads: readonly HostRead[]): Promise<Release | undefined> {
  const version = runningVersion(reads);
  for (const name of version === undefined ? [] : [version, `v${version}`]) {
    try {
      return await mirror.resolve(name);
    } catch (error) {
      if (!(error instanceof ReleaseError)) throw error;
    }
  }
  return undefined;
}

/** What most of production's hosts run, as they call it, or most of all where none is production; undefined when none can say. */
function runningVersion(reads: readonly HostRead[]): string | undefined {
  const production = reads.filter(({ site }) => site.role.production);
  const counts = new Map<string, number>();
  for (const { version } of (production.length > 0 ? production : reads).flatMap((read) => read.findings))
    if (version !== undefined) counts.set(version, (counts.get(version) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0];
}
