/** A version of a system, as the repository knows it. */
export interface Release {
  /** What people call it: the tag, or the describe of a commit. */
  readonly version: string;
  readonly tag?: string;
  /** 40 hex digits. */
  readonly commit: string;
  /** ISO 8601, of the commit. */
  readonly date: string;
  readonly subject: string;
  /** `0.1.0` for the tag `v0.1.0`. */
  readonly packageVersion?: string;
}

/** A commit that the rollback undoes. */
export interface Commit {
  readonly commit: string;
  readonly author: string;
  readonly date: string;
  readonly subject: string;
}

/** One file of a release's tree: git's mode and blob id, path from the repository's root. */
export interface TreeFile {
  readonly path: string;
  readonly mode: '100644' | '100755' | '120000' | '160000';
  readonly blob: string;
}

/** What a release was made of when it was proven, or when somebody asked for it to be recorded. Times in milliseconds since 1970. */
export interface Recorded {
  readonly release: Release;
  readonly at: number;
  /** The rollback that proved it. */
  readonly rollback: string;
  readonly hosts: Readonly<Record<string, HostRecord>>;
}

/** What one host had of a release. */
export interface HostRecord {
  /** The commit checked out there, where there is a clone. */
  readonly commit?: string;
  readonly image?: { readonly reference: string; readonly id: string };
  /** `pip freeze`, a package a line. */
  readonly packages?: readonly string[];
  /** SHA-256 by path, of the files that backups record. */
  readonly files?: Readonly<Record<string, string>>;
  /** The folder into which they were copied. */
  readonly backup?: string;
}

/** Stands for the target of a variant that has none. */
export const noRelease: Release = { version: 'nothing', commit: '0'.repeat(40), date: '', subject: '' };
