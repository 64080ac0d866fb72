import { defineConfig } from 'vitest/config';

/** `order`: quick tests first. Two files at a time, on any machine: hosts, Redis and ports are each file's own, and most of the time is waiting. */
const project = (name: string, order: number, testTimeout: number) => ({
  test: {
    name,
    include: [`tests/${name}/**/*.test.ts`],
    testTimeout,
    hookTimeout: 600_000,
    maxWorkers: 2,
    pool: 'forks' as const,
    sequence: { groupOrder: order },
  },
});

export default defineConfig({
  test: {
    silent: 'passed-only', // what a test prints is read when it fails
    projects: [
      project('unit', 0, 30_000),
      project('integration', 1, 60_000),
      project('e2e', 2, 300_000),
      project('browser', 3, 300_000),
      { test: { name: 'bench', include: [], benchmark: { include: ['tests/bench/**/*.bench.ts'] } } },
    ],
  },
});
