import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../lab/workspace/people/people.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { openPage, startBrowser } from './browser.ts';
import { Desk } from './desk.ts';
import { layoutFaults } from './screen.ts';

const planWithinMs = 60_000;

let world: World;
let browser: Browser;
let desk: Desk;
const faults: string[] = [];

beforeAll(async () => {
  world = await startWorld({ systems: ['sac'] });
  await world.start();
  browser = await startBrowser();
  desk = new Desk(await openPage(browser, world.workspace.url, PEOPLE.requester, faults));
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

/** Types a request and waits for its card to be complete. */
async function asked(text: string, action: string): Promise<Locator> {
  await desk.type(text);
  const card = await desk.card();
  await desk.button(action, card).waitFor({ timeout: planWithinMs });
  return card;
}

async function confirmed(yes: string): Promise<void> {
  await desk.page.getByRole('alertdialog').getByRole('button', { name: yes, exact: true }).click();
}

describe('a request that is changed, halted and looked at', () => {
  let card: Locator;

  it('trading is stopped and resumed from the card, before anybody approved', async () => {
    card = await asked('/rollback sac v0.1.0 orders rejected', 'approve');
    faults.push(...(await layoutFaults(desk.page, 'halt-offered', card)));
    await desk.button('halt', card).click();
    faults.push(...(await layoutFaults(desk.page, 'halt-confirm')));
    await confirmed('Stop trading');
    await card.getByText('Trading is stopped on prod-1, prod-2').waitFor();
    await desk.button('halt-back', card).waitFor();
    faults.push(...(await layoutFaults(desk.page, 'halted', card)));
    const units = await Promise.all(['prod-1', 'prod-2'].map((host) => world.hosts.exec(host, 'systemctl is-active sac-agent-service || true')));
    expect(units.map(({ stdout }) => stdout.trim())).toEqual(['inactive', 'inactive']);
    await desk.button('halt-back', card).click();
    await confirmed('Resume trading');
    await card.getByText('Resume trading was done on prod-1, prod-2').waitFor();
    expect(await desk.actions(card)).toContain('halt');
  });

  it('another scenario reads the hosts anew, and says what it leaves out', async () => {
    await desk.button('change', card).click();
    const dialog = desk.page.getByRole('dialog', { name: /^Change sac-\d+$/ });
    faults.push(...(await layoutFaults(desk.page, 'change')));
    await dialog.getByLabel('Scenario').selectOption({ label: 'testing failure' });
    await dialog.getByRole('button', { name: 'Read the hosts anew' }).click();
    await card.getByText(/testing failure: only dev is changed and proven/).waitFor({ timeout: planWithinMs });
    faults.push(...(await layoutFaults(desk.page, 'scenario', card)));
    expect(await card.innerText()).toContain('1 host read');
    await desk.button('withdraw', card).click();
    await card.getByText('was withdrawn').waitFor();
  });

  it('a dry run offers its plan and nothing else', async () => {
    await desk.type('/rollback sac v0.1.0 --dry-run');
    const dry = desk.page.locator('.channel article', { hasText: 'Dry run' }).last();
    await desk.button('plan', dry).waitFor({ timeout: planWithinMs });
    expect(await desk.actions(dry)).toEqual(['plan']);
    faults.push(...(await layoutFaults(desk.page, 'dry-run', dry)));
  });

  it('a removal shows every file that would go', async () => {
    const removal = await asked('/rollback sac remove', 'approve');
    faults.push(...(await layoutFaults(desk.page, 'removal', removal)));
    await desk.button('plan', removal).click();
    const dialog = desk.page.getByRole('dialog', { name: /^Plan of sac-\d+$/ });
    await dialog.getByText('/opt/trade-agent/sac/sac_agent.py').first().waitFor();
    faults.push(...(await layoutFaults(desk.page, 'removal-plan')));
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await desk.button('withdraw', removal).click();
    await removal.getByText('was withdrawn').waitFor();
  });

  it('the help names every variant', async () => {
    await desk.type('/rollback help');
    for (const part of ['production-first', 'remove', 'recover', 'undo', 'drill']) await desk.private().getByText(part).first().waitFor();
    faults.push(...(await layoutFaults(desk.page, 'help')));
  });

  it('a rollback is stopped from its card, and the card says what was done and what can be put back', async () => {
    const stopped = await asked('/rollback sac v0.1.0', 'approve');
    await desk.become('Ada Okafor');
    await desk.button('approve', stopped).click();
    await confirmed('Approve');
    await desk.button('stop', stopped).waitFor();
    await desk.type('/rollback status');
    await desk.private().getByText('is locked by').waitFor();
    faults.push(...(await layoutFaults(desk.page, 'status-lock')));
    await desk.button('stop', stopped).click();
    faults.push(...(await layoutFaults(desk.page, 'stop-confirm')));
    await confirmed('Stop here');
    await stopped.getByText('was stopped').first().waitFor({ timeout: 30_000 });
    faults.push(...(await layoutFaults(desk.page, 'stopped', stopped)));
    expect(await desk.actions(stopped)).toEqual(expect.arrayContaining(['steps', 'report']));
  });

  it('nothing was wrong on the console or with the layout', () => {
    expect(faults).toEqual([]);
  });
});
