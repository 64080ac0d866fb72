import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { command } from './docker.ts';

/** Written where the image build finds them; nothing of a machine's own apt set-up is ever committed. */
const SOURCES = '/tmp/machine-apt/sources.list';
const TARGETS = '$(ORIGIN)|$(CODENAME)|$(REPO_URI)|$(COMPONENT)';

/** The address this machine gets Debian's `suite` from, as debootstrap's last argument; none when it does not (debootstrap knows one). */
export async function debianMirror(suite: string): Promise<string[]> {
  const found = (await debianTargets()).find((target) => target.release === suite);
  return found ? [found.uri] : [];
}

/** Writes this machine's Debian sources and its apt settings (proxies, checks) to `dir`, for the build of an image; an empty list when it has none. */
export async function writeMachineApt(dir: string, suite: string, use: boolean): Promise<void> {
  await mkdir(dir, { recursive: true });
  const targets = use ? (await debianTargets()).filter(({ release }) => release.startsWith(suite)) : [];
  const sources = new Set(targets.map(({ uri, release, component }) => `deb ${uri} ${release} ${component}\n`));
  await writeFile(join(dir, 'sources.list'), [...sources].join(''));
  await writeFile(join(dir, 'apt.conf'), `Dir::Etc::sourcelist "${SOURCES}";\nDir::Etc::sourceparts "-";\n${use ? await acquireSettings() : ''}`);
}

interface Target {
  readonly release: string;
  readonly uri: string;
  readonly component: string;
}

async function debianTargets(): Promise<Target[]> {
  const { stdout } = await command('apt-get', ['indextargets', '--format', TARGETS, 'Identifier: Packages']);
  return stdout.split('\n').flatMap((line) => {
    const [origin, release, uri, component] = line.split('|');
    return origin === 'Debian' && release && uri && component === 'main' ? [{ release, uri, component }] : [];
  });
}

async function acquireSettings(): Promise<string> {
  const { stdout } = await command('apt-config', ['dump']);
  return stdout
    .split('\n')
    .filter((line) => /^Acquire::(Check-Date|Check-Valid-Until|https?::(Proxy|Verify-Peer))\b.* "[^"]+";$/.test(line))
    .join('\n');
}
