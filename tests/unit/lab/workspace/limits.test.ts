import { describe, expect, it } from 'vitest';
import { readMetadata } from '../../../../lab/workspace/blockkit/metadata.ts';
import { timestamps } from '../../../../lab/workspace/ids.ts';
import { RateLimits } from '../../../../lab/workspace/ratelimits.ts';
import { SlackError } from '../../../../lab/workspace/slackerror.ts';
import { Triggers } from '../../../../lab/workspace/triggers.ts';

function refusalOf(run: () => unknown): SlackError | undefined {
  try {
    run();
    return undefined;
  } catch (error) {
    if (error instanceof SlackError) return error;
    throw error;
  }
}

const codeOf = (run: () => unknown) => refusalOf(run)?.code;

describe('trigger ids', () => {
  it('are good once, for three seconds', () => {
    let nowMs = 0;
    const triggers = new Triggers(() => nowMs);
    const [first, second] = [triggers.issue('U1', 'V1'), triggers.issue('U1')];
    expect(first).toMatch(/^\d+\.\d+\.[0-9a-f]{32}$/);
    nowMs = 3000;
    expect(triggers.exchange(first)).toMatchObject({ userId: 'U1', viewId: 'V1' });
    expect(codeOf(() => triggers.exchange(first))).toBe('exchanged_trigger_id');
    nowMs = 3001;
    expect(codeOf(() => triggers.exchange(second))).toBe('expired_trigger_id');
    expect(codeOf(() => triggers.exchange('1.2.x'))).toBe('invalid_trigger_id');
  });
});

describe('rate limits', () => {
  it('take a burst, then the rate', () => {
    let nowMs = 0;
    const limits = new RateLimits(() => nowMs);
    const post = () => codeOf(() => limits.take('C1', 3, 60));
    expect([post(), post(), post(), post()]).toEqual([undefined, undefined, undefined, 'ratelimited']);
    expect(codeOf(() => limits.take('C2', 3, 60))).toBeUndefined();
    nowMs = 1000;
    expect([post(), post()]).toEqual([undefined, 'ratelimited']);
    nowMs = 60_000;
    expect([post(), post(), post(), post()]).toEqual([undefined, undefined, undefined, 'ratelimited']);
  });

  it('say in whole seconds how long to wait', () => {
    const limits = new RateLimits(() => 0);
    limits.take('C1', 1, 20);
    expect(refusalOf(() => limits.take('C1', 1, 20))?.retryAfterS).toBe(3);
  });
});

describe('message metadata', () => {
  it('takes scalars, flat objects and lists of them', () => {
    const value = { event_type: 'rollback_announced', event_payload: { id: 'sac-42', n: 1, ok: true, o: { a: 'b' }, l: ['a', { b: 1 }] } };
    expect(readMetadata(value)).toEqual(value);
  });

  it.each<[string, unknown, string]>([
    ['no payload', { event_type: 'a' }, 'invalid_metadata_format'],
    ['no type', { event_payload: {} }, 'invalid_metadata_format'],
    ['a type with spaces', { event_type: 'a b', event_payload: {} }, 'invalid_metadata_format'],
    ['other fields', { event_type: 'a', event_payload: {}, id: 1 }, 'invalid_metadata_format'],
    ['null in the payload', { event_type: 'a', event_payload: { a: null } }, 'invalid_metadata_schema'],
    ['objects in objects', { event_type: 'a', event_payload: { a: { b: { c: 1 } } } }, 'invalid_metadata_schema'],
    ['too much', { event_type: 'a', event_payload: { a: 'x'.repeat(16_001) } }, 'metadata_too_large'],
  ])('refuses %s', (_name, value, code) => {
    expect(codeOf(() => readMetadata(value))).toBe(code);
  });
});

describe('timestamps', () => {
  it('never repeat, also when the clock goes back', () => {
    let nowMs = 1_700_000_000_000;
    const next = timestamps(() => nowMs);
    const first = next();
    nowMs -= 5000;
    expect([first, next(), next()]).toEqual(['1700000000.000000', '1700000000.000001', '1700000000.000002']);
  });
});
