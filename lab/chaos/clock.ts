import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The wall clock of one process, which can jump while it runs. */
export interface Clock {
  /** What makes the process take its time from here. Empty where libfaketime is missing: then {@link jump} has no effect. */
  readonly env: Readonly<Record<string, string>>;
  readonly canJump: boolean;
  /** From within a second on, the process sees a time so many seconds after (or before) the real one; 0 is the real one. Monotonic time goes on. */
  jump(seconds: number): void;
}

const library = findLibrary();

/** A clock kept in `file`, by libfaketime: it is loaded into the process and looks at the file once a second. */
export function clockIn(file: string): Clock {
  const jump = (seconds: number): void => writeFileSync(file, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  jump(0);
  if (library === undefined) return { env: {}, canJump: false, jump };
  const env = { LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: file, FAKETIME_CACHE_DURATION: '0', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  return { env, canJump: true, jump };
}

/** Debian and Fedora keep it below the machine's own library directory. */
function findLibrary(): string | undefined {
  const dirs = ['/usr/lib', '/usr/lib64'].flatMap((dir) => [dir, ...(existsSync(dir) ? readdirSync(dir).map((name) => join(dir, name)) : [])]);
  return dirs.map((dir) => join(dir, 'faketime', 'libfaketime.so.1')).find((path) => existsSync(path));
}
