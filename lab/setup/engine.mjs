import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { capture, which } from './command.mjs';
import { locked } from './lock.mjs';
import { noteNetwork, restoreNetwork } from './network.mjs';
import { lives, owner } from './owner.mjs';
import { doing, SetupError, say } from './say.mjs';

/** One place a machine, not one a work tree: two trees share the engine, and only the last user may stop it. */
const STATE = '/run/rollback-bot-lab';
const USERS = join(STATE, 'engine-users');
const NETWORK = join(STATE, 'network-before.json');
const STARTED = join(STATE, 'engine-owner');
const LOCK = join(STATE, 'lock');
const OUR_DATA = '/var/lib/rollback-bot-lab/docker';
const START_LIMIT_MS = 60_000;

/**
 * Makes sure that a Docker engine answers, and counts this process among its users. One that is there is used and left;
 * otherwise, as root on Linux, `dockerd` is started and {@link releaseEngine} stops it after the last user.
 * Throws a SetupError that says what to do where no engine can be had.
 */
export async function useEngine(logDirectory) {
  if (!canStart()) return requireEngine();
  mkdirSync(USERS, { recursive: true });
  await locked(LOCK, async () => {
    if (await engineAnswers()) sayWhose();
    else await doing('Starting the Docker engine', () => startEngine(logDirectory));
    writeFileSync(join(USERS, String(process.pid)), owner());
  });
}

/** Takes this process off the engine's users; when it was the last and the engine is one that set-up started, stops it. */
export async function releaseEngine() {
  if (!canStart() || !existsSync(join(USERS, String(process.pid)))) return;
  await locked(LOCK, async () => {
    rmSync(join(USERS, String(process.pid)), { force: true });
    if (!startedByUs()) return;
    if (livingUsers().length > 0) say('Another run still uses the Docker engine: it is left to that run.');
    else await doing('Stopping the Docker engine that was started for this', stopEngine);
  });
}

/** Whether a Docker engine answers at the place that DOCKER_HOST or the client's context names. */
export async function engineAnswers() {
  const { code } = await capture('docker', ['version', '--format', '{{.Server.Version}}']);
  return code === 0;
}

function canStart() {
  return process.platform === 'linux' && process.getuid?.() === 0 && !process.env.DOCKER_HOST;
}

async function requireEngine() {
  if (await engineAnswers()) return;
  const { stderr } = await capture('docker', ['version']);
  throw new SetupError(
    `No Docker engine answers: ${stderr.trim().split('\n').at(-1)}`,
    process.platform === 'darwin'
      ? 'Start Docker Desktop, wait until it says that it runs, and try again.'
      : 'Start it (sudo systemctl start docker) and be in the group docker (sudo usermod -aG docker "$USER", then log in again), or run this as root.',
  );
}

async function startEngine(logDirectory) {
  if (!which('dockerd'))
    throw new SetupError('There is no dockerd on this machine.', 'Install a Docker engine (Debian, Ubuntu: apt-get install docker.io).');
  mkdirSync(logDirectory, { recursive: true });
  const logFile = join(logDirectory, 'dockerd.log');
  noteNetwork(NETWORK);
  const engine = launch(logFile);
  writeFileSync(STARTED, owner(engine.pid));
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await engineAnswers())) {
    if (!startedByUs() || Date.now() > deadline) await failed(logFile);
    await sleep(100);
  }
}

/** Detached, so that Ctrl-C reaches it only through us, after the containers are gone. */
function launch(logFile) {
  const pidFile = join(STATE, 'dockerd.pid');
  rmSync(pidFile, { force: true });
  const log = openSync(logFile, 'a');
  const engine = spawn('dockerd', ['--data-root', dataRoot(), '--pidfile', pidFile], { detached: true, stdio: ['ignore', log, log] });
  engine.unref();
  return engine;
}

async function failed(logFile) {
  if (startedByUs()) await stopEngine();
  rmSync(STARTED, { force: true });
  const last = readFileSync(logFile, 'utf8').trim().split('\n').slice(-5).join('\n');
  throw new SetupError(
    `The Docker engine did not start. The end of ${logFile}:\n${last}`,
    'Mend what it names, or start an engine yourself: one that answers is used.',
  );
}

/** Somebody's stopped engine keeps its data, and its containers are not woken: /var/lib/docker is used only where nobody's is there. */
function dataRoot() {
  if (process.env.LAB_ENGINE_DATA) return process.env.LAB_ENGINE_DATA;
  const usual = '/var/lib/docker';
  const mark = join(usual, '.rollback-bot-lab');
  if (existsSync(join(usual, 'containers')) && !existsSync(mark)) return OUR_DATA;
  mkdirSync(usual, { recursive: true, mode: 0o710 });
  writeFileSync(mark, 'This data root was made for the lab of rollback-bot and may be deleted.\n');
  return usual;
}

async function stopEngine() {
  const name = readFileSync(STARTED, 'utf8');
  if (lives(name)) process.kill(Number(name.split(':')[0]), 'SIGTERM');
  const deadline = Date.now() + START_LIMIT_MS;
  while (lives(name)) {
    if (Date.now() > deadline) throw new SetupError(`The Docker engine (process ${name.split(':')[0]}) does not end.`, 'Stop it by hand.');
    await sleep(100);
  }
  restoreNetwork(NETWORK);
  rmSync(NETWORK, { force: true });
  rmSync(STARTED, { force: true });
}

function startedByUs() {
  return existsSync(STARTED) && lives(readFileSync(STARTED, 'utf8'));
}

function sayWhose() {
  say(startedByUs() ? 'The Docker engine that another run started is used too.' : 'A Docker engine is there: it is used and left as it is.');
}

/** Users that died without saying so are forgotten here. */
function livingUsers() {
  return readdirSync(USERS).filter((file) => {
    const alive = lives(readFileSync(join(USERS, file), 'utf8'));
    if (!alive) rmSync(join(USERS, file), { force: true });
    return alive;
  });
}
