import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { git } from '../../lab/samples/git.ts';
import type { World } from '../../lab/world.ts';

/** SAC's clone on dev-1, the backups in it, and the clone's origin there. */
export const tree = '/srv/trade-agent';
export const backups = `${tree}/backups`;
export const origin = '/srv/git/trade-agent.git';

const build = 'python3 -m pip wheel -q --no-deps --no-build-isolation --no-index --wheel-dir /srv/wheels';

/** Runs sh text on a host, as root where nobody else is named; throws with all it said when it fails. */
export async function onHost(world: World, host: string, command: string, user = 'root'): Promise<string> {
  const { exitCode, stdout, stderr } = await world.hosts.exec(host, command, { user, timeoutMs: 120_000 });
  if (exitCode !== 0) throw new Error(`${host}: ${command}\nended with ${exitCode}:\n${stdout}${stderr}`);
  return stdout.trim();
}

/** Makes v0.1.1, known to the bot only: v0.1.0 that needs a newer library, which no host has. */
export async function releaseWithOtherNeeds(world: World): Promise<void> {
  const work = await mkdtemp(join(tmpdir(), 'rollback-release-'));
  const change = async (file: string, from: string, to: string): Promise<void> => {
    const text = await readFile(join(work, file), 'utf8');
    if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
    await writeFile(join(work, file), text.replace(from, to));
  };
  try {
    await git(work, ['clone', '--quiet', world.repositories['trade-agent'], '.']);
    await git(work, ['checkout', '--quiet', 'v0.1.0']);
    await change('requirements.txt', 'stable_baselines3>=2', 'stable_baselines3>=9');
    await change('setup.py', 'version=VERSION,', 'version=VERSION, install_requires=["stable_baselines3>=9"],');
    await change('src/rl/sac/__init__.py', '0.1.0', '0.1.1');
    const who = { GIT_AUTHOR_NAME: 'Mira Halvorsen', GIT_AUTHOR_EMAIL: 'mira@acme.example' };
    await git(work, ['commit', '--quiet', '--all', '--message', 'Newer library'], who);
    await git(work, ['tag', '--annotate', '--message', 'Newer library', 'v0.1.1']);
    await git(work, ['push', '--quiet', 'origin', 'v0.1.1']);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** dev-1 can have it: the clone's origin has v0.1.1, and its wheel and backup are there. */
export async function publish(world: World): Promise<void> {
  await world.hosts.copyIn('dev-1', `${world.repositories['trade-agent']}/.`, origin);
  await onHost(world, 'dev-1', `chown -R deploy:deploy ${origin} && cp -a ${backups}/v0.1.0 ${backups}/v0.1.1`);
  const unpack = `git --git-dir=${origin} -c safe.directory=${origin} archive v0.1.1 | tar -x -C "$own"`;
  await onHost(world, 'dev-1', `own=$(mktemp -d) && ${unpack} && ${build} "$own" && rm -r "$own"`);
}

/** dev-1 can have the library that v0.1.1 needs, too. */
export const publishLibrary = (world: World): Promise<string> =>
  onHost(
    world,
    'dev-1',
    `own=$(mktemp -d) && cp -R /srv/src/stable-baselines3/. "$own" && sed -i 's/^__version__ = .*/__version__ = "9.0.0"/' "$own/stable_baselines3/__init__.py" && ${build} "$own" && rm -r "$own"`,
  );
