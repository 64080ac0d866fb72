import { describe, expect, it } from 'vitest';
import type { Release } from '../../../src/domain/release.ts';
import { configurationDifferences } from '../../../src/jobs/plan/configuration.ts';
import type { Mirror } from '../../../src/releases/mirror.ts';
import { leastSystem } from '../../helpers/system.ts';

const release = (commit: string): Release => ({ version: commit, commit: commit.repeat(40), date: '', subject: '' });

/** What of these files of configuration is shown, by path. */
async function shown(diffs: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const mirror = {
    changedFiles: async () => Object.keys(diffs).map((path) => ({ path, change: 'M' as const })),
    diff: async (_from: string, _to: string, path: string) => diffs[path] ?? '',
  } as unknown as Mirror; // only these two are asked
  const base = leastSystem;
  const system = {
    ...base,
    files: { config: { name: 'config', dir: 'configs', names: ['*.json', '*.pem', '*.yaml'], ignore: [] } },
    backups: { dir: 'backups', manifest: 'M', staleAfterMs: 1, record: ['config'] },
  };
  const found = await configurationDifferences(mirror, system, release('b'), release('a'), (text) => text.replaceAll('hunter2hunter2', '•••'));
  return Object.fromEntries(found.map(({ path, diff }) => [path, diff]));
}

describe('differences of configuration', () => {
  it('are of recorded groups only, as they stand', async () => {
    const diff = '@@ -1 +1 @@\n-{ "max_position": 10 }\n+{ "max_position": 5 }';
    expect(await shown({ 'configs/sac.json': diff, 'src/code.py': '@@ -1 +1 @@\n-a\n+b' })).toEqual({ 'configs/sac.json': diff });
  });

  it('show no key, whole or in part, and no value of a secret', async () => {
    const said = await shown({
      'configs/tls.pem': '@@ -2 +2 @@\n-MIIEvQIBADANBg\n+MIIEvgIBADANBg',
      'configs/a.yaml': '@@ -1,4 +1,4 @@\n password: |\n-  correct horse\n+  battery staple\n-DB_PASS=x1\n+opts: --requirepass x2',
      'configs/b.yaml': `@@ -9 +9 @@\n-${'MIIEvQ'.repeat(9)}\n+known: hunter2hunter2`,
    });
    const text = JSON.stringify(said);
    for (const secret of ['MIIEv', 'correct', 'battery', 'x1', 'x2', 'hunter2']) expect(text).not.toContain(secret);
    expect(text).toContain('known: •••');
  });
});
