import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { http as httpProof } from '../../../src/proofs/http.ts';
import { unit as unitProof } from '../../../src/proofs/unit.ts';
import { collect } from '../../../src/steps/collect.ts';
import { http } from '../../../src/steps/http.ts';
import { measure } from '../../../src/steps/measure.ts';
import { systemdStart } from '../../../src/steps/systemd-start.ts';
import { systemdStop } from '../../../src/steps/systemd-stop.ts';
import { watch } from '../../../src/steps/watch.ts';
import { perform, planned, proven, shell, tempDir, whereOf, workOf } from './planner.ts';

let dir: string;
let remove: () => Promise<void>;
let env: Record<string, string>;
let server: Server;
let url: string;
let answers: { status: number; body: string };

/** A systemctl whose unit is a file: `state` holds ActiveState, `restarts` NRestarts; calls are written down. */
const systemctl = `#!/bin/sh
cd "$(dirname "$0")" || exit 9
echo "$*" >> calls
state=$(cat state)
case "$*" in
  'stop u') [ -e stubborn ] || echo inactive > state ;;
  'start u') [ -e broken ] && echo failed > state || echo active > state ;;
  'is-active --quiet u') [ "$state" = active ] ;;
  *'-p LoadState --value u') echo loaded ;;
  *'-p ActiveState --value u') echo "$state" ;;
  *'-p FragmentPath --value u') echo /etc/systemd/system/u.service ;;
  *'-p MainPID --value u') if [ "$state" = active ]; then cat pid; else echo 0; fi ;;
  *'-p NRestarts --value u') cat restarts ;;
  *'-p CPUUsageNSec --value u') echo '[not set]' ;;
  *'-p MemoryCurrent --value u') echo 18446744073709551615 ;;
  'show -p ActiveState -p NRestarts -p InvocationID u') printf 'ActiveState=%s\\nNRestarts=%s\\nInvocationID=1\\n' "$state" "$(cat restarts)" ;;
  'show -p LoadState -p ActiveState -p FragmentPath u') printf 'LoadState=loaded\\nActiveState=%s\\nFragmentPath=/etc/systemd/system/u.service\\n' "$state" ;;
  'status'*) echo "status of u: $state" ;;
  *) echo "unexpected: $*" >&2; exit 9 ;;
esac
`;

beforeEach(async () => {
  ({ dir, remove } = await tempDir());
  const bin = join(dir, 'bin');
  await mkdir(bin);
  const files: Record<string, string> = {
    systemctl,
    state: 'active\n',
    restarts: '0\n',
    pid: `${process.pid}\n`,
    sudo: '#!/bin/sh\necho "sudo $*" >> "$(dirname "$0")/calls"; exec true\n',
    journalctl: '#!/bin/sh\necho "journal line of $2"\n',
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(bin, name), text);
  for (const name of ['systemctl', 'sudo', 'journalctl']) await chmod(join(bin, name), 0o755);
  env = { PATH: `${bin}:${process.env.PATH ?? ''}` };
  server = createServer((_request, response) => response.writeHead(answers.status).end(answers.body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/health`;
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await remove();
});

const place = () => whereOf({ dir, keep: join(dir, 'keep') });
const set = (name: string, text: string) => writeFile(join(dir, 'bin', name), `${text}\n`);
const state = async () => (await readFile(join(dir, 'bin/state'), 'utf8')).trim();

describe('systemd steps', () => {
  it('stop, and undo that starts what ran', async () => {
    const work = workOf(await planned(systemdStop, 'u', place(), env));
    expect(work).toMatchObject({ from: 'active', to: 'inactive', serving: 'stopped' });
    expect(await perform(work, env)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await state()).toBe('inactive');
    expect(await shell(work.restore ?? '', env)).toMatchObject({ exitCode: 0 });
    expect(await state()).toBe('active');
  });

  it('a stop that stops nothing fails its verification', async () => {
    await set('stubborn', '');
    expect(await perform(workOf(await planned(systemdStop, 'u', place(), env)), env)).toMatchObject({ stage: 'verify', exitCode: 1 });
  });

  it('undo of a stop starts a unit that ran when the plan was made and was halted since, and does nothing where no stop was begun', async () => {
    const work = workOf(await planned(systemdStop, 'u', place(), env));
    await shell(work.restore ?? '', env);
    expect(await readFile(join(dir, 'bin/calls'), 'utf8')).not.toContain('start u');
    await set('state', 'inactive');
    expect(await perform(work, env)).toMatchObject({ stage: 'verify', exitCode: 0 });
    expect(await shell(work.restore ?? '', env)).toMatchObject({ exitCode: 0 });
    expect(await state()).toBe('active');
  });

  it('undo of a stop leaves a unit alone that did not run', async () => {
    await set('state', 'failed');
    const work = workOf(await planned(systemdStop, 'u', place(), env));
    await perform(work, env);
    await shell(work.restore ?? '', env);
    expect(await readFile(join(dir, 'bin/calls'), 'utf8')).not.toContain('start u');
  });

  it('start fails at once, with the status, when the unit does', async () => {
    await set('state', 'inactive');
    await set('broken', '');
    const done = await perform(workOf(await planned(systemdStart, 'u', place(), env)), env);
    expect(done).toMatchObject({ stage: 'command', exitCode: 1 });
    expect(done.output).toContain('status of u: failed');
  });

  it('proves one instance', async () => {
    expect(await proven(unitProof, { unit: 'u' }, place(), env)).toMatchObject({ ok: true, found: 'active, 1 instance, 0 restarts' });
    await set('state', 'inactive');
    expect(await proven(unitProof, { unit: 'u' }, place(), env)).toMatchObject({ ok: false, found: 'inactive, 0 instances, 0 restarts' });
  });
});

describe('watch', () => {
  it('passes when nothing restarts, fails when it does', async () => {
    const work = workOf(await planned(watch, { unit: 'u', for: '1s' }, place(), env));
    expect(work.timeoutMs).toBeGreaterThan(31_000 - 1);
    expect(await perform(work, env)).toMatchObject({ exitCode: 0 });
    const looks = async () => (await readFile(join(dir, 'bin/calls'), 'utf8')).split('NRestarts -p InvocationID').length;
    const before = await looks();
    const running = planned(watch, { unit: 'u', for: '60s' }, place(), env).then((plan) => perform(workOf(plan), env));
    await vi.waitFor(async () => expect(await looks()).toBeGreaterThan(before + 2), 20_000);
    await set('restarts', '1');
    const done = await running;
    expect(done.exitCode).toBe(1);
    expect(done.output).toContain('did not stay up');
  });

  it('fails at once when the unit does not run', async () => {
    await set('state', 'activating');
    expect(await perform(workOf(await planned(watch, { unit: 'u', for: '60s' }, place(), env)), env)).toMatchObject({ exitCode: 1 });
  });
});

describe('http and measure', () => {
  it('asks until the answer is right', async () => {
    answers = { status: 503, body: 'not yet' };
    const running = planned(http, { url, contains: '"ok"', within: '20s' }, place()).then((plan) => perform(workOf(plan)));
    await new Promise((resolve) => server.once('request', resolve));
    answers = { status: 200, body: '{"status":"ok"}' };
    const done = await running;
    expect(done.exitCode).toBe(0);
    expect(done.output).toContain('{"status":"ok"}');
  });

  it('fails with status and body when the time is over', async () => {
    answers = { status: 503, body: 'orders rejected' };
    const done = await perform(workOf(await planned(http, { url, within: '500ms' }, place())));
    expect(done.exitCode).toBe(1);
    expect(done.output).toContain('503');
    expect(done.output).toContain('orders rejected');
  });

  it('measures everything, then judges', async () => {
    answers = { status: 200, body: '# HELP p95 x\np95_other 9\np95{a="b c"} 120.5 1700000000\nrate 3\n' };
    const items = [
      { name: 'health', http: url },
      { name: 'p95', metric: 'p95', at: url, below: 250 },
      { name: 'rate', metric: 'rate', at: url, below: 1 },
      { name: 'memory', unit: 'u', of: 'memory', above: 1 },
      { name: 'cpu', unit: 'u', of: 'cpu', below: 1000 },
      { name: 'rows', run: 'echo noise; echo 42', above: 41.5 },
      { name: 'text', run: 'echo "5 \\$(touch x)"', below: 6 },
      { name: 'gone', metric: 'nowhere', at: url },
    ];
    const plan = await planned(measure, items, place(), env);
    const done = await perform(workOf(plan), env);
    expect(done.exitCode).toBe(1);
    expect(done.output).toContain('FAIL rate: 3 is not below 1');
    expect(done.output).toContain('FAIL text: 5 $(touch x) is not a number');
    expect(done.output).toContain('FAIL gone: no value');
    expect(done.output.match(/^FAIL/gm)).toHaveLength(3);
    expect(measure.values?.(done.output)).toMatchObject({ health: '200', p95: '120.5', rate: '3', rows: '42' });
    expect(Number(measure.values?.(done.output).memory)).toBeGreaterThan(10);
    expect(await shell(`ls ${dir}/x`)).toMatchObject({ exitCode: 2 });
  });

  it('proves the version that the service says', async () => {
    answers = { status: 200, body: '{"status":"ok","version":"v0.1.0"}' };
    expect(await proven(httpProof, { http: url, version: 'version' }, place())).toMatchObject({ ok: true, found: '200, version v0.1.0' });
    answers = { status: 503, body: '{"version":"0.2.0"}' };
    expect(await proven(httpProof, { http: url, version: 'version' }, place())).toMatchObject({ ok: false, found: '503, version 0.2.0' });
    answers = { status: 200, body: 'hello' };
    expect(await proven(httpProof, { http: url, version: 'version' }, place())).toMatchObject({ ok: false, found: '200, no field version' });
    await new Promise((resolve) => server.close(resolve));
    expect((await proven(httpProof, { http: url }, place())).found).toContain('no answer');
  });
});

describe('collect', () => {
  it('keeps journal and files, and does not fail for what is not there', async () => {
    await mkdir(join(dir, 'logs'));
    await writeFile(join(dir, "logs/it's.log"), 'one\ntwo\n');
    const given = { journal: 'u', containers: 'agentrader', files: ['logs/*.log', 'nothing-*/$(touch x)'], since: '30m' };
    await writeFile(join(dir, 'bin/docker'), '#!/bin/sh\necho no engine >&2; exit 1\n', { mode: 0o755 });
    const done = await perform(workOf(await planned(collect, given, place(), env)), env);
    expect(done.exitCode).toBe(0);
    expect(done.output).toContain('journal line of u');
    expect(done.output).toContain('no container logs: no engine');
    expect(await readFile(join(dir, "keep/files/logs/it's.log"), 'utf8')).toBe('one\ntwo\n');
    await expect(readFile(join(dir, 'x'))).rejects.toThrow();
    await rm(join(dir, 'keep'), { recursive: true });
  });
});
