import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { masker, streamMasker } from '../../src/mask.ts';

const secret = `p4ss'word "of" $HOME/\\ä&<b>+?`;

/** What real programs print that were given the secret as an argument. */
const printed: Readonly<Record<string, readonly [program: string, ...args: string[]]>> = {
  plain: ['printf', '%s', secret],
  'bash %q': ['bash', '-c', 'printf %q "$1"', 'sh', secret],
  'bash set -x': ['bash', '-c', 'exec 2>&1; set -x; : "$1"', 'sh', secret],
  'sh set -x': ['sh', '-c', 'exec 2>&1; set -x; : "$1"', 'sh', secret],
  'base64, in lines of 8': ['sh', '-c', 'printf %s "user:$1 and more" | base64 -w 8', 'sh', secret],
  'base64 of a long text': ['sh', '-c', 'printf "%070d%s%070d" 0 "$1" 0 | base64', 'sh', secret],
  'base64, one byte before': ['sh', '-c', 'printf %s "x$1" | base64 -w 0', 'sh', secret],
  'base64, two bytes before': ['sh', '-c', 'printf %s "xy$1" | base64 -w 0', 'sh', secret],
  'hex in groups': ['sh', '-c', 'printf %s "$1" | od -An -v -tx1', 'sh', secret],
  'python json': ['python3', '-c', 'import json,sys; print(json.dumps(sys.argv[1]))', secret],
  'python json, not only ASCII': ['python3', '-c', 'import json,sys; print(json.dumps(sys.argv[1], ensure_ascii=False))', secret],
  'python quote': ['python3', '-c', 'import urllib.parse,sys; print(urllib.parse.quote(sys.argv[1]))', secret],
  'python quote_plus': ['python3', '-c', 'import urllib.parse,sys; print(urllib.parse.quote_plus(sys.argv[1]))', secret],
  'python html': ['python3', '-c', 'import html,sys; print(html.escape(sys.argv[1]))', secret],
  'python shlex': ['python3', '-c', 'import shlex,sys; print(shlex.quote(sys.argv[1]))', secret],
  'python hex': ['python3', '-c', 'import sys; print(sys.argv[1].encode().hex().upper())', secret],
  'python hex with colons': ['python3', '-c', 'import sys; print(sys.argv[1].encode().hex(":"))', secret],
  'python url-safe base64': ['python3', '-c', 'import sys,base64; print(base64.urlsafe_b64encode(sys.argv[1].encode()).decode())', secret],
};

describe('however a program writes a secret, it is masked', () => {
  test.each(Object.keys(printed))('%s', (name) => {
    const [program, ...args] = printed[name] as readonly [string, ...string[]];
    const said = execFileSync(program, args, { encoding: 'utf8', env: { ...process.env, LC_ALL: 'C.UTF-8' } });
    const masked = masker([secret])(said);
    expect(masked, said).toContain('•••');
    // Nothing is left of it: what remains has none of its longer parts in any alphabet.
    const left = masked.replaceAll('•••', '');
    const bytes = Buffer.from(secret);
    const parts = [
      'p4ss',
      'word',
      'HOME',
      bytes.subarray(4, 16).toString('hex'),
      bytes.subarray(3, 15).toString('base64'),
      bytes.subarray(4, 16).toString('base64'),
    ];
    for (const part of parts) expect(left.replace(/[\s:]/g, '').toLowerCase()).not.toContain(part.toLowerCase());
  });

  test('whole hex dumps and base64 texts in lines, cut into pieces anywhere', () => {
    const value = fc.string({ unit: fc.constantFrom(...'abcXYZ019_-'), minLength: 8, maxLength: 60 });
    const ways: ((bytes: Buffer) => string)[] = [
      (bytes) => bytes.toString('base64').replace(/.{64}/g, '$&\n'),
      (bytes) => bytes.toString('base64url'),
      (bytes) => (bytes.toString('hex').match(/../g) ?? []).join(' ').replace(/.{48}/g, (part) => part.replace(/ $/, '\n')),
      (bytes) => bytes.toString('hex').toUpperCase(),
    ];
    fc.assert(
      fc.property(value, fc.string({ maxLength: 40 }), fc.constantFrom(...ways), fc.integer({ min: 1, max: 50 }), (hidden, before, way, size) => {
        const text = way(Buffer.from(`${before}|${hidden}|the end of it`));
        const mask = streamMasker([hidden])();
        let told = '';
        for (let at = 0; at < text.length; at += size) told += mask.add(text.slice(at, at + size));
        told += mask.end();
        expect(told).toContain('•••');
        expect(told).toBe(masker([hidden])(text));
      }),
      { numRuns: 400 },
    );
  });

  test('each long line of a secret of several lines', () => {
    const key = ['-----BEGIN X-----', 'MC4CAQAwBQYDK2VwBCIEIAbF0rSpEK0zBf7KRBYzA1cuC0JSwpTv', 'p5eQmrPyYIHd8f2K', '-----END X-----'].join('\n');
    const logged = key.replace(/^/gm, '2026-11-22 INFO ');
    const masked = masker([key])(logged);
    expect(masked).toContain('-----BEGIN X-----');
    expect(masked).not.toMatch(/MC4CAQ|p5eQmr/);
  });

  test('what only has digits in common with it stays', () => {
    const text = 'commit 8f3a9c0d1e2f release v0.1.0 sha256 9d2e5f1c0a7e93 cGxhaW4gdGV4dA==';
    expect(masker(['hunter2-secret', 'another/secret+1'])(text)).toBe(text);
  });
});
