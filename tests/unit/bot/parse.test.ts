import { describe, expect, it } from 'vitest';
import { parse } from '../../../src/bot/parse.ts';

describe('parse', () => {
  it.each([
    ['', { type: 'help' }],
    ['  help  ', { type: 'help' }],
    ['status', { type: 'status' }],
    ['status sac-42', { type: 'status', of: 'sac-42' }],
    ['versions sac', { type: 'versions', system: 'sac' }],
    ['sac', { type: 'versions', system: 'sac' }],
    ['SAC v0.1.0', { type: 'request', system: 'sac', version: 'v0.1.0', symptoms: '' }],
    ['sac v0.1.0 orders  rejected', { type: 'request', system: 'sac', version: 'v0.1.0', symptoms: 'orders rejected' }],
    ['sac --upload-pack=x', { type: 'request', system: 'sac', version: '--upload-pack=x', symptoms: '' }],
  ])('reads %j', (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it('refuses what is too long with what to type', () => {
    expect(parse('x'.repeat(5000))).toMatchObject({ code: 'malformed', advice: expect.stringContaining('/rollback sac v0.1.0') });
    expect(parse('versions')).toMatchObject({ code: 'malformed' });
  });
});
