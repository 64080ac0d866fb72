import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nearest } from '../../../src/domain/nearest.ts';
import { fitsWildcard } from '../../../src/domain/wildcard.ts';
import { ReleaseError } from '../../../src/releases/error.ts';
import { checkVersionText, isVersionText, packageVersion, shownSafely } from '../../../src/releases/version-text.ts';

const hostile = [
  '--upload-pack=x',
  'v0.1.0; touch /tmp/x',
  '$(id)',
  '`id`',
  '',
  'v'.repeat(5000),
  '@here',
  '<!channel>',
  'a..b',
  'v1@{1}',
  '-x',
  'v1\0',
  'v1\n',
  'v1\n--output=x',
  ' v1',
  'v1^{}',
  'v1~1',
  'v1:path',
  'v1*',
  'v\u03bf.1.0',
  'v0\u2024 1.0',
  'v0.1.0\u202e',
  'v1.lock',
  'a//b',
  'a/.b',
  'v1.',
  'v1/',
  '../x',
  '/etc/passwd',
];

describe('text from outside', () => {
  test.each(hostile)('is refused: %j', (text) => {
    expect(isVersionText(text)).toBe(false);
    expect(() => checkVersionText(text)).toThrow(ReleaseError);
  });

  test.each(['v0.1.0', 'v0.1.0-rc.1', '1.0.0+build.5', 'release/2024-01', 'HEAD', 'refs/heads/main', 'abc1234'])('may be looked up: %s', (text) => {
    expect(checkVersionText(text)).toBe(text);
  });

  test('that passes is one harmless word, whatever was typed', () => {
    const pieces = fc.constantFrom(...hostile, 'v0.1.0', 'a', '/', '.', '-', '@', '{', '\\', "'", '"');
    const typed = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces, { maxLength: 5 }).map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(typed, (text) => {
        if (isVersionText(text)) expect(text).toMatch(/^(?!.*\.\.)[A-Za-z0-9][\w.+/-]{0,199}$/);
      }),
      { numRuns: 2000 },
    );
  });

  test('is shown without anything that acts in a terminal or in Slack', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const shown = shownSafely(text);
        expect([...shown].length).toBeLessThanOrEqual(60);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}`<>&@]/u);
      }),
      { numRuns: 1000 },
    );
  });

  test('is named in the error, safely and short', () => {
    expect(() => checkVersionText('`<!here>`; rm')).toThrow('“!here; rm” cannot be a version');
    expect(() => checkVersionText('$'.repeat(5000))).toThrow(/^“\${59}…” cannot/);
  });
});

test('a pattern of the system file is no regular expression', () => {
  expect(fitsWildcard('v1.0', 'v*')).toBe(true);
  expect(fitsWildcard('xv1.0', 'v*')).toBe(false);
  expect(fitsWildcard('v1x0', 'v1.0')).toBe(false);
  expect(fitsWildcard('v10', 'v1?')).toBe(true);
  expect(fitsWildcard('release-1-final-2', 'release-*-*')).toBe(true);
  expect(fitsWildcard('v1', 'v1*')).toBe(true);
  expect(fitsWildcard('v', 'v?')).toBe(false);
});

test('a pattern of many stars and a long version keep nobody waiting', () => {
  const begin = performance.now();
  expect(fitsWildcard(`v${'1'.repeat(199)}`, `${'*'.repeat(50)}x`)).toBe(false);
  expect(fitsWildcard(`v${'1'.repeat(199)}`, `${'1*'.repeat(90)}x`)).toBe(false);
  expect(performance.now() - begin).toBeLessThan(1000);
});

test('package versions', () => {
  expect(packageVersion('v0.1.0', false)).toBe('0.1.0');
  expect(packageVersion('release-1', true)).toBe('release-1');
  expect(packageVersion('release-1', false)).toBeUndefined();
  expect(packageVersion('vista', false)).toBeUndefined();
});

test('the nearest names come first, strangers not at all', () => {
  expect(nearest('v0.1.1', ['v0.2.0', 'v0.1.0', 'something-else'])).toEqual(['v0.1.0', 'v0.2.0']);
  expect(nearest('x'.repeat(200), ['v0.1.0'])).toEqual([]);
});
