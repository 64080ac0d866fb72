import { describe, expect, it } from 'vitest';
import type { ContainerSeen } from '../../../src/domain/host.ts';
import { commit } from '../../../src/proofs/commit.ts';
import { container } from '../../../src/proofs/container.ts';
import { gone } from '../../../src/proofs/gone.ts';
import { http } from '../../../src/proofs/http.ts';
import { pythonPackage } from '../../../src/proofs/package.ts';
import { stopped } from '../../../src/proofs/stopped.ts';
import { unit } from '../../../src/proofs/unit.ts';
import { whereOf } from '../../integration/steps/planner.ts';

const where = whereOf({
  dir: '/srv/app',
  keep: '/keep',
  system: { release: { tags: 'v*', commits: 1, image: 'agentrader', keep: 5, dependencies: [] } },
});
const read = (stdout: string, exitCode = 0) => ({ readings: [{ exitCode, stdout, stderr: exitCode === 0 ? '' : 'it broke' }] });

const seen = (parts: Partial<ContainerSeen> = {}): ContainerSeen => ({
  id: '1',
  name: 'docker_agentrader_1',
  image: 'agentrader:v0.1.0',
  imageId: `sha256:${'a'.repeat(64)}`,
  running: true,
  labels: { 'com.docker.compose.service': 'agentrader', version: 'v0.1.0' },
  env: { AGENTRADER_VERSION: 'v0.1.0' },
  ...parts,
});

const emergency = (parts: Partial<ContainerSeen> = {}) =>
  seen({ name: 'agentrader_emergency', labels: { 'rollback-bot.system': 'sac', 'com.docker.compose.service': '', version: 'v0.1.0' }, ...parts });

describe('container', () => {
  const params = { container: 'agentrader', label: 'version', env: 'AGENTRADER_VERSION' };
  const judge = (containers?: ContainerSeen[]) => container.judge(params, { readings: [], ...(containers !== undefined && { containers }) }, where);
  it('is right with one container of the image, label and environment', () => {
    const pin = seen({ name: 'pin', labels: { 'rollback-bot.pin': 'sac' } });
    const worker = seen({ labels: { 'com.docker.compose.service': 'worker' } });
    expect(judge([seen(), seen({ running: false }), seen({ image: 'redis:7', labels: {} }), pin, worker])).toMatchObject({
      ok: true,
      version: 'v0.1.0',
    });
  });
  it.each([
    ['two', [seen(), seen({ id: '2' })]],
    ['one that was started by hand besides', [seen(), seen({ labels: {} })]],
    ['an emergency besides', [seen(), emergency()]],
    ['an emergency instead', [emergency()]],
    ['none', [seen({ running: false })]],
    ['the default label, which lies', [seen({ labels: { 'com.docker.compose.service': 'agentrader', version: 'v0.2.0' } })]],
    ['another environment', [seen({ env: {} })]],
    ['another image', [seen({ image: 'agentrader:v0.2.0' })]],
    ['no engine', undefined],
  ])('is wrong with %s', (_name, containers) => expect(judge(containers).ok).toBe(false));

  const named = { ...params, name: 'agentrader_emergency' };
  const id = `sha256:${'b'.repeat(64)}`;
  const judgeNamed = (one: ContainerSeen[]) =>
    container.judge(named, { readings: [], containers: one }, { ...where, recorded: { image: { reference: 'agentrader:v0.1.0', id } } });
  it('by name: the emergency is the one, from the tag or from the image that was recorded', () => {
    expect(judgeNamed([emergency()])).toMatchObject({ ok: true, expected: expect.stringContaining('as agentrader_emergency') });
    expect(judgeNamed([emergency({ image: id, imageId: id })])).toMatchObject({ ok: true, version: 'v0.1.0' });
    expect(judgeNamed([emergency({ image: id })]).ok).toBe(false);
    expect(judgeNamed([seen()]).ok).toBe(false);
    expect(judgeNamed([emergency({ name: 'other' })]).ok).toBe(false);
    expect(judgeNamed([emergency(), seen()]).ok).toBe(false);
  });
});

describe('the other proofs', () => {
  it('commit', () => {
    expect(commit.judge({ commit: 'head' }, read(`${'1'.repeat(40)}\n`), where).ok).toBe(true);
    expect(commit.judge({ commit: 'head' }, read(`${'2'.repeat(40)}\n`), where)).toMatchObject({ ok: false, version: '2'.repeat(40) });
    expect(commit.judge({ commit: 'head' }, read('', 128), where)).toMatchObject({ ok: false, found: 'cannot be read: it broke' });
  });
  it('package', () => {
    expect(pythonPackage.judge({ package: 'p' }, read('0.1.0\n'), where).ok).toBe(true);
    expect(pythonPackage.judge({ package: 'p' }, read(''), where)).toMatchObject({ ok: false, found: 'not installed' });
    expect(pythonPackage.judge({ package: 'p' }, read('0.1.0', 1), where).ok).toBe(false);
  });
  it('unit', () => {
    expect(unit.judge({ unit: 'u' }, read('active\n1\n0\n'), where)).toMatchObject({ ok: true, found: 'active, 1 instance, 0 restarts' });
    expect(unit.judge({ unit: 'u' }, read('active\n2\n0\n'), where).ok).toBe(false);
    expect(unit.judge({ unit: 'u' }, read('activating\n0\n9\n'), where).ok).toBe(false);
  });
  it('stopped', () => {
    const judge = (text: string, exitCode = 0) => stopped.judge({ stopped: 'u' }, read(text, exitCode), where);
    expect(judge('loaded\ninactive\n0\n')).toMatchObject({ ok: true, found: 'inactive, no process' });
    expect(judge('loaded\nfailed\n0\n').ok).toBe(true);
    expect(judge('not-found\ninactive\n0\n').ok).toBe(true);
    expect(judge('loaded\ninactive\n1\n')).toMatchObject({ ok: false, ill: 'u is inactive, 1 process' });
    expect(judge('loaded\nactive\n2\n')).toMatchObject({ ok: false, found: 'active, 2 processes' });
    expect(judge('loaded\nactivating\n0\n').ok).toBe(false);
    expect(judge('', 1)).toMatchObject({ ok: false, found: 'u cannot be read: it broke' });
  });
  it('gone', () => {
    const files = { models: { name: 'models', dir: '/lib', names: ['m/', 'a*'], ignore: [] } };
    const given = whereOf({ dir: '/srv/app', keep: '/keep', system: { files } });
    const judge = (lines: string[], exitCode = 0) =>
      gone.judge({ gone: 'models' }, read([`matches ${'f'.repeat(64)} 1000 /srv/app`, ...lines, ''].join('\n'), exitCode), given);
    const file = (path: string) => `file 644 0:0 ${'a'.repeat(64)} ${path}`;
    expect(judge(['end'])).toEqual({ found: 'nothing', expected: 'nothing', ok: true });
    expect(judge(['dir 755 0:0 - /lib/m', 'end'])).toMatchObject({ found: 'nothing; empty directories: /lib/m', ok: true });
    expect(judge([file('/lib/m/x'), 'end'])).toMatchObject({ found: '1 file: /lib/m/x (ffffffffffff)', ok: false });
    expect(judge(['link 777 0:0 - /lib/a', 'end']).ok).toBe(false);
    expect(judge(['dir 755 0:0 - /lib/ab', 'end']).ok).toBe(false);
    expect(judge([...Array.from({ length: 10 }, (_, i) => file(`/lib/m/${i}`)), 'end']).found).toMatch(/^10 files: .*\/7, and 2 more \(/);
    expect(judge([file('/lib/m/x')])).toMatchObject({ found: 'cannot be read: they are too many to be shown', ok: false });
    expect(judge(['end'], 1)).toMatchObject({ found: 'cannot be read: it broke', ok: false });
    expect(gone.judge({ gone: 'other' }, read('x'), given).ok).toBe(false);
  });
  it('http', () => {
    const judge = (text: string) => http.judge({ http: 'http://h', version: 'app.version' }, read(text), where);
    expect(judge('{"app":{"version":"0.1.0"}}\n200').ok).toBe(true);
    expect(judge('{"app":{"version":"0.1.0"}}\n503').ok).toBe(false);
    expect(judge('{"app":{"version":"0.1.1"}}\n200')).toMatchObject({ ok: false, version: '0.1.1' });
    expect(judge('{"version":"0.1.0"}\n200').ok).toBe(false);
    expect(judge('\n000').found).toContain('no answer');
    expect(typeof http.identifies === 'function' && [http.identifies({ http: 'x' }), http.identifies({ http: 'x', version: 'v' })]).toEqual([
      false,
      true,
    ]);
  });
});
