import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startWorld, type World } from '../../lab/world.ts';
import { addKey, approveAndProve, clone, commitOf, deploy, newCard, onEc2, refusal, release, snapshot, told, type } from '../helpers/agentrader.ts';
import { incident, PEOPLE, toldInThread } from '../helpers/rollback.ts';

const longMs = 600_000;

let world: World;
beforeAll(async () => {
  world = await startWorld({ systems: ['agentrader'], watchFor: '1s' });
  await world.start();
});
afterAll(() => world?.stop());

/** Asks, answers the card once it says whether it can be done, and withdraws what could. */
async function cardOf(text: string): Promise<string> {
  const before = world.workspace.messages(incident).map(({ ts }) => ts);
  const askedAt = performance.now();
  const rollback = await type(world, text);
  const isComplete = () => {
    const card = newCard(world, before);
    return card && /cannot be done yet|Waiting for/.test(card.text) && card;
  };
  const card = await world.workspace.waitFor(isComplete, `the card of ${text} to be complete`, 180_000);
  console.log(`${Math.round(performance.now() - askedAt)} ms: ${card.text}`);
  if (rollback.buttons().includes('withdraw')) {
    await rollback.click(PEOPLE.requester, 'withdraw');
    await rollback.says(/was withdrawn/, 60_000);
  }
  return card.text;
}

/** Breaks something as root, asks, and mends exactly that: the host must be as it was before. An engine takes a moment to start its containers. */
async function cardWhile(breaks: string, mends: string, text: string): Promise<string> {
  const before = await snapshot(world);
  await onEc2(world, breaks, 'root');
  const card = await cardOf(text).finally(() => onEc2(world, mends, 'root'));
  await expect.poll(() => snapshot(world), { timeout: 60_000, interval: 1000 }).toBe(before);
  return card;
}

const problems = (count: number) => new RegExp(`${count} problems? found, nothing was changed`);

describe('what the document tells to look for, found before anything is changed', () => {
  it('API not answering, dependency changes, a container that was started by hand, and local changes are warnings', { timeout: longMs }, async () => {
    const card = await cardWhile(
      `docker run -d --name agentrader_emergency --env-file ${clone}/.env agentrader:v0.2.0 && docker stop agentrader && echo changed >>${clone}/README.md && touch ${clone}/notes.txt && chown ubuntu:ubuntu ${clone}/notes.txt`,
      `docker rm -f agentrader_emergency && docker start agentrader && rm ${clone}/notes.txt && runuser -u ubuntu -- git -C ${clone} checkout -q README.md`,
      'agentrader v0.1.0',
    );
    for (const part of [
      'ec2-1: api: http://localhost:8000/health does not answer',
      'Dependencies differ between v0.2.0 and v0.1.0: docker/Dockerfile',
      'ec2-1: a container outside compose, agentrader_emergency runs (agentrader:v0.2.0)',
      'ec2-1: uncommitted work in /home/ubuntu/aGENtrader will be kept and set aside: README.md, notes.txt',
    ])
      expect(card).toContain(part);
    expect(card).toContain('Checks: 4 warnings');
    expect(card).toContain('Waiting for');
  });

  it('a variable that the release needs and .env lacks, by its name', { timeout: longMs }, async () => {
    const card = await cardWhile('true', 'true', 'agentrader v0.2.0');
    expect(card).toMatch(problems(1));
    expect(card).toContain('variables: .env lacks what v0.2.0 needs: EXCHANGE_API_V2_KEY (missing) → put them into /home/ubuntu/aGENtrader/.env');
  });

  it('the engine stopped, and a full disk: both at once, with what could be freed', { timeout: longMs }, async () => {
    const full = await cardWhile(
      'mount -t tmpfs -o size=10m tmpfs /tmp && docker tag agentrader-base:lab unused:old',
      'docker rmi unused:old; umount /tmp',
      'agentrader v0.1.0',
    );
    expect(full).toMatch(problems(1));
    expect(full).toMatch(/disk: \d+ MB are free at \/tmp; could be freed: unused images \S+/);
    expect(full).toContain('free at least 200 MB');
    const both = await cardWhile(
      'mount -t tmpfs -o size=10m tmpfs /tmp; systemctl stop docker.socket docker',
      'systemctl start docker.socket docker; umount /tmp',
      'agentrader v0.1.0',
    );
    expect(both).toMatch(/disk: \d+ MB are free at \/tmp/);
    expect(both).toContain('the Docker engine does not answer');
    expect(both).toContain('start it: sudo systemctl start docker');
  });

  it('a clone that belongs to another user', { timeout: longMs }, async () => {
    const card = await cardWhile(`chown -R root:root ${clone}/.git`, `chown -R ubuntu:ubuntu ${clone}/.git`, 'agentrader v0.1.0');
    expect(card).toContain('cannot be done yet');
    expect(card).toContain('ubuntu may not write to /home/ubuntu/aGENtrader/.git');
    expect(card).toContain('give it to ubuntu');
    expect(card).not.toContain('variables');
  });

  it('a tag that does not exist, one that its origin lacks, and one that is another commit there', { timeout: longMs }, async () => {
    expect(await refusal(world, 'agentrader v9.9.9')).toContain('There is no release v9.9.9');
    await release(world, { tag: 'v0.3.0', from: 'v0.1.0', change: 'echo more >>README.md', isAtOrigin: false });
    const short = (await commitOf(world, 'v0.3.0')).slice(0, 12);
    const missing = await cardWhile('true', 'true', 'agentrader v0.3.0');
    expect(missing).toContain(`the origin of the clone has no v0.3.0 at ${short}`);
    expect(missing).toContain('push the release there');
    const moved = await cardWhile(
      'git --git-dir=/srv/git/aGENtrader.git tag v0.3.0 v0.2.0',
      'git --git-dir=/srv/git/aGENtrader.git tag -d v0.3.0',
      'agentrader v0.3.0',
    );
    expect(moved).toContain(`the origin of the clone has no v0.3.0 at ${short}`);
  });

  it('a validation that fails prints why: the logs of the container; put back, the host is as it was', { timeout: longMs }, async () => {
    await release(world, { tag: 'v0.1.2', from: 'v0.1.0', change: "sed -i 's/EXCHANGE_API_KEY/EXCHANGE_SECRET/g' app/agentrader.sh" });
    await addKey(world);
    await deploy(world);
    const before = await snapshot(world);
    const rollback = await type(world, 'agentrader v0.1.2');
    await rollback.until('approve', 180_000);
    await rollback.click(PEOPLE.approver, 'approve');
    const card = await rollback.until('retry', 280_000);
    expect(card.text).toContain('7.1 Validate on ec2-1');
    await toldInThread(world, rollback, 'market data refused: EXCHANGE_SECRET is not set');
    const said = told(world, rollback);
    console.log(said);
    expect(said).toContain('health is failing: market data refused: EXCHANGE_SECRET is not set');
    expect(said).toContain('ERROR market data refused: EXCHANGE_SECRET is not set');
    const undo = await type(world, `undo ${idOf(said)}`);
    await approveAndProve(undo, /is put back/);
    console.log(told(world, undo));
    expect(await snapshot(world)).toBe(before);
  });

  it('mended, the same request can be made', { timeout: longMs }, async () => {
    await approveAndProve(await type(world, 'agentrader v0.1.0'));
  });
});

const idOf = (said: string): string => /agentrader-\d+/.exec(said)?.[0] ?? '';
