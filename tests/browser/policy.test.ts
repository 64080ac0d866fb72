import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../lab/workspace/people/people.ts';
import type { World } from '../../lab/world.ts';
import { gitOnDev, startTiny } from '../helpers/tiny.ts';
import { openPage, startBrowser } from './browser.ts';
import { Desk } from './desk.ts';
import { layoutFaults } from './screen.ts';

const withinMs = 60_000;
const called = '{ approve: { by: approvers, remind: 1s, escalate: { after: 2s, to: lead } }, override: "@qa" }';

let world: World;
let browser: Browser;
let desk: Desk;
const faults: string[] = [];

beforeAll(async () => {
  world = await startTiny([{ name: 'called', policy: called }]);
  await world.start();
  browser = await startBrowser();
  desk = new Desk(await openPage(browser, world.workspace.url, PEOPLE.requester, faults));
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

const look = async (name: string, shown?: Locator): Promise<unknown> => faults.push(...(await layoutFaults(desk.page, `policy-${name}`, shown)));
const confirmed = (yes: string): Promise<void> => desk.page.getByRole('alertdialog').getByRole('button', { name: yes, exact: true }).click();

async function asked(): Promise<Locator> {
  await desk.type('/rollback called v0.1.0 orders rejected');
  const card = await desk.card();
  await desk.button('approve', card).waitFor({ timeout: withinMs });
  return card;
}

/** Fills in the modal of this name and sends it. */
async function submitted(name: RegExp, values: Readonly<Record<string, string>>, send: string): Promise<void> {
  const dialog = desk.page.getByRole('dialog', { name });
  for (const [label, value] of Object.entries(values)) await dialog.getByLabel(label).fill(value);
  await dialog.getByRole('button', { name: send, exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
}

describe('who may do what, at the page', () => {
  let card: Locator;

  it('the plan shows how the configuration differs, and who wrote what is undone', async () => {
    card = await asked();
    await look('waiting', card);
    await desk.button('plan', card).click();
    const dialog = desk.page.getByRole('dialog', { name: /^Plan of called-\d+$/ });
    await dialog.getByText('Page 1 of').waitFor();
    const text = await dialog.innerText();
    for (const part of ['Configuration: what going from v0.2.0 to v0.1.0 changes', 'configs/sac_config.json', '7 commits undone'])
      expect(text).toContain(part);
    await look('plan');
    await dialog.getByText('Configuration: what going').evaluate((node) => node.scrollIntoView({ block: 'start' }));
    await look('configuration', dialog.getByText('Configuration: what going'));
    await dialog.getByRole('button', { name: 'Close' }).last().click();
  });

  it('the requester is refused privately, and everybody else sees nothing of it', async () => {
    await desk.button('approve', card).click();
    await confirmed('Approve');
    await desk.private().getByText('can be approved by @sac-leads').waitFor();
    await look('refused');
    expect(await desk.actions(card)).toContain('approve');
    await desk.become('Ada Okafor');
    await expect.poll(() => desk.page.locator('.channel .is-private').count()).toBe(0);
  });

  it('nobody answers: the override is offered, asks for name and reason, and is told to all', async () => {
    await desk.button('override', card).waitFor();
    await look('called', card);
    await desk.become('Quinn Alvarez');
    await desk.button('override', card).click();
    await desk.page.getByRole('dialog', { name: /^Start called-\d+ alone$/ }).waitFor();
    await look('override');
    await submitted(
      /^Start called/,
      { 'Type the name of the system: called': 'called', 'Why can it not wait?': 'orders are lost' },
      'Start it alone',
    );
    await card.getByText('complete: v0.1.0 proven').first().waitFor({ timeout: withinMs });
    await card.getByText('A review is owed').waitFor();
    await look('alone', card);
    await desk.page.locator('.channel article', { hasText: 'without an approval' }).last().waitFor();
  });

  it('the review is closed by somebody else', async () => {
    await desk.become('Ada Okafor');
    await desk.button('review', card).click();
    await desk.page.getByRole('dialog', { name: /^Review of called/ }).waitFor();
    await look('review');
    await submitted(/^Review of called/, { 'What came of the review?': 'It was right: nobody was awake.' }, 'Close review');
    await card.getByText('Reviewed by').waitFor();
    await look('reviewed', card);
    expect(await desk.actions(card)).not.toContain('review');
  });

  it('hosts that have drifted are read again; the card says what is different, and an approver is accepted', async () => {
    await gitOnDev(world, 'checkout -q v0.2.0');
    await desk.become('Riley Chen');
    card = await asked();
    await gitOnDev(world, 'checkout -q v0.2.0~1');
    await desk.become('Ada Okafor');
    await desk.button('approve', card).click();
    await confirmed('Approve');
    await desk.button('read-again', card).waitFor({ timeout: withinMs });
    await look('drifted', card);
    await desk.button('read-again', card).click();
    await card.getByText('Since the plan that was approved before').waitFor({ timeout: withinMs });
    await look('read-again', card);
    await desk.button('approve', card).click();
    await confirmed('Approve');
    await desk.private().getByText('It starts now').waitFor();
    await card.getByText('complete: v0.1.0 proven').first().waitFor({ timeout: withinMs });
  });

  it('nothing was wrong on the console or with the layout', () => {
    expect(faults).toEqual([]);
  });
});
