import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { capture, show } from './command.mjs';
import { doing, SetupError, say } from './say.mjs';

const POLICY = '/usr/sbin/policy-rc.d';
/** The services that these packages bring: the lab starts its own, so none may begin to listen because we installed it. */
const UNITS = {
  'redis-server': ['redis-server.service'],
  'openssh-server': ['ssh.service', 'ssh.socket'],
  'docker.io': ['docker.service', 'docker.socket', 'containerd.service'],
};
const QUIET = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };

/** Installs packages with apt-get as root, without starting or enabling a service. `groups`: for each, the first name that apt knows. Throws a SetupError. */
export async function aptInstall(groups) {
  await doing('Reading the package lists (apt-get update)', () => apt(['update', '-q']));
  const packages = [...new Set(await Promise.all(groups.map(firstKnown)))];
  const units = packages.flatMap((name) => UNITS[name] ?? []).filter((unit) => !unitExists(unit));
  await doing(`Installing ${packages.join(', ')} (apt-get install)`, () =>
    withoutServices(() => apt(['install', '-y', '--no-install-recommends', ...packages])),
  );
  await disable(units.filter(unitExists));
}

/** Asks on the terminal; true for yes or just Enter. */
export async function askYes(question) {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^(y(es)?)?$/i.test((await lines.question(`${question} [Y/n] `)).trim());
  } finally {
    lines.close();
  }
}

async function firstKnown(names) {
  for (const name of names) {
    const { stdout } = await capture('apt-cache', ['policy', name]);
    if (/Candidate: (?!\(none\))/.test(stdout)) return name;
  }
  throw new SetupError(
    `apt knows no package called ${names.join(' or ')}.`,
    'Look at /etc/apt: the main component of Debian (main and universe of Ubuntu) has it.',
  );
}

async function apt(args) {
  const { code, stderr } = await capture('apt-get', ['-o', 'DPkg::Lock::Timeout=300', ...args], { env: QUIET });
  if (code !== 0)
    throw new SetupError(`apt-get ${args[0]} failed:\n${stderr.trim()}`, 'Mend what it names, or install the packages by hand, then try again.');
}

/** policy-rc.d is how Debian is told not to start what it installs; one that is there already is somebody's and stays. */
async function withoutServices(work) {
  const ours = !existsSync(POLICY);
  if (ours) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    await work();
  } finally {
    if (ours) rmSync(POLICY, { force: true });
  }
}

/** A service that was there before is somebody's, and is not switched off. */
function unitExists(unit) {
  return ['/lib/systemd/system', '/usr/lib/systemd/system'].some((dir) => existsSync(`${dir}/${unit}`));
}

async function disable(units) {
  if (units.length === 0 || !existsSync('/run/systemd/system')) return;
  say(`The services that came with them stay off: ${units.join(', ')} (switch one on with systemctl enable --now).`);
  await show('systemctl', ['--quiet', 'disable', ...units], { stdio: 'ignore' });
}
