import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { controlsOf } from '../../lab/workspace/driver.ts';
import type { Message } from '../../lab/workspace/model.ts';
import { CHANNELS } from '../../lab/workspace/people/channels.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { ask, incident, PEOPLE } from '../helpers/rollback.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld({ systems: ['sac', 'agentrader'] });
  changeSystem('agentrader', (text) => text.replace('stands: 30m', 'stands: 5s'));
  await world.start();
});
afterAll(() => world?.stop());

/** Edits a system file of this world, before the product reads it. */
function changeSystem(name: string, change: (text: string) => string): void {
  const file = join(world.systemsDir, `${name}.yaml`);
  const before = readFileSync(file, 'utf8');
  const after = change(before);
  if (after === before) throw new Error(`${name}.yaml is as it was`);
  writeFileSync(file, after);
}

/** What a command is answered, and after how many milliseconds. */
async function answerTo(person: string, text: string, channel: string = incident): Promise<{ text: string; message: Message; ms: number }> {
  const before = world.workspace.ephemerals(person).length;
  const askedAt = performance.now();
  await world.workspace.command(person, channel, text);
  const message = await world.workspace.waitFor(() => world.workspace.ephemerals(person)[before], `the answer to ${text.slice(0, 40)}`);
  return { text: message.text, message, ms: Math.round(performance.now() - askedAt) };
}

const pagesNobody = { here: false, channel: false, everyone: false, users: [], groups: [] };

/** Every file that a request could have touched on the hosts, with mode, time and size: reading must leave them as they are. */
async function traces(): Promise<string> {
  const where: Record<string, string> = {
    'dev-1': '/srv/trade-agent /home/deploy /tmp /var/tmp',
    'prod-1': '/opt/trade-agent /etc/trade-agent /home/deploy /tmp /var/tmp',
    'prod-2': '/opt/trade-agent /etc/trade-agent /home/deploy /tmp /var/tmp',
    'ec2-1': '/home/ubuntu /tmp /var/tmp',
  };
  const of = async ([host, dirs]: [string, string]): Promise<string> =>
    `${host}\n${(await world.hosts.exec(host, `find ${dirs} -type f ! -path '*/logs/*' -printf '%m %T@ %s %p\\n' | sort -k4`)).stdout}`;
  return (await Promise.all(Object.entries(where).map(of))).join('\n');
}

/** What was typed, and what the answer must say: what was wrong, then what to type instead. */
const refused: [typed: string, wrong: string, instead: string][] = [
  ['sac v9.9.9', 'There is no release v9.9.9', 'Did you mean v0.2.0, v0.1.0?'],
  ['sac v0.1', 'There is no release v0.1', 'Did you mean v0.1.0?'],
  ['sac main', 'There is no release main', 'Did you mean v0.2.0, v0.1.0?'],
  ['sac --upload-pack=x', '“--upload-pack=x” cannot be a version', 'Name a tag (v0.1.0) or a commit'],
  ['sac v0.1.0; touch /tmp/x', '“v0.1.0;” cannot be a version', 'Name a tag (v0.1.0) or a commit'],
  ['sac $(id)', '“$(id)” cannot be a version', 'Name a tag (v0.1.0) or a commit'],
  ['sac @here', '“here” cannot be a version', 'Name a tag (v0.1.0) or a commit'],
  ['sac <!channel>', 'cannot be a version', 'Name a tag (v0.1.0) or a commit'],
  ['sac <!subteam^S0SACLEADS>', 'cannot be a version', 'Name a tag (v0.1.0) or a commit'],
  [`sac ${'v'.repeat(4996)}`, 'That is 5000 characters long; 1000 are read', '/rollback &lt;system&gt; &lt;version&gt;'],
  [`sac ${'v'.repeat(900)}`, 'cannot be a version', 'Name a tag (v0.1.0) or a commit'],
  ['scc v0.1.0', 'There is no system “scc”', 'Did you mean sac?'],
  ['constructor v0.1.0', 'There is no system “constructor”', 'Systems: sac, agentrader'],
  ['<!here> v0.1.0', 'There is no system', 'Systems: sac, agentrader'],
  ['@here v0.1.0', 'There is no system', 'Systems: sac, agentrader'],
  ['verions sac', 'There is no system “verions”', 'Did you mean versions?'],
  ['stauts', 'There is no system “stauts”', 'Did you mean status?'],
  ['versions', 'Of which system?', '/rollback versions &lt;system&gt;'],
  ['status <!here>', 'There is no system', 'Systems: sac, agentrader'],
  ['status sac-99', 'There is no rollback', '/rollback status'],
];

describe('what cannot be done as it was typed', () => {
  it('is answered privately, pages nobody, and touches no host', async () => {
    const before = await traces();
    for (const [typed, wrong, instead] of refused) {
      const { text, message, ms } = await answerTo(PEOPLE.requester, `/rollback ${typed}`);
      expect(text).toContain(wrong);
      expect(text).toContain(instead);
      expect(text.length).toBeLessThan(500);
      expect(message.mentions).toEqual(pagesNobody);
      expect(ms).toBeLessThan(5000);
    }
    expect(world.workspace.messages(incident)).toEqual([]);
    expect(await traces()).toBe(before);
  });

  it('somebody who is not in the channel is told who may ask', async () => {
    const { text } = await answerTo(PEOPLE.outsider, '/rollback sac v0.1.0', CHANNELS.general);
    expect(text).toContain('#inc-trading');
    expect(world.workspace.messages(incident)).toEqual([]);
  });

  it('questions are answered, also without any word', async () => {
    for (const typed of ['', ' help', ' HELP']) {
      const { text } = await answerTo(PEOPLE.requester, `/rollback${typed}`);
      for (const part of ['/rollback &lt;system&gt; &lt;version&gt;', 'versions', 'status', 'sac', 'agentrader']) expect(text).toContain(part);
    }
    for (const typed of ['versions sac', 'sac']) {
      const { text } = await answerTo(PEOPLE.requester, `/rollback ${typed}`);
      for (const part of ['`v0.1.0` - Beta release', '`v0.2.0` - Initial stable release', 'Release 0.2.0']) expect(text).toContain(part);
    }
    expect((await answerTo(PEOPLE.requester, '/rollback status')).text).toContain('No rollback is open');
    expect(world.workspace.messages(incident)).toEqual([]);
  });
});

/** Clicks a card as it was, and answers what the person is told. */
async function clicked(person: string, card: Message, action: string): Promise<string> {
  const before = world.workspace.ephemerals(person).length;
  await world.workspace.clickOld(person, card, action);
  return (await world.workspace.waitFor(() => world.workspace.ephemerals(person)[before], `the answer to ${action}`)).text;
}

/** What each button of an old card says to those who press it. */
async function everyOldButtonSays(card: Message, words: string): Promise<void> {
  expect(await clicked(PEOPLE.approver, card, 'approve')).toContain(words);
  expect(await clicked(PEOPLE.approver, card, 'reject')).toContain(words);
  expect(await clicked(PEOPLE.requester, card, 'withdraw')).toContain(words);
}

const decisionButtons = ['approve', 'reject', 'withdraw', 'details'];

describe('requests that end before they begin', () => {
  it('the same envelope twice makes one card, typed elsewhere it says where', async () => {
    world.workspace.sockets.duplicateNext();
    const { text } = await answerTo(PEOPLE.requester, '/rollback sac v0.1.0', CHANNELS.general);
    expect(text).toMatch(/^sac-1: received/);
    const card = await world.workspace.waitFor(() => world.workspace.messages(incident)[0]);
    await world.workspace.waitFor(() => hasButton(card.ts, 'approve'), 'the complete card', 30_000);
    expect((await answerTo(PEOPLE.requester, '/rollback status')).text).toContain('1 rollback open');
    expect(world.workspace.messages(incident)).toHaveLength(1);
    await world.workspace.click(PEOPLE.requester, incident, card.ts, 'withdraw');
    await world.workspace.waitFor(() => world.workspace.message(incident, card.ts)?.text.includes('was withdrawn'));
  });

  it('withdrawn: only by who asked; the card says so, and old buttons say why not', async () => {
    const before = await traces();
    const rollback = await ask(world, 'sac v0.1.0');
    const complete = await rollback.until('approve');
    expect(await clicked(PEOPLE.approver, complete, 'withdraw')).toContain('Only requester, who asked for');
    await rollback.click(PEOPLE.requester, 'withdraw');
    const card = await rollback.says(/was withdrawn/);
    expect(card.text).toContain('Nothing was changed');
    expect(card.text).toContain('/rollback sac v0.1.0');
    expect(rollback.buttons().filter((button) => decisionButtons.includes(button))).toEqual([]);
    await everyOldButtonSays(complete, 'was withdrawn');
    expect(await traces()).toBe(before);
  });

  it('rejected: with the reason that was typed, and nobody is paged by it', async () => {
    const rollback = await ask(world, 'sac v0.1.0');
    const complete = await rollback.until('approve');
    await rollback.click(PEOPLE.approver, 'reject');
    const view = await world.workspace.waitFor(() => world.workspace.views(PEOPLE.approver).at(-1), 'the question for a reason');
    const input = JSON.stringify(view).match(/"action_id":"([^"]+)"/)?.[1] ?? '';
    await world.workspace.submit(view.id, PEOPLE.approver, { [input]: 'markets close at four, ask @here <!channel> *tomorrow*' });
    const card = await rollback.says(/was rejected/);
    expect(card.text).toContain('markets close at four');
    expect(card.mentions).toMatchObject({ here: false, channel: false, everyone: false });
    expect(rollback.buttons().filter((button) => decisionButtons.includes(button))).toEqual([]);
    await everyOldButtonSays(complete, 'was rejected');
  });

  it('expired: says so by itself within seconds, and cannot be approved any more', async () => {
    const rollback = await ask(world, 'agentrader v0.1.0');
    const complete = await rollback.until('approve');
    const completeAt = performance.now();
    const card = await rollback.says(/has expired/, 15_000);
    expect(performance.now() - completeAt).toBeLessThan(10_000);
    expect(card.text).toContain('did not approve it within 5');
    expect(rollback.buttons().filter((button) => decisionButtons.includes(button))).toEqual([]);
    await everyOldButtonSays(complete, 'has expired');
  });

  it('no lock is left: a new request is complete again', async () => {
    const rollback = await ask(world, 'sac v0.1.0');
    await rollback.until('approve');
  });
});

const hasButton = (ts: string, action: string): boolean => {
  const message = world.workspace.message(incident, ts);
  return message !== undefined && controlsOf(message).some((control) => control.actionId === action);
};
