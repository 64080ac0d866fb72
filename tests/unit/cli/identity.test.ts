import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { IdentitiesError, readIdentities } from '../../../src/cli/identities.ts';
import { loginName } from '../../../src/cli/login.ts';

let file: string;
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rollback-identities-'));
  file = join(dir, 'identities.yaml');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function problems(text: string): readonly string[] {
  writeFileSync(file, text);
  try {
    readIdentities(file);
    return [];
  } catch (error) {
    if (!(error instanceof IdentitiesError)) throw error;
    return error.problems.map((problem) => problem.replace(`${file}:`, ''));
  }
}

describe('the file of identities', () => {
  it('login names and Slack ids; no file, and an empty one, is nobody', () => {
    writeFileSync(file, '# on call\nalice: U0RILEYCH\nj.doe: W0ADAOKAF\nuid-1001: U0NOORHAD\n"CORP\\\\ann": U0QUINNAL\n');
    expect(readIdentities(file).ids).toEqual({ alice: 'U0RILEYCH', 'j.doe': 'W0ADAOKAF', 'uid-1001': 'U0NOORHAD', 'CORP\\ann': 'U0QUINNAL' });
    expect(readIdentities(join(dir, 'none.yaml')).ids).toEqual({});
    writeFileSync(file, '# nobody yet\n');
    expect(readIdentities(file).ids).toEqual({});
  });

  it('one login name once', () => {
    expect(problems('alice: U0RILEYCH\nbob: U0ADAOKAF\nalice: U0ADAOKAF\n')).toEqual([expect.stringMatching(/^3:1: This key is there twice — /)]);
  });

  it.each([
    ['alice: riley\n', /^1:8: alice cannot be “riley” — A Slack member id begins with U or W/],
    ['bob: U0ADAOKAF\nalice: @riley\n', /^2:\d+: /],
    ['alice:\n', /^1:\d+: alice is empty/],
    ['alice: [U0RILEYCH]\n', /^1:8: alice is a list/],
    ['alice smith: U0RILEYCH\n', /^1:1: “alice smith” cannot be a name here — A login name/],
    ['- alice: U0RILEYCH\n', /^1:1: This is a list/],
    ['alice: U0RILEYCH\n  bob: [\n', /^\d+:\d+: This is not YAML/],
  ])('%j is told with line and column', (text, said) => {
    expect(problems(text)).toEqual(expect.arrayContaining([expect.stringMatching(said)]));
  });
});

describe('who runs it', () => {
  it('the login user; root by sudo is whoever called sudo', () => {
    expect(loginName({ uid: 1000, name: 'alice' }, {})).toBe('alice');
    expect(loginName({ uid: 0, name: 'root' }, { SUDO_USER: 'alice' })).toBe('alice');
    expect(loginName({ uid: 0, name: 'root' }, {})).toBe('root');
  });

  it('a variable that anybody can set makes nobody somebody else', () => {
    expect(loginName({ uid: 1000, name: 'mallory' }, { SUDO_USER: 'alice', USER: 'alice', LOGNAME: 'alice' })).toBe('mallory');
  });

  it('a uid without a name, as in a container', () => {
    expect(loginName({ uid: 1001, name: undefined }, { SUDO_USER: 'alice' })).toBe('uid-1001');
  });
});
