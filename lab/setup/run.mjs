#!/usr/bin/env node
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { aptInstall, askYes } from './apt.mjs';
import { show, signalAll } from './command.mjs';
import { releaseEngine, useEngine } from './engine.mjs';
import { ensureModules, requireNode } from './node.mjs';
import { installAdvice, missing } from './packages.mjs';
import { platform } from './platform.mjs';
import { closingLines, failedFiles } from './report.mjs';
import { SetupError, say } from './say.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TSX = ['--import', 'tsx'];
const LAB = ['git', 'ssh', 'redis', 'python', 'docker', 'engine', 'debootstrap'];

/** Where vitest writes what the closing line is counted from: of the run, and of the files that are run once more. */
const REPORT = join(ROOT, '.lab', 'test-report.json');
const SECOND = join(ROOT, '.lab', 'test-report-second.json');
const WORDS = join(ROOT, '.lab', 'last-words.txt');
const vitest = (report, args) => [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...args,
];

/** What can be asked for: the programs it needs, whether it needs hosts, and the program that does it (run by this Node). */
const COMMANDS = {
  demo: { needs: () => LAB, hosts: () => true, run: (args) => [...TSX, 'lab/demo.ts', ...args], last: lastWords },
  test: {
    needs: (args) => (unitOnly(args) ? ['git'] : [...LAB, 'sshd', 'busybox', 'chromium', 'faketime']),
    hosts: (args) => !unitOnly(args),
    run: (args) => vitest(REPORT, args),
    again: filesOnceMore,
    last: () => console.log(closingLines(REPORT, SECOND, ROOT).join('\n')),
  },
  engine: { needs: () => LAB, hosts: () => true, run: () => ['-e', HOLD] },
  chaos: { needs: () => [...LAB, 'faketime'], hosts: () => true, run: (args) => [...TSX, 'lab/chaos/run.ts', ...args] },
  fuzz: { needs: () => ['git'], hosts: () => false, run: (args) => [...TSX, 'lab/fuzz/run.ts', ...args] },
};
/** Keeps the engine and the images for several runs by hand; ends with Ctrl-C. */
const HOLD = "console.error('The engine and the host image are ready. Ctrl-C ends this.'); setInterval(() => {}, 1 << 30)";

/** Tests of pure parts need no engine: true when every path that was named is one of them. */
function unitOnly(args) {
  const paths = args.filter((arg) => !arg.startsWith('-'));
  return paths.length > 0 && paths.every((path) => path.replace(/^\.\//, '').startsWith('tests/unit'));
}

/** What the demo wants to be read last. */
function lastWords() {
  if (existsSync(WORDS)) console.log(readFileSync(WORDS, 'utf8').trimEnd());
}

/**
 * Files of a few tests that failed are run once more, alone: on a busy machine a real host may be too slow once. What fails again fails the run; what then
 * passes is named at the end.
 */
async function filesOnceMore(code) {
  const files = failedFiles(REPORT);
  if (code === 0 || signalled || files.length === 0 || files.length > 3) return code;
  say(`Did not pass; once more, alone: ${files.map((file) => file.slice(ROOT.length)).join(', ')}`);
  return await node(vitest(SECOND, ['--no-file-parallelism', ...files]));
}

let signalled;
process.exitCode = await main(process.argv.slice(2));

/** Does what is missing, runs the command, puts everything back, and answers the exit code. */
async function main([name, ...rest]) {
  const command = COMMANDS[name];
  if (!command) {
    say(`Say what to do: node lab/setup/run.mjs ${Object.keys(COMMANDS).join(' | ')} [its own arguments] [--yes]`);
    return 2;
  }
  const yes = rest.includes('--yes') || Boolean(process.env.CI);
  const args = rest.filter((arg) => arg !== '--yes');
  passSignals();
  mkdirSync(join(ROOT, '.lab'), { recursive: true });
  for (const file of [REPORT, SECOND, WORDS]) rmSync(file, { force: true });
  const code = await guarded(() => prepareAndRun(command, args, yes));
  command.last?.();
  return code;
}

async function prepareAndRun(command, args, yes) {
  requireNode(ROOT);
  await ensurePrograms(command.needs(args), yes);
  await ensureModules(ROOT);
  const run = async () => {
    const code = await node(command.run(args));
    return command.again ? await command.again(code) : code;
  };
  if (!command.hosts(args)) return await run();
  try {
    await useEngine(join(ROOT, '.lab'));
    const prepared = await node([...TSX, 'lab/hosts/prepare.ts']);
    return prepared === 0 && !signalled ? await run() : prepared;
  } finally {
    await tidy();
    await releaseEngine();
  }
}

async function ensurePrograms(needs, yes) {
  const machine = platform();
  const lacking = await missing(needs, machine);
  if (lacking.length === 0) return;
  if (machine.kind !== 'debian' || !machine.root) throw installAdvice(lacking, machine);
  const names = lacking.map(({ any }) => any[0]).join(', ');
  say(`Missing on this machine: ${names}.`);
  if (machine.terminal && !yes && !(await askYes('Install them with apt-get?'))) throw installAdvice(lacking, machine);
  await aptInstall(lacking.map(({ apt }) => apt));
}

/** Containers of runs that died, this one's among them, must be gone before the engine may stop. */
async function tidy() {
  if (existsSync(join(ROOT, 'node_modules', 'tsx'))) await show(process.execPath, [...TSX, 'lab/hosts/tidy.ts'], { cwd: ROOT, detached: true });
}

function node(args) {
  return show(process.execPath, args, { cwd: ROOT, env: { ...process.env, LAST_WORDS: WORDS } });
}

async function guarded(work) {
  try {
    const code = await work();
    return signalled ? 130 : code;
  } catch (error) {
    if (error.code === 'ABORT_ERR') return 130; // Ctrl-C at a question
    if (!(error instanceof SetupError)) throw error;
    if (!signalled) say(`\n${error.message}${error.advice ? `\n${error.advice}` : ''}`);
    return signalled ? 130 : 1;
  }
}

/** A terminal sends Ctrl-C to our children too, so only other signals are passed on; the second of any kind ends what does not listen. */
function passSignals() {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => {
      if (signalled) signalAll('SIGKILL');
      else if (signal !== 'SIGINT' || !process.stdin.isTTY) signalAll(signal === 'SIGHUP' ? 'SIGTERM' : signal);
      signalled = signal;
    });
}
