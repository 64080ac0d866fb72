import { defineConfig } from 'vitest/config';

const project = (name: string, testTimeout: number, fileParallelism: boolean) => ({
  test: { name, include: [`tests/${name}/**/*.test.ts`], testTimeout, hookTimeout: 600_000, fileParallelism, pool: 'forks' as const },
});

export default defineConfig({
  test: {
    projects: [
      project('unit', 30_000, true),
      project('integration', 60_000, true),
      project('e2e', 300_000, false),
      project('browser', 300_000, false),
      { test: { name: 'bench', include: [], benchmark: { include: ['tests/bench/**/*.bench.ts'] } } },
    ],
  },
});
