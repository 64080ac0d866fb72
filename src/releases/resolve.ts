import type { SimpleGit } from 'simple-git';
import { nearest } from '../domain/nearest.ts';
import type { Release } from '../domain/release.ts';
import type { ReleaseRules } from '../domain/system.ts';
import { fitsWildcard } from '../domain/wildcard.ts';
import { ReleaseError } from './error.ts';
import { listTags, logCommits, release } from './refs.ts';
import { checkVersionText, isCommitId, isCommitPrefix, isVersionText } from './version-text.ts';

/**
 * What somebody typed → exactly that release: a tag of that very name that fits the rules, else a commit by its hex digits.
 * Never a branch, never the nearest. Throws ReleaseError `version-malformed`, `version-unknown`, `version-ambiguous`.
 */
export async function resolveVersion(git: SimpleGit, rules: ReleaseRules, text: string): Promise<Release> {
  const version = checkVersionText(text);
  const tagCommit = fitsWildcard(version, rules.tags) ? await commitOfTag(git, version) : undefined;
  if (tagCommit !== undefined) {
    const [found] = await logCommits(git, ['-1', tagCommit]);
    return release(version, tagCommit, found?.date ?? '', found?.subject ?? '', rules);
  }
  return byCommit(git, rules, isCommitPrefix(version) ? await commitByPrefix(git, version.toLowerCase()) : undefined, version);
}

async function byCommit(git: SimpleGit, rules: ReleaseRules, commit: string | undefined, text: string): Promise<Release> {
  if (commit === undefined) throw await unknownVersion(git, rules, text);
  const [tag] = await listTags(git, rules, commit);
  if (tag) {
    const { annotation: _, ...rest } = tag;
    return rest;
  }
  const [found] = await logCommits(git, ['-1', commit]);
  return { version: await describeCommit(git, rules, commit), commit, date: found?.date ?? '', subject: found?.subject ?? '' };
}

/** The commit's tag, or `v0.2.0-3-gabc1234` from the newest tag below it, or its first digits; always safe text. */
export async function describeCommit(git: SimpleGit, rules: ReleaseRules, commit: string): Promise<string> {
  const [tag] = await listTags(git, rules, commit);
  if (tag) return tag.tag;
  const text = await git.raw(['describe', '--tags', '--always', '--abbrev=7', `--match=${rules.tags}`, commit]);
  return isVersionText(text.trim()) ? text.trim() : commit.slice(0, 7);
}

async function commitOfTag(git: SimpleGit, tag: string): Promise<string | undefined> {
  const answer = await git.raw(['rev-parse', '--verify', '--quiet', '--end-of-options', `refs/tags/${tag}^{commit}`]).catch(() => '');
  // Git 2.39 repeats `--end-of-options` on its own line.
  const id = answer.trim().split('\n').at(-1) ?? '';
  return isCommitId(id) ? id : undefined;
}

/** `--disambiguate` looks at objects only, so that a branch or tag that is named like a commit is never mistaken for it. */
async function commitByPrefix(git: SimpleGit, prefix: string): Promise<string | undefined> {
  const answer = await git.raw(['rev-parse', `--disambiguate=${prefix}`]);
  const ids = answer.split('\n').filter(isCommitId);
  const commits = [];
  for (const id of ids) if (await isReachableCommit(git, id)) commits.push(id);
  if (commits.length < 2) return commits[0];
  const names = commits.slice(0, 5).map((id) => id.slice(0, 12));
  const message = `“${prefix}” is the beginning of ${commits.length} commits: ${names.join(', ')}`;
  throw new ReleaseError('version-ambiguous', message, 'Give more digits', { nearest: names });
}

/** A commit that no branch or tag holds any more is not there for the hosts to fetch. */
async function isReachableCommit(git: SimpleGit, id: string): Promise<boolean> {
  if ((await git.raw(['cat-file', '-t', id])).trim() !== 'commit') return false;
  return (await git.raw(['for-each-ref', '--count=1', `--contains=${id}`, 'refs/heads', 'refs/tags'])) !== '';
}

async function unknownVersion(git: SimpleGit, rules: ReleaseRules, text: string): Promise<ReleaseError> {
  const tags = (await listTags(git, rules)).map(({ tag }) => tag);
  const near = nearest(text, tags);
  const shown = near.length > 0 ? near : tags.slice(0, 3);
  const advice = shown.length > 0 ? `Did you mean ${shown.join(', ')}?` : `The repository has no tag like ${rules.tags}; name a commit`;
  const short = text.length > 60 ? `${text.slice(0, 59)}…` : text;
  return new ReleaseError('version-unknown', `There is no release ${short}`, advice, { nearest: shown });
}
