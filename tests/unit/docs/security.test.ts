import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);

it.each(['docs/security.md', 'README.md'])('every test that %s names is there', (page) => {
  const named = readFileSync(new URL(page, root), 'utf8').match(/tests\/[\w/-]+(\.test\.ts|\/)/g) ?? [];
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((path) => !existsSync(new URL(path, root)))).toEqual([]);
});

it('every attack in docs/security.md has what stops it and a test', () => {
  const page = readFileSync(new URL('docs/security.md', root), 'utf8');
  const rows = page
    .slice(page.indexOf('## Attacks and mistakes'))
    .split('\n')
    .filter((line) => line.startsWith('|') && !/^\| (---|attack or mistake)/.test(line));
  expect(rows.length).toBeGreaterThan(60);
  expect(rows.filter((row) => row.split(' | ').length !== 3 || !row.includes('.test.ts'))).toEqual([]);
});
