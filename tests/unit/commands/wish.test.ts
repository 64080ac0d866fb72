import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { variantNames, wishOf } from '../../../src/commands/wish.ts';
import type { System, Variant } from '../../../src/domain/system.ts';
import { leastSystem } from '../../helpers/system.ts';

const variant = (name: string, target: Variant['target']): Variant => ({ name, about: name, target, byHand: false, runbook: [], proof: {} });
const system: System = {
  ...leastSystem,
  variants: {
    'production-first': variant('production-first', 'asked'),
    emergency: variant('emergency', 'last-proven'),
    remove: variant('remove', 'none'),
  },
};

describe('what stands after the system', () => {
  it.each([
    ['v0.1.0', { version: 'v0.1.0', variant: 'normal', symptoms: '' }],
    ['v0.1.0 orders rejected', { version: 'v0.1.0', variant: 'normal', symptoms: 'orders rejected' }],
    ['v0.1.0 production-first orders rejected', { version: 'v0.1.0', variant: 'production-first', symptoms: 'orders rejected' }],
    ['production-first v0.1.0 orders', { version: 'v0.1.0', variant: 'production-first', symptoms: 'orders' }],
    ['emergency', { variant: 'emergency', symptoms: '' }],
    ['emergency orders rejected', { variant: 'emergency', symptoms: 'orders rejected' }],
    ['emergency v0.1.O', { version: 'v0.1.O', variant: 'emergency', symptoms: '' }],
    ['remove the agent', { variant: 'remove', symptoms: 'the agent' }],
    ['record', { variant: 'record', symptoms: '' }],
  ])('%s', (text, expected) => expect(wishOf(system, text.split(' '))).toEqual(expected));

  it.each([
    ['emergancy', 'variant-unknown', 'Did you mean emergency?'],
    ['production-first', 'malformed', '/rollback sac <version> production-first'],
    ['', 'malformed', '/rollback versions sac'],
  ])('%s is refused, with what to type instead', (text, code, advice) =>
    expect(wishOf(system, text.split(' '))).toMatchObject({ code, advice: expect.stringContaining(advice) }),
  );

  it('is only ever a variant that there is, whatever was typed', () => {
    const words = fc.array(fc.oneof(fc.string(), fc.constantFrom('emergency', 'remove', 'v0.1.0', 'constructor', '__proto__', 'normal')), {
      maxLength: 4,
    });
    fc.assert(
      fc.property(words, (typed) => {
        const wish = wishOf(system, typed);
        if (!('code' in wish)) expect(variantNames(system)).toContain(wish.variant);
      }),
    );
  });
});
