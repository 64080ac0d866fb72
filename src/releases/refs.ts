import semver from 'semver';
import type { SimpleGit } from 'simple-git';
import type { Commit, Release } from '../domain/release.ts';
import type { ReleaseRules } from '../domain/system.ts';
import { fitsWildcard } from '../domain/wildcard.ts';
import { records } from './git.ts';
import { isVersionText, packageVersion } from './version-text.ts';

/** A tag as lists show it; `annotation` is the first line of an annotated tag's own message. */
export type TaggedRelease = Release & { readonly tag: string; readonly annotation?: string };

const commitFormat = '%H%x00%an%x00%cI%x00%s';

/** Commits as `git log` gives them for these arguments, which must be checked: ids and our own refs only. */
export async function logCommits(git: SimpleGit, args: readonly string[]): Promise<Commit[]> {
  const text = await git.raw(['log', '-z', `--format=${commitFormat}`, ...args]);
  return records(text, 4).map(([commit = '', author = '', date = '', subject = '']) => ({ commit, author, date, subject }));
}

const tagFields = [
  'refname:strip=2',
  'objecttype',
  'objectname',
  'committerdate:iso-strict',
  'subject',
  '*objecttype',
  '*objectname',
  '*committerdate:iso-strict',
  '*subject',
];

/**
 * The tags that are releases by the system's rules, newest version first, prereleases below their release, tags without a
 * version in them last. A tag whose name could not be typed safely is none: git allows `v1;id` and `v1$(id)`.
 */
export async function listTags(git: SimpleGit, rules: ReleaseRules, pointsAt?: string): Promise<TaggedRelease[]> {
  const format = tagFields.map((field) => `%(${field})%00`).join('');
  const only = pointsAt === undefined ? [] : [`--points-at=${pointsAt}`];
  const text = await git.raw(['for-each-ref', ...only, `--format=${format}`, 'refs/tags']);
  return records(text, tagFields.length)
    .flatMap((fields) => tagged(fields, rules))
    .sort(newestFirst);
}

function tagged(fields: string[], rules: ReleaseRules): TaggedRelease[] {
  const [name = '', type, id = '', date = '', subject = '', innerType, innerId = '', innerDate = '', innerSubject = ''] = fields;
  const tag = name.trim();
  if (!isVersionText(tag) || !fitsWildcard(tag, rules.tags)) return [];
  if (type === 'commit') return [release(tag, id, date, subject, rules)];
  return innerType === 'commit' ? [{ ...release(tag, innerId, innerDate, innerSubject, rules), annotation: subject }] : [];
}

/** A release with a tag; its version is the tag. */
export function release(tag: string, commit: string, date: string, subject: string, rules: ReleaseRules): TaggedRelease {
  const version = packageVersion(tag, rules.package !== undefined);
  return { version: tag, tag, commit, date, subject, ...(version !== undefined && { packageVersion: version }) };
}

function newestFirst(a: Release, b: Release): number {
  const [left, right] = [versionOf(a.version), versionOf(b.version)];
  if (left && right) return semver.rcompare(left, right) || b.date.localeCompare(a.date);
  if (left || right) return left ? -1 : 1;
  return b.date.localeCompare(a.date);
}

const versionOf = (tag: string) => semver.parse(tag) ?? semver.coerce(tag, { includePrerelease: true });
