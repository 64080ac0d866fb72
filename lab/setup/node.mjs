import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { show } from './command.mjs';
import { doing, SetupError } from './say.mjs';

/** Throws a SetupError when this Node is older than `engines.node` in package.json. */
export function requireNode(root) {
  const least = readJson(join(root, 'package.json')).engines.node.replace(/^\D+/, '');
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [leastMajor, leastMinor = 0] = least.split('.').map(Number);
  if (major > leastMajor || (major === leastMajor && minor >= leastMinor)) return;
  throw new SetupError(
    `Node ${least} or newer is needed; this is ${process.versions.node}.`,
    'Install a newer Node, for example from https://nodejs.org, and try again.',
  );
}

/** Runs `npm ci` when node_modules does not hold what package-lock.json names. */
export async function ensureModules(root) {
  if (modulesMatch(root)) return;
  const what = existsSync(join(root, 'node_modules')) ? 'are not those that package-lock.json names' : 'are not there yet';
  const code = await doing(`The packages in node_modules ${what}: npm ci`, () =>
    show('npm', ['ci', '--no-progress', '--loglevel=error', '--fetch-retries=2', '--fetch-retry-maxtimeout=10000'], { cwd: root }),
  );
  if (code !== 0)
    throw new SetupError(`npm ci ended with ${code}.`, 'Read what it printed above: mostly there is no way to the package registry from here.');
}

/** npm keeps what it installed in node_modules/.package-lock.json: compared by content, because git does not keep file times. */
function modulesMatch(root) {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return false;
  const installed = readJson(installedFile).packages;
  const wanted = Object.entries(readJson(join(root, 'package-lock.json')).packages).filter(([path]) => path !== '');
  return wanted.every(([path, { version, integrity, optional }]) => {
    const found = installed[path];
    return found ? found.version === version && (!integrity || found.integrity === integrity) : Boolean(optional);
  });
}

function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
