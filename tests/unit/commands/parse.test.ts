import { describe, expect, it } from 'vitest';
import { parse } from '../../../src/commands/parse.ts';

describe('parse', () => {
  it.each([
    ['', { type: 'help' }],
    ['  help  ', { type: 'help' }],
    ['status', { type: 'status' }],
    ['status sac-42', { type: 'status', of: 'sac-42' }],
    ['versions sac', { type: 'versions', system: 'sac' }],
    ['sac', { type: 'versions', system: 'sac' }],
    ['SAC v0.1.0', { type: 'request', system: 'sac', words: ['v0.1.0'], dryRun: false }],
    ['sac v0.1.0 orders  rejected', { type: 'request', system: 'sac', words: ['v0.1.0', 'orders', 'rejected'], dryRun: false }],
    ['sac v0.1.0 --dry-run', { type: 'request', system: 'sac', words: ['v0.1.0'], dryRun: true }],
    ['sac —dry-run remove', { type: 'request', system: 'sac', words: ['remove'], dryRun: true }],
    ['sac --upload-pack=x', { type: 'request', system: 'sac', words: ['--upload-pack=x'], dryRun: false }],
    ['undo sac-42', { type: 'undo', rollback: 'sac-42' }],
    ['drill staging v0.1.0', { type: 'drill', system: 'staging', version: 'v0.1.0' }],
  ])('reads %j', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it('refuses what is too long with what to type', () => {
    expect(parse('x'.repeat(5000))).toMatchObject({ code: 'malformed', advice: expect.stringContaining('/rollback sac v0.1.0') });
    for (const unfinished of ['versions', 'undo', 'drill']) expect(parse(unfinished)).toMatchObject({ code: 'malformed' });
  });
});
