import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { proofKinds } from '../../../src/proofs/index.ts';
import { stepKinds } from '../../../src/steps/index.ts';
import { loadSystems } from '../../../src/systems/load.ts';

const root = new URL('../../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const pages = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(new URL('docs/', root), { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
].filter((name) => name.endsWith('.md'));
const matches = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found]) => found ?? '');

describe('what the pages say is there', () => {
  it.each(pages)('%s links to files that exist', (page) => {
    const links = matches(read(page), /\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g);
    expect(links.filter((link) => !existsSync(new URL(link, new URL(page, root))))).toEqual([]);
  });

  it.each(pages)('%s names files and directories that exist', (page) => {
    const named = matches(read(page), /`((?:src|lab|tests|systems|docs)\/[\w./-]*)`/g);
    expect(named.filter((name) => !existsSync(new URL(name, root)) && name !== 'systems/shop.yaml')).toEqual([]);
  });

  it.each(pages)('%s names scripts that package.json has', (page) => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    expect(matches(read(page), /npm run ([\w:]+)/g).filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});

it('every dependency has its reason in docs/decisions/0001-dependencies.md', () => {
  const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
  const given = matches(read('docs/decisions/0001-dependencies.md'), /^\| (@?[a-z][\w/-]*) \|/gm).filter((name) => name !== 'package');
  expect(given.sort()).toEqual(Object.keys(dependencies).sort());
});

it('the first system file of docs/install.md is one', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'rollback-docs-'));
  try {
    const yaml =
      [...read('docs/install.md').matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => text ?? '').find((text) => text.includes('system: shop')) ??
      '';
    await writeFile(join(dir, 'shop.yaml'), yaml);
    const { systems, problems } = await loadSystems(dir, { steps: stepKinds, proofs: proofKinds });
    expect(problems).toEqual([]);
    expect(Object.keys(systems)).toEqual(['shop']);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
});
