import { ReleaseError } from './error.ts';

const maxLength = 200;
/** Letters, digits and `. _ + / -`, starting with a letter or digit: nothing here means anything to git's revision syntax, a shell or Slack. */
const allowed = /^[A-Za-z0-9][A-Za-z0-9._+/-]*$/;
/** What `git check-ref-format` refuses of the names that `allowed` lets through. */
const notARefName = /\.\.|\/\/|\/\.|\.$|\/$|\.lock(\/|$)/;

/** True when this text may be looked up as a tag: the whitelist that everything from outside passes before git sees it. */
export function isVersionText(text: string): boolean {
  return text.length <= maxLength && allowed.test(text) && !notARefName.test(text);
}

/** The text itself when it may be looked up. Throws ReleaseError `version-malformed`, which shows it safely. */
export function checkVersionText(text: string): string {
  if (isVersionText(text)) return text;
  if (text === '') throw malformed('No version was given', 'Name a tag or a commit: v0.1.0');
  throw malformed(`“${shownSafely(text)}” cannot be a version`, 'Name a tag (v0.1.0) or a commit by 7 to 40 hex digits');
}

/** True for 7 to 40 hex digits, which may name a commit. */
export const isCommitPrefix = (text: string): boolean => /^[0-9a-fA-F]{7,40}$/.test(text);

/** True for a whole commit id, 40 lower-case hex digits. */
export const isCommitId = (text: string): boolean => /^[0-9a-f]{40}$/.test(text);

/** Hostile text made fit for a message: control and format characters, backticks and `<>&@` removed, cut to 60 characters. */
export function shownSafely(text: string): string {
  const clean = [...text.slice(0, 1000).replace(/[\p{C}\p{Zl}\p{Zp}`<>&@]/gu, '')];
  return clean.length > 60 ? `${clean.slice(0, 59).join('')}…` : clean.join('');
}

/** The package version of a tag: `0.1.0` for `v0.1.0`; any other tag as it is, where the system has a package at all. */
export function packageVersion(tag: string, hasPackage: boolean): string | undefined {
  if (/^v\d/.test(tag)) return tag.slice(1);
  return hasPackage ? tag : undefined;
}

const malformed = (message: string, advice: string) => new ReleaseError('version-malformed', message, advice);
