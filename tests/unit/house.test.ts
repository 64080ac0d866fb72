import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const root = new URL('../..', import.meta.url).pathname;

/** What a check prints when it fails; nothing when it passes. */
const complaints = (program: string, ...args: string[]): Promise<string> =>
  run(program, args, { cwd: root, maxBuffer: 1 << 24 }).then(
    () => '',
    (error: { stdout?: string; stderr?: string }) => `${error.stdout}${error.stderr}`,
  );

describe('the house is in order', () => {
  it('types', async () => {
    expect(await complaints('node_modules/.bin/tsc', '-p', '.')).toBe('');
  }, 180_000);

  it('style, who may import whom, no circle', async () => {
    expect(await complaints('node_modules/.bin/biome', 'check', '.')).toBe('');
  }, 180_000);

  it('the schema and the reference are as the schemas in the code say', async () => {
    expect(await complaints(process.execPath, '--import', 'tsx', 'scripts/docs.ts', '--check')).toBe('');
  }, 180_000);
});
