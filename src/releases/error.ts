/** What can go wrong between a version somebody typed and a commit of the repository. */
export type ReleaseErrorCode =
  | 'version-malformed'
  | 'version-unknown'
  | 'version-ambiguous'
  | 'commit-unknown'
  | 'repository-unreachable'
  | 'repository-slow'
  | 'mirror-broken';

/** A version or repository that cannot be used. `message` is safe to show, `advice` says what to do next, `nearest` what may have been meant. */
export class ReleaseError extends Error {
  readonly code: ReleaseErrorCode;
  readonly advice: string;
  readonly nearest: readonly string[];
  constructor(code: ReleaseErrorCode, message: string, advice: string, options: ErrorOptions & { nearest?: readonly string[] } = {}) {
    super(message, options);
    this.name = 'ReleaseError';
    this.code = code;
    this.advice = advice;
    this.nearest = options.nearest ?? [];
  }
}
