import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { command } from '../../../lab/hosts/docker.ts';
import { lives, owner } from '../../../lab/setup/owner.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = (args: readonly string[], env: NodeJS.ProcessEnv = process.env) =>
  command(process.execPath, [`${root}lab/setup/run.mjs`, ...args], { env });

test('without a command, or with an unknown one, it says what can be asked for', async () => {
  for (const args of [[], ['dmeo'], ['--help']]) {
    const ended = await run(args);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain('node lab/setup/run.mjs demo | test | engine');
  }
});

test('tests of pure parts run without an engine, and their exit code is handed on', async () => {
  const ended = await run(['test', 'tests/unit/no-such-test'], { ...process.env, DOCKER_HOST: 'unix:///nowhere' });
  expect(ended.exitCode).toBe(1);
  expect(ended.stdout + ended.stderr).toContain('No test files found');
});

test('an engine that does not answer where DOCKER_HOST says is an error with advice, not a second engine', async () => {
  const ended = await run(['test', 'tests/integration/no-such-test'], { ...process.env, DOCKER_HOST: 'unix:///nowhere' });
  expect(ended.exitCode).toBe(1);
  expect(ended.stderr).toMatch(/No Docker engine answers: .*unix:\/\/\/nowhere[\s\S]*systemctl start docker/);
});

test.each([
  [{ kind: 'debian', name: 'Debian', root: false }, 'sudo apt-get update && sudo apt-get install -y redis-server'],
  [{ kind: 'fedora', name: 'Fedora', root: true }, 'sudo dnf install -y redis'],
  [{ kind: 'mac', name: 'macOS', root: false }, 'brew install redis'],
  [{ kind: 'other', name: 'Slackware', root: true }, 'Debian calls them redis-server'],
])('what is missing is listed with the command for %o', async (machine, typed) => {
  const { installAdvice, missing } = (await import(new URL('../../../lab/setup/packages.mjs', import.meta.url).href)) as Packages;
  const lacking = await withoutPath(() => missing(['redis'], machine));
  expect(lacking.map(({ name }) => name)).toEqual(['redis']);
  const error = installAdvice(lacking, machine);
  expect(error.message).toBe(`These programs are missing on ${machine.name}: redis-server.`);
  expect(error.advice).toContain(typed);
});

test('a process is known by more than its number', async () => {
  const child = spawn('sleep', ['60']);
  const name = owner(child.pid);
  expect([lives(name), lives(owner()), lives(`${child.pid}:1`), lives('0:1'), lives('')]).toEqual([true, true, false, false, false]);
  child.kill('SIGKILL');
  await once(child, 'close');
  expect(lives(name)).toBe(false);
});

interface Packages {
  missing(names: string[], machine: object): Promise<{ name: string }[]>;
  installAdvice(lacking: object[], machine: object): Error & { advice: string };
}

async function withoutPath<T>(work: () => Promise<T>): Promise<T> {
  const path = process.env.PATH;
  process.env.PATH = '/nowhere';
  try {
    return await work();
  } finally {
    process.env.PATH = path;
  }
}
