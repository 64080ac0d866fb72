/** A mistake in a system file, where it is (line and column count from 1), and what to do about it. */
export interface FileProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly advice: string;
}

/** `systems/sac.yaml:12:5: “hots” is not known here — Did you mean hosts?` */
export function formatProblem({ file, line, column, message, advice }: FileProblem): string {
  return `${file}:${line}:${column}: ${message} — ${advice}`;
}

/** A mistake before its place in the file is looked up: `at` is the path to the value, or to its key. */
export interface Mistake {
  readonly path: readonly PropertyKey[];
  readonly at?: 'key' | 'value';
  /** Text inside the value that is the mistake. */
  readonly piece?: string;
  readonly message: string;
  readonly advice: string;
}

/** What a file holds, made fit for a message: one line, at most 60 characters. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  const line = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return `“${line.length > 60 ? `${line.slice(0, 59)}…` : line}”`;
}

/** “Did you mean a or b?”, or, where nothing is near, all there is. */
export function didYouMean(near: readonly string[], all: readonly string[]): string {
  if (near.length > 0) return `Did you mean ${near.join(' or ')}?`;
  return all.length > 0 ? `There is ${all.join(', ')}` : 'There is none yet';
}
