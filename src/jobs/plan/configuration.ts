import type { FileDifference } from '../../domain/plan.ts';
import type { Release } from '../../domain/release.ts';
import type { System } from '../../domain/system.ts';
import { ReleaseError } from '../../releases/error.ts';
import type { Mirror } from '../../releases/mirror.ts';
import { nameOf, plainDir } from '../../steps/patterns.ts';
import { secretsIn } from '../../systems/secrets.ts';

/** More files, and more of one file, are not read by anybody before an approval. */
const most = { files: 12, chars: 4000 };

/** How the files of configuration differ between what runs and what will run, as the repository knows them: recorded groups, compose files, dependencies. */
export async function configurationDifferences(mirror: Mirror, system: System, from: Release, release: Release): Promise<FileDifference[]> {
  try {
    const changed = await mirror.changedFiles(from.commit, release.commit);
    const paths = changed.map(({ path }) => path).filter((path) => isConfiguration(system, path));
    const differences = paths.slice(0, most.files).map(async (path) => ({ path, diff: shown(await mirror.diff(from.commit, release.commit, path)) }));
    const more = paths.length - most.files;
    return [...(await Promise.all(differences)), ...(more > 0 ? [{ path: `and ${more} more files`, diff: '' }] : [])];
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    return []; // without its repository an emergency goes on, and says less
  }
}

/** Whether a file of the repository is configuration, as far as the system file says. */
function isConfiguration({ release, roles, files, backups }: System, path: string): boolean {
  const named = [...release.dependencies, ...Object.values(roles).flatMap(({ compose }) => [compose?.file, compose?.envExample])];
  if (named.includes(path)) return true;
  return (backups?.record ?? []).some((group) => {
    const { dir = '', names = [] } = files[group] ?? {};
    const prefix = plainDir(dir) === '.' ? '' : `${plainDir(dir)}/`;
    return path.startsWith(prefix) && nameOf(names, path.slice(prefix.length)) !== undefined;
  });
}

/** A line that looks like a secret is not shown, wherever it was committed. */
function shown(diff: string): string {
  const lines = diff.split('\n').map((line) => (secretsIn(line).length > 0 ? `${line.slice(0, 1)} ••• (looks like a secret)` : line));
  const text = lines.join('\n');
  return text.length <= most.chars ? text : `${text.slice(0, most.chars)}\n… ${text.length - most.chars} more characters`;
}
