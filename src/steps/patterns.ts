import { raw, type Sh, sh } from '../domain/sh.ts';
import type { FileGroup } from '../domain/system.ts';
import { fitsWildcard } from '../domain/wildcard.ts';

/** A group's directory without `./`, doubled and last slashes; `.` is the role's directory itself. */
export function plainDir(dir: string): string {
  const parts = dir.split('/').filter((part) => part !== '' && part !== '.');
  return dir.startsWith('/') ? `/${parts.join('/')}` : parts.join('/') || '.';
}

/** True for a name that holds `*` or `?`, or ends in `/`: which files it means is known on the host only. */
export const isPattern = (name: string): boolean => /[*?]|\/$/.test(name);

/** The parts of a group that lead out of its directory, or mean the whole disk: absolute names, `..`, `/`. */
export function strayParts({ dir, names }: Pick<FileGroup, 'dir' | 'names'>): string[] {
  const up = (text: string) => text.split('/').includes('..');
  const strays = names.filter((name) => name.startsWith('/') || up(name) || segmentsOf(name).length === 0);
  return up(dir) || plainDir(dir) === '/' ? [dir, ...strays] : strays;
}

const segmentsOf = (name: string): string[] => name.split('/').filter((part) => part !== '' && part !== '.');

/**
 * Prints, separated by NUL and not sorted, everything in the current directory that the names mean: `./sac_agent.py`. `*` and `?` match as in sh: no
 * slash, and no dot at the beginning of a name. A name that ends in `/` means that directory with all that is in it, or a link of that name; other
 * names mean directories too, so that whoever asks can refuse them. find never follows a link, and stays on the file system.
 */
export function findNamed(names: readonly string[], ignore: readonly string[] = []): Sh {
  const finds = names.filter((name) => segmentsOf(name).length > 0).map((name) => findOne(name, ignore));
  return finds.length === 0 ? sh`:` : finds.reduce((all, one) => sh`${raw(all)} && ${raw(one)}`);
}

function findOne(name: string, ignore: readonly string[]): Sh {
  const segments = segmentsOf(name);
  const depth = segments.length;
  const hidden = segments.flatMap((part, i) => (/^[*?]/.test(part) ? [`./${segments.map((_, j) => (i === j ? '.*' : '*')).join('/')}`] : []));
  const skip = [...hidden, ...ignore.flatMap((part) => [`*/${escaped(part)}`, `*/${escaped(part)}/*`])].map((path) => sh` ! -path ${path}`);
  // At one depth as many slashes are in the path as in the pattern, so that no * can match one.
  const find = sh`LC_ALL=C find . -mindepth ${depth} -maxdepth ${depth} -path ${`./${segments.map(kept).join('/')}`}${raw(skip.join(''))}`;
  return name.endsWith('/') ? sh`${raw(find)} -type l -print0 && ${raw(find)} -type d -exec find {} -xdev -print0 ';'` : sh`${raw(find)} -print0`;
}

/** For find, which also reads `[` and a backslash as its own. */
const kept = (part: string): string => part.replaceAll(/[[\\]/g, '\\$&');
const escaped = (part: string): string => part.replaceAll(/[[\\*?]/g, '\\$&');

/** The first of the names that means this path (relative to the group's directory), as {@link findNamed} would find it. */
export function nameOf(names: readonly string[], path: string): string | undefined {
  const segments = bytes(path).split('/');
  return names.find((name) => {
    const wanted = segmentsOf(bytes(name));
    if (wanted.length === 0 || segments.length < wanted.length) return false;
    if (segments.length > wanted.length && !name.endsWith('/')) return false;
    return wanted.every((part, i) => matches(part, segments[i] ?? ''));
  });
}

/** As in the C locale: one `?` is one byte. */
const bytes = (text: string): string => Buffer.from(text).toString('latin1');

function matches(part: string, text: string): boolean {
  if (/^[*?]/.test(part) && text.startsWith('.')) return false;
  return fitsWildcard(text, part);
}
