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
