import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory in which nothing may come to be. */
export function emptyDir(): { readonly dir: string; mustBeEmpty(): void; remove(): void } {
  const dir = mkdtempSync(join(tmpdir(), 'fuzz-empty-'));
  return {
    dir,
    mustBeEmpty: () => {
      const found = readdirSync(dir);
      if (found.length > 0) throw new Error(`a file was made: ${found.join(', ')}`);
    },
    remove: () => rmSync(dir, { recursive: true }),
  };
}
