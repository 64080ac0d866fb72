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
export async function configurationDifferences(
  mirror: Mirror,
  system: System,
  from: Release,
  release: Release,
  mask: (text: string) => string,
): Promise<FileDifference[]> {
  try {
    const changed = await mirror.changedFiles(from.commit, release.commit);
    const paths = changed.map(({ path }) => path).filter((path) => isConfiguration(system, path));
    const differences = paths
      .slice(0, most.files)
      .map(async (path) => ({ path, diff: shown(path, mask(await mirror.diff(from.commit, release.commit, path))) }));
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

/** Files that are secrets by their names. */
const keyFile = /\.(pem|key|p12|pfx|jks|asc|gpg)$|(^|\/)(id_\w+|\.netrc|\.pgpass|\.htpasswd)$/i;
/** A long run of base64 or hex: the body of a key, of which only its head would look like one. */
const looksEncoded = /[A-Za-z0-9+/=_-]{40,}/;
/** A name that says that its value is nobody's business. */
const secretName = /pass(word|wd|phrase)?\b|passw|secret|token|credential|private|api[_-]?key/i;

/** What differs, without what looks like a secret, wherever that was committed: of configuration people need to see what changes, not every value. */
function shown(path: string, diff: string): string {
  const whole = diff.replace(/^[-+ ]/gm, '');
  if (keyFile.test(path) || /PRIVATE KEY/.test(diff)) return diff === '' ? '' : '(a key: its lines are not shown)';
  const found = new Set(secretsIn(whole).map(({ offset }) => whole.slice(0, offset).split('\n').length - 1));
  let under: number | undefined; // how far a name is indented whose value stands on the lines below it
  const lines = diff.split('\n').map((line, i) => {
    if (line.startsWith('@@')) return line;
    const indent = line.slice(1).search(/\S/);
    if (under !== undefined && indent >= 0 && indent <= under) under = undefined;
    const isHidden = under !== undefined || found.has(i) || looksEncoded.test(line) || secretName.test(line);
    if (under === undefined && secretName.test(line) && /[:=]\s*[|>]?[-+]?\s*$/.test(line)) under = indent;
    return isHidden ? `${line.slice(0, 1)} ••• (may be a secret)` : line;
  });
  const text = lines.join('\n');
  return text.length <= most.chars ? text : `${text.slice(0, most.chars)}\n… ${text.length - most.chars} more characters`;
}
