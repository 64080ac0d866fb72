import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quote, raw, script, sh } from '../../../src/domain/sh.ts';

describe('sh', () => {
  it('any text becomes one word that the shell gives back unchanged', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '').replace(/[\ud800-\udfff]/g, '')),
          { minLength: 1, maxLength: 40 },
        ),
        (words) => {
          const said = execFileSync('/bin/sh', ['-c', sh`printf '%s\\0' ${words}`]).toString();
          expect(said.split('\0').slice(0, -1)).toEqual(words);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('text goes in as it is only when it is marked so', () => {
    const evil = 'x; touch /tmp/x';
    expect(sh`echo ${evil} ${raw('a b')}`).toBe("echo 'x; touch /tmp/x' a b");
    expect(script(sh`a`, undefined, sh`b`)).toBe('a\nb');
    expect(() => quote('a\0b')).toThrow('NUL');
    expect(quote('-rf')).toBe("'-rf'");
  });
});
