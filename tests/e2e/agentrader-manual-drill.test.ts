import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Document, parseDocument } from 'yaml';
import { controlsOf, wordsOf } from '../../lab/workspace/driver.ts';
import { CHANNELS } from '../../lab/workspace/people/channels.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { addKey, clone, deploy, imageId, newCard, onEc2, pins, refusal, snapshot, told, type } from '../helpers/agentrader.ts';
import { type Followed, follow, incident, PEOPLE, toldInThread } from '../helpers/rollback.ts';

const longMs = 900_000;

let world: World;
beforeAll(async () => {
  world = await startWorld({ systems: ['agentrader', 'agentrader-drill'], watchFor: '1s', progressEvery: '1s' });
  edit('agentrader-drill', (file) => {
    file.setIn(['drill', 'run'], 'bash deployment/test_deployment_flow.sh');
  });
  await addKey(world);
  await deploy(world);
  await world.start();
});
afterAll(() => world?.stop());

function edit(system: string, change: (file: Document) => void): void {
  const path = join(world.systemsDir, `${system}.yaml`);
  const file = parseDocument(readFileSync(path, 'utf8'));
  change(file);
  writeFileSync(path, file.toString({ lineWidth: 0 }));
}

const cards = (): string[] => world.workspace.messages(incident).map(({ ts }) => ts);
const withoutKept = (state: string): string =>
  state
    .split('\n')
    .filter((line) => !line.startsWith('agentrader:v0.1.0 '))
    .join('\n');

describe('a rehearsal', () => {
  it('is refused where the system is not marked for it', async () => {
    const said = await refusal(world, 'drill agentrader');
    expect(said).toContain('aGENtrader is not marked for rehearsals');
    expect(said).toContain('whose system file says drill:');
  });

  it('rolls back and puts back, both proven, waits for nobody, and tells no audience', { timeout: longMs }, async () => {
    const before = await snapshot(world);
    const drill = await type(world, 'drill agentrader-drill');
    const known = cards();
    await drill.says(/v0\.1\.0 proven on 1 of 1 host/, 400_000);
    const { ts } = await world.workspace.waitFor(() => newCard(world, known), 'the card of the second half', 120_000);
    const back = follow(world, ts);
    await back.says(/agentrader-drill-1 is put back/, 400_000);
    console.log(`${told(world, drill)}\n\n=====\n\n${told(world, back)}`);
    for (const card of [drill.card(), back.card()]) expect(card.text).toMatch(/^Rehearsal: /);
    expect(wordsOf(drill.card())).not.toContain('Owed by');
    await toldInThread(world, drill, 'flow-ec2 Flow script');
    expect(withoutKept(await snapshot(world))).toBe(before);
    expect(await pins(world, 'agentrader-drill')).toContain(await imageId(world, 'agentrader:v0.1.0'));
    for (const channel of [CHANNELS['trading-status'], CHANNELS.management]) expect(world.workspace.messages(channel)).toEqual([]);
    expect(world.workspace.messages(incident).map((one) => one.metadata?.event_payload.message)).toEqual(['card', 'card']);
  });

  it('what it measured is on the next card', { timeout: longMs }, async () => {
    const next = await type(world, 'agentrader-drill v0.1.0');
    const card = await next.until('approve', 180_000);
    console.log(card.text);
    expect(card.text).toMatch(/affected for\S* \d+ ?s \(median of 1 run\)/);
    await next.click(PEOPLE.requester, 'withdraw');
    await next.says(/was withdrawn/);
  });
});

const text = (escaped: string): string => escaped.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** The commands that the card shows, as somebody would copy them, and the run that they are for. */
function asked(rollback: Followed): { run: string; commands: string } | undefined {
  const button = controlsOf(rollback.card()).find(({ actionId }) => actionId === 'tick');
  if (!button) return undefined;
  const blocks = [...wordsOf(rollback.card()).matchAll(/```\n([\s\S]*?)\n```/g)].map(([, inside = '']) => text(inside));
  return { run: String(JSON.parse(button.value ?? '{}').run), commands: blocks.join('') };
}

const nextAsked = (rollback: Followed, after = '') =>
  world.workspace.waitFor(
    () => {
      const one = asked(rollback);
      return one && one.run !== after && one;
    },
    `commands after ${after}`,
    120_000,
  );

/** Logs in as the card says and runs exactly what it says. */
async function byHand({ commands }: { commands: string }): Promise<void> {
  const [login, ...rest] = commands.split('\n');
  expect(login).toBe(`ssh -p ${world.hosts.host('ec2-1').port} ubuntu@127.0.0.1`);
  expect(rest[0]).toBe(`cd ${clone}`);
  await onEc2(world, rest.join('\n'));
}

describe('by hand', () => {
  const runs = ['1.1', '1.2', '4.1', '4.2', '6.1', '5', '6.2', '7.1', '7.2', '7.4'];

  it('people run what the card says and tick it off; one that failed is trouble; the bot proves the end', { timeout: longMs }, async () => {
    const manual = await type(world, 'agentrader v0.1.0 manual');
    const waiting = await manual.until('approve', 180_000);
    expect(waiting.text).toContain('By hand: people run the commands and tick them off; the bot proves the end.');
    console.log(waiting.text);
    await manual.click(PEOPLE.approver, 'approve');
    let last = '';
    for (const run of runs) {
      const now = await nextAsked(manual, last);
      expect(now.run).toBe(`${run}@ec2-1`);
      console.log(now.commands);
      if (run === '7.1') await failsFirst(manual);
      await byHand(now);
      await manual.click(PEOPLE.requester, 'tick');
      last = now.run;
    }
    await manual.says(/v0\.1\.0 proven on 1 of 1 host/, 240_000);
    console.log(told(world, manual));
    expect(await onEc2(world, `git -C ${clone} describe --tags`)).toBe('v0.1.0');
    expect(await onEc2(world, 'docker ps --format "{{.Names}} {{.Image}}"')).toBe('agentrader agentrader:v0.1.0');
    expect(await onEc2(world, 'curl -s http://localhost:8000/health')).toContain('"version":"v0.1.0"');
    expect(await onEc2(world, `cat ${clone}/logs/rollback.log`)).toContain('rollback agentrader-1: agentrader v0.2.0 -> v0.1.0');
  });

  async function failsFirst(manual: Followed): Promise<void> {
    await manual.click(PEOPLE.requester, 'tick-failed');
    const card = await manual.until('retry', 60_000);
    expect(card.text).toContain('needs a decision');
    expect(card.text).toContain('7.1 Validate on ec2-1');
    expect(card.text).toContain('requester ran it by hand');
    console.log(card.text);
    await manual.click(PEOPLE.requester, 'retry');
    expect((await nextAsked(manual)).run).toBe('7.1@ec2-1');
  }
});
