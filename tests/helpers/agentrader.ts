import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { git } from '../../lab/samples/git.ts';
import { wordsOf } from '../../lab/workspace/driver.ts';
import type { World } from '../../lab/world.ts';
import { type Followed, follow, incident, PEOPLE, toldPrivately } from './rollback.ts';

/** The clone on ec2-1, and its origin there. */
export const clone = '/home/ubuntu/aGENtrader';
const origin = '/srv/git/aGENtrader.git';

/** Runs sh text on ec2-1 as `ubuntu`, as a person would, and answers what it printed, trimmed. Throws with all it said when it fails. */
export async function onEc2(world: World, text: string, user = 'ubuntu'): Promise<string> {
  const home = user === 'root' ? '/root' : `/home/${user}`;
  const { exitCode, stdout, stderr } = await world.hosts.exec('ec2-1', `export HOME=${home}; ${text}`, { user, timeoutMs: 300_000 });
  if (exitCode !== 0) throw new Error(`${text}\nended with ${exitCode}:\n${stdout}${stderr}`);
  return stdout.trim();
}

export const docker = (world: World, text: string): Promise<string> => onEc2(world, `docker ${text}`);
export const imageId = (world: World, image: string): Promise<string> => docker(world, `image inspect --format {{.Id}} ${image}`);

/** Gives the second exchange API its key: without it v0.2.0 runs and fails its health check. */
export const addKey = (world: World): Promise<string> => onEc2(world, `printf 'EXCHANGE_API_V2_KEY=lab-9d2e\\n' >>${clone}/.env`);

/** v0.2.0 again by compose, as a deploy by hand: with its key it is healthy. */
export const deploy = (world: World): Promise<string> => onEc2(world, `cd ${clone}/docker && VERSION=v0.2.0 docker-compose up -d --no-build`);

/**
 * All of ec2-1 that a rollback can change, read from outside: files with mode, owner, link and content, HEAD, index, refs, containers without the pins,
 * images by their tags. Logs are left out: they grow. So is by which file compose made a container: an undo must use a copy of the old one.
 */
export async function snapshot(world: World): Promise<string> {
  const format =
    '{{.Name}} {{.Config.Image}} {{.Image}} {{.State.Status}} {{.HostConfig.RestartPolicy}} {{.HostConfig.Binds}} {{.HostConfig.PortBindings}} {{.Config.Env}} {{.Config.Labels}}';
  const seen = await onEc2(
    world,
    `cd ${clone} && export LC_ALL=C GIT_OPTIONAL_LOCKS=0
    find . \\( -path ./.git -o -path ./logs -o -name __pycache__ \\) -prune -o -printf '%y %m %u:%g %p -> %l\\n' | sort -k 4
    find . \\( -path ./.git -o -path ./logs -o -name __pycache__ \\) -prune -o -type f -print | sort | xargs sha256sum
    git symbolic-ref -q HEAD; git rev-parse HEAD; git ls-files --stage | sha256sum; git status --porcelain; git for-each-ref refs/heads refs/tags
    docker ps -aq --no-trunc | xargs -r docker inspect --format '{{if index .Config.Labels "rollback-bot.pin"}}{{else}}${format}{{end}}' | grep . | sort | sed 's/\\.rollback-compose/docker-compose/g'
    docker image ls --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' | sort`,
  );
  return seen.replace(/\[[^\]]*\]/g, (list) => list.slice(1, -1).split(' ').sort().join(' ')); // compose gives mounts in any order
}

/** The pins of a system: containers that were never started and keep an image, newest first, as `NAME IMAGE-ID`. */
export const pins = (world: World, system = 'agentrader'): Promise<string> =>
  onEc2(
    world,
    `docker ps -aq --no-trunc --filter label=rollback-bot.pin=${system} | xargs -r docker inspect --format '{{.Name}} {{.Image}}' | sed 's:^/::'`,
  );

/**
 * A release of the sample repository that only this test has: `change` is run on top of `from`, committed and tagged.
 * It is known to the bot, and to the clone's own origin on ec2-1 unless `isAtOrigin` says no.
 */
export async function release(
  world: World,
  { tag, from, change, isAtOrigin = true }: { tag: string; from: string; change: string; isAtOrigin?: boolean },
): Promise<string> {
  const bare = world.repositories.agentrader;
  const work = await mkdtemp(join(tmpdir(), 'rollback-release-'));
  try {
    await git(work, ['clone', '--quiet', bare, '.']);
    await git(work, ['checkout', '--quiet', from]);
    await promisify(execFile)('sh', ['-euc', change], { cwd: work });
    const who = { GIT_AUTHOR_NAME: 'Tomas Lind', GIT_AUTHOR_EMAIL: 'tomas@acme.example' };
    await git(work, ['commit', '--quiet', '--all', '--message', `Change for ${tag}`], who);
    await git(work, ['tag', '--annotate', '--force', '--message', tag, tag]);
    await git(work, ['push', '--quiet', '--force', 'origin', tag]);
    if (isAtOrigin) await toOrigin(world);
    return await git(work, ['rev-parse', 'HEAD']);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Brings the bot's repository to the clone's origin on the host. */
async function toOrigin(world: World): Promise<void> {
  await world.hosts.copyIn('ec2-1', `${world.repositories.agentrader}/.`, origin);
  await onEc2(world, `chown -R ubuntu:ubuntu ${origin}`, 'root');
}

/** The whole commit id of a tag, or of the nth commit before it: `v0.2.0~5`. */
export const commitOf = (world: World, ref: string): Promise<string> => git(world.repositories.agentrader, ['rev-parse', `${ref}^{commit}`]);

/** Types `/rollback …` and follows the card that appears, whatever buttons it has. */
export async function type(world: World, text: string, person: string = PEOPLE.requester): Promise<Followed> {
  const { workspace } = world;
  const before = workspace.messages(incident).map(({ ts }) => ts);
  await workspace.command(person, incident, `/rollback ${text}`);
  const { ts } = await workspace.waitFor(() => newCard(world, before), `the card of /rollback ${text}`, 120_000);
  return follow(world, ts);
}

/** The card that is in the channel now and was not then. */
export const newCard = (world: World, before: readonly string[]) =>
  world.workspace.messages(incident).find((one) => !before.includes(one.ts) && one.metadata?.event_payload.message === 'card');

/** Types a command that is refused, and answers what was said privately. */
export async function refusal(world: World, text: string): Promise<string> {
  const before = toldPrivately(world, PEOPLE.requester).length;
  await world.workspace.command(PEOPLE.requester, incident, `/rollback ${text}`);
  return world.workspace.waitFor(() => toldPrivately(world, PEOPLE.requester).slice(before).trim() || undefined, `the answer to ${text}`, 60_000);
}

/** Waits for the plan, approves it, and waits until the hosts are proven. Answers the milliseconds from Approve to the proof. */
export async function approveAndProve(rollback: Followed, proven: RegExp = /proven on 1 of 1 host/): Promise<number> {
  await rollback.until('approve', 180_000);
  const approvedAt = performance.now();
  await rollback.click(PEOPLE.approver, 'approve');
  await Promise.race([rollback.says(proven, 280_000), rollback.until('retry', 281_000).then((card) => Promise.reject(new Error(card.text)))]);
  return Math.round(performance.now() - approvedAt);
}

/** Card and thread as people read them. */
export const told = (world: World, rollback: Followed): string =>
  [rollback.card(), ...world.workspace.replies(incident, rollback.ts)].map(wordsOf).join('\n\n');
