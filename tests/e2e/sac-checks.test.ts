import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { git } from '../../lab/samples/git.ts';
import { wordsOf } from '../../lab/workspace/driver.ts';
import { startWorld, type World } from '../../lab/world.ts';
import type { Recorded } from '../../src/domain/release.ts';
import { keys } from '../../src/store/keys.ts';
import { backups, onHost, origin, publish, publishLibrary, releaseWithOtherNeeds, tree } from '../helpers/newer-library.ts';
import { ask, type Followed, incident, PEOPLE } from '../helpers/rollback.ts';
import { sacState } from '../helpers/sac.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ systems: ['sac'], progressEvery: '1h' });
  await world.start();
});
afterAll(() => world?.stop());

const longMs = 600_000;
const agent = 'src/rl/sac/sac_agent.py';
const sudoers = '/etc/sudoers.d/rollback-lab';
const pip = `${tree}/.venv/bin/python -m pip -q`;

const on = (host: string, command: string, user?: string): Promise<string> => onHost(world, host, command, user);

/** Asks, answers the card once it says whether it can be done, and withdraws what could. */
async function cardOf(text: string): Promise<string> {
  const askedAt = performance.now();
  const rollback = await ask(world, text);
  const { text: said } = await rollback.says(/cannot be done yet|Waiting for/, 60_000);
  console.log(`${Math.round(performance.now() - askedAt)} ms: ${said}`);
  if (rollback.buttons().includes('withdraw')) {
    await rollback.click(PEOPLE.requester, 'withdraw');
    await rollback.says(/was withdrawn/, 60_000);
  }
  return said;
}

/** Asks while something is broken; what the hosts had then they must have afterwards. */
async function cardWhile(breaks: () => Promise<unknown>, mends: () => Promise<unknown>, text: string): Promise<string> {
  try {
    await breaks();
    const before = await sacState(world);
    const card = await cardOf(text);
    expect(await sacState(world)).toEqual(before);
    return card;
  } finally {
    await mends();
  }
}

/** Card and thread as people read them. */
const toldIn = (rollback: Followed): string => [rollback.card(), ...world.workspace.replies(incident, rollback.ts)].map(wordsOf).join('\n\n');

const nothing = () => Promise.resolve();
const commitOf = (ref: string) => git(world.repositories['trade-agent'], ['rev-parse', `${ref}^{commit}`]);
const moveTag = (id: string) => git(world.repositories['trade-agent'], ['update-ref', 'refs/tags/v0.1.0', id]);
const moveTagAtOrigin = (id: string) => on('dev-1', `git --git-dir=${origin} update-ref refs/tags/v0.1.0 ${id}`, 'deploy');

describe('what the document tells to look for, found before anything is changed', () => {
  it('a record of what does not run well is refused, and nothing is written', { timeout: longMs }, async () => {
    const card = await cardWhile(nothing, nothing, 'sac record');
    expect(card).toContain('cannot be done yet');
    for (const host of ['prod-1', 'prod-2'])
      expect(card).toMatch(new RegExp(`${host}.*/health is .*503.*, and v0\\.2\\.0 has .* → Only what is proven is recorded`));
    expect(await on('dev-1', `ls ${backups}`)).toBe('v0.1.0');
  });

  it('an outdated backup, uncommitted work, packages in conflict and silent monitoring are warnings, each by its name', {
    timeout: longMs,
  }, async () => {
    await releaseWithOtherNeeds(world);
    const card = await cardWhile(
      async () => {
        await publish(world);
        await on('dev-1', `touch -d '-400 days' ${backups}/v0.1.0/MANIFEST.sha256`);
        await on('dev-1', `cd ${tree} && echo edited >>README.md && echo '# found' >>${agent} && touch notes.txt`, 'deploy');
        await on('dev-1', `${pip} install --no-deps trade-agent-sac==0.1.1`, 'deploy');
        await on('prod-2', 'systemctl stop sac-agent-service');
      },
      async () => {
        await on('dev-1', `touch ${backups}/v0.1.0/MANIFEST.sha256`);
        await on('dev-1', `cd ${tree} && git checkout -q . && rm notes.txt && ${pip} install --no-deps trade-agent-sac==0.2.0`, 'deploy');
        await on('prod-2', 'systemctl start sac-agent-service'); // notifies systemd once it answers
      },
      'sac v0.1.0',
    );
    for (const part of [
      'dev-1: backups: the backup of v0.1.0 is 400 days old',
      'dev-1: state: uncommitted work is there and will be kept: README.md, src/rl/sac/sac_agent.py, notes.txt',
      'dev-1: dependencies: trade-agent-sac 0.1.1 has requirement stable-baselines3&gt;=9',
      'prod-2: monitoring: http://localhost:8080/metrics does not answer',
    ])
      expect(card).toContain(part);
    expect(card.match(/400 days old/g)).toHaveLength(1);
    expect(card).toContain('Waiting for');
  });

  it('a wheel that is gone, a sudo rule that is missing, and no backup of the release: all at once', { timeout: longMs }, async () => {
    const card = await cardWhile(
      async () => {
        await on('dev-1', `mv /srv/wheels/trade_agent_sac-0.1.0-* ${backups}/v0.1.0 /root`);
        await on('prod-1', `cp -p ${sudoers} /root/rules && sed -i '/systemctl start/d' ${sudoers} && visudo -cq`);
      },
      async () => {
        await on('dev-1', `mv /root/trade_agent_sac-0.1.0-* /srv/wheels && mv /root/v0.1.0 ${backups}`);
        await on('prod-1', `cp -p /root/rules ${sudoers}`);
      },
      'sac v0.1.0',
    );
    for (const part of [
      '5 problems found, nothing was changed',
      'dev-1 step 2: backups: there is no backups/v0.1.0/MANIFEST.sha256 → mend the backup of v0.1.0, or choose a release that has one',
      'dev-1 step 10: trade-agent-sac==0.1.0 cannot be had: ',
      'No matching distribution found for trade-agent-sac==0.1.0',
      'prod-1 step 2: access: deploy may not start sac-agent-service → add to sudoers: deploy ALL=(root) NOPASSWD: /usr/bin/systemctl start sac-agent-service',
    ])
      expect(card).toContain(part);
    expect(card).not.toContain('prod-2');
  });

  it('a release that needs what no index has; once that can be had, the card says what pip will do', { timeout: longMs }, async () => {
    const conflict = await cardWhile(nothing, nothing, 'sac v0.1.1');
    expect(conflict).toContain('1 problem found, nothing was changed');
    expect(conflict).toMatch(
      /dev-1 step 10: trade-agent-sac 0\.1\.1 needs stable.baselines3&gt;=9, dev-1 has 2\.3\.2, and pip cannot get it → build and publish it/,
    );
    const mended = await cardWhile(() => publishLibrary(world), nothing, 'sac v0.1.1');
    expect(mended).toMatch(/trade-agent-sac 0\.1\.1 needs stable.baselines3&gt;=9, dev-1 has 2\.3\.2: pip will install stable.baselines3 9\.0\.0/);
    expect(mended).toContain('Dependencies differ between v0.2.0 and v0.1.1: requirements.txt');
    expect(mended).toContain('Waiting for');
  });
});

describe('a tag that is moved after the plan was made', () => {
  let rollback: Followed;
  let approved: string;
  let other: string;

  it('at the origin of the clone: nothing has been changed when it is found', { timeout: longMs }, async () => {
    approved = await git(world.repositories['trade-agent'], ['rev-parse', 'refs/tags/v0.1.0']);
    other = await git(world.repositories['trade-agent'], ['rev-parse', 'refs/tags/v0.1.1']);
    await on('dev-1', `cd ${tree} && echo '# found' >>${agent} && echo 'by hand' >src/rl/sac/notes.py && echo edited >>README.md`, 'deploy');
    const before = await sacState(world);
    rollback = await ask(world, 'sac v0.1.0');
    await rollback.until('approve');
    await Promise.all([moveTag(other), moveTagAtOrigin(other)]);
    await rollback.click(PEOPLE.approver, 'approve');
    const { text } = await rollback.until('retry');
    const told = await world.workspace.waitFor(() => toldIn(rollback).includes('FAIL release') && toldIn(rollback), 'the thread to show the check');
    console.log(told);
    expect(text.split('\n')[0]).toContain('production was not stopped');
    expect(text).toContain('2 Environment on dev-1');
    const [was = '', is = ''] = (await Promise.all(['v0.1.0^', 'v0.1.0'].map(commitOf))).map((id) => id.slice(0, 12));
    expect(told).toContain(`FAIL release: at the origin of the clone the tag v0.1.0 is ${is}, and not ${was}`);
    expect(await sacState(world)).toEqual(before);
  });

  it('where the pipeline deploys from: it is not started, and the card says what was moved', { timeout: longMs }, async () => {
    await moveTagAtOrigin(approved);
    await rollback.click(PEOPLE.requester, 'retry');
    await rollback.says(/is STOPPED/);
    const { text } = await rollback.until('retry');
    console.log(text);
    expect(text).toMatch(/11\.2 Deploy on prod-1 was not run: the tag v0\.1\.0 was moved from [0-9a-f]{12} to [0-9a-f]{12} after the approval/);
    expect(text).toContain('Put the tag back, or ask for the rollback anew');
    expect(world.pipeline.runs).toEqual([]);
    expect(await on('prod-1', 'cat /opt/trade-agent/sac/__init__.py')).toContain('0.2.0');
  });

  it('put back, it goes on to the proof; uncommitted work is named, kept, and where it was not in the way still there', {
    timeout: longMs,
  }, async () => {
    await moveTag(approved);
    await rollback.click(PEOPLE.requester, 'retry');
    await rollback.says(/proven on 3 of 3 hosts/);
    await rollback.says(/Recorded as last known good/);
    console.log(toldIn(rollback));
    const kept = await on('dev-1', `find /home/deploy/.rollback-bot/kept -path '*/before/files/*' -type f`);
    console.log(kept);
    const contentOf = (name: string) => on('dev-1', `tail -n 1 ${kept.split('\n').find((file) => file.endsWith(name)) ?? name}`);
    expect(await contentOf(agent)).toBe('# found');
    expect(await contentOf('src/rl/sac/notes.py')).toBe('by hand');
    expect(await on('dev-1', `cd ${tree} && git status --porcelain README.md src/rl/sac/notes.py`, 'deploy')).toBe('M README.md');
  });
});

describe('record', () => {
  /** What was recorded of v0.1.0, read from Redis. */
  async function recorded(): Promise<Recorded> {
    const redis = new Redis(world.redis.url);
    try {
      return JSON.parse((await redis.hget(keys.recorded('sac'), 'v0.1.0')) ?? 'null') as Recorded;
    } finally {
      redis.disconnect();
    }
  }

  it('proves what runs, copies its files to the backup of the release, and says what it recorded', { timeout: longMs }, async () => {
    await on('dev-1', `mv ${backups}/v0.1.0 /root/before`);
    const before = await sacState(world);
    const record = await ask(world, 'sac record');
    const { text } = await record.says(/Recorded as last known good/);
    console.log(text);
    expect(text).toContain('proven on 3 of 3 hosts');
    expect(text).toContain('Nothing was changed: what runs was proven');
    expect(text).toMatch(/dev-1: recorded the backup of v0\.1\.0: \d+ files in backups\/v0\.1\.0/);
    const listed = await on(
      'dev-1',
      `cd ${backups}/v0.1.0 && sha256sum -c --strict --quiet MANIFEST.sha256 && cut -c 67- MANIFEST.sha256 && find . -type f | wc -l`,
    );
    const files = listed.split('\n').slice(0, -1);
    expect(files).toContain('configs/sac_config.json');
    expect(files.filter((file) => file.startsWith('models/sac_')).length).toBeGreaterThan(0);
    expect(listed.split('\n').at(-1)).toBe(String(files.length + 1));
    for (const file of files) await on('dev-1', `cmp ${backups}/v0.1.0/${file} ${tree}/${file}`);
    const withoutBackups = (state: Record<string, string>) => ({
      ...state,
      'dev-1': (state['dev-1'] ?? '').split('\n').filter((line) => !line.includes('/backups')),
    });
    expect(withoutBackups(await sacState(world))).toEqual(withoutBackups(before));
  });

  it('documents commit, packages and checksums of each host', async () => {
    const { release, hosts } = await recorded();
    expect(release.commit).toBe(await commitOf('v0.1.0'));
    expect(hosts['dev-1']?.packages).toContainEqual(expect.stringMatching(/^stable.baselines3==2\.3\.2$/));
    expect(hosts['prod-1']?.packages).toContain('trade-agent-sac==0.1.0');
    const sum = (await on('dev-1', `sha256sum ${tree}/configs/sac_config.json`)).slice(0, 64);
    expect(hosts['dev-1']?.files?.['configs/sac_config.json']).toBe(sum);
  });

  it('a second time finds these files already there, and is refused once production is not well', { timeout: longMs }, async () => {
    const again = await ask(world, 'sac record');
    expect((await again.says(/Recorded as last known good/)).text).toContain('the backup of v0.1.0 has these files already');
    const backup = () => on('dev-1', `cd ${backups}/v0.1.0 && find . -type f -printf '%p %T@ %s\\n' | sort`);
    const whole = await backup();
    const card = await cardWhile(() => on('prod-2', 'systemctl stop sac-agent-service'), nothing, 'sac record');
    expect(card).toContain('cannot be done yet');
    expect(card).toMatch(/prod-2: unit sac-agent-service is inactive.* → Only what is proven is recorded: mend it first/);
    expect(await backup()).toBe(whole);
  });
});
