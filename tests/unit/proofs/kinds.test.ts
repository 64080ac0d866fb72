import { describe, expect, it } from 'vitest';
import type { ContainerSeen } from '../../../src/domain/host.ts';
import { commit } from '../../../src/proofs/commit.ts';
import { container } from '../../../src/proofs/container.ts';
import { http } from '../../../src/proofs/http.ts';
import { pythonPackage } from '../../../src/proofs/package.ts';
import { unit } from '../../../src/proofs/unit.ts';
import { whereOf } from '../../integration/steps/planner.ts';

const where = whereOf({ dir: '/srv/app', keep: '/keep', system: { release: { tags: 'v*', commits: 1, image: 'agentrader' } } });
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

describe('container', () => {
  const params = { container: 'agentrader', label: 'version', env: 'AGENTRADER_VERSION' };
  const judge = (containers?: ContainerSeen[]) => container.judge(params, { readings: [], ...(containers !== undefined && { containers }) }, where);
  it('is right with one container of the image, label and environment', () => {
    expect(judge([seen(), seen({ running: false }), seen({ labels: {} })])).toMatchObject({ ok: true, version: 'v0.1.0' });
  });
  it.each([
    ['two', [seen(), seen({ id: '2' })]],
    ['none', [seen({ running: false })]],
    ['the default label, which lies', [seen({ labels: { 'com.docker.compose.service': 'agentrader', version: 'v0.2.0' } })]],
    ['another environment', [seen({ env: {} })]],
    ['another image', [seen({ image: 'agentrader:v0.2.0' })]],
    ['no engine', undefined],
  ])('is wrong with %s', (_name, containers) => expect(judge(containers).ok).toBe(false));
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
