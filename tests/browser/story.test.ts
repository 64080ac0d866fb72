import type { Browser, Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PEOPLE } from '../../lab/workspace/people/people.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { openPage, startBrowser } from './browser.ts';
import { Desk } from './desk.ts';
import { layoutFaults } from './screen.ts';

const planWithinMs = 60_000;
const endWithinMs = 240_000;

let world: World;
let browser: Browser;
let desk: Desk;
const faults: string[] = [];

beforeAll(async () => {
  world = await startWorld({ systems: ['sac'], progressEvery: '10s' });
  await world.start();
  browser = await startBrowser();
  desk = new Desk(await openPage(browser, world.workspace.url, PEOPLE.requester, faults));
});
afterAll(async () => {
  await browser?.close();
  await world?.stop();
});

describe('a rollback by clicking', () => {
  let card: Locator;
  let typedAt: number;

  it.each([
    ['/rollback sac v9.9.9', /v9\.9\.9[\s\S]*v0\.1\.0/],
    ['/rollback sac v0.1.0; touch /tmp/x', /cannot be a version[\s\S]*Name a tag/],
    ['/rollback sca v0.1.0', /There is no system “sca”[\s\S]*Did you mean sac\?/],
  ])('%s is refused privately, with what to type instead', async (text, answer) => {
    await desk.type(text);
    const refusal = desk.page.locator('.channel .is-private', { hasText: answer });
    await refusal.waitFor();
    await refusal.getByRole('button', { name: 'Dismiss message' }).click();
    await refusal.waitFor({ state: 'detached' });
    expect(await desk.page.locator('.channel article').count()).toBe(0);
  });

  it('a card appears at once and completes itself', async () => {
    typedAt = Date.now();
    await desk.type('/rollback sac v0.1.0 orders rejected');
    card = await desk.card();
    const appearedMs = Date.now() - typedAt;
    await desk.button('approve', card).waitFor({ timeout: planWithinMs });
    console.log(`card after ${appearedMs} ms, complete after ${Date.now() - typedAt} ms`);
    const text = await card.innerText();
    for (const part of ['v0.2.0 → v0.1.0', 'orders rejected', '7 commits', '@sac-leads']) expect(text).toContain(part);
    faults.push(...(await layoutFaults(desk.page, 'waiting', card)));
  });

  it('the plan is shown page by page', async () => {
    await desk.button('plan', card).click();
    const dialog = desk.page.getByRole('dialog', { name: /^Plan of sac-\d+$/ });
    await dialog.getByText('Page 1 of').waitFor();
    faults.push(...(await layoutFaults(desk.page, 'plan')));
    const pages = Number(/Page 1 of (\d+)/.exec(await dialog.innerText())?.[1]);
    expect(pages).toBeGreaterThan(1);
    const read: string[] = [];
    for (let page = 2; page <= pages; page += 1) {
      await desk.button('plan-page', dialog).click();
      await dialog.getByText(`Page ${page} of ${pages}`).waitFor();
      if (page === 2) faults.push(...(await layoutFaults(desk.page, 'commands')));
      read.push(await dialog.innerText());
    }
    for (const part of ['11.1 Stop · prod-1', '11.2 Deploy · prod-2', 'systemctl stop']) expect(read.join('\n')).toContain(part);
    expect(await desk.button('plan-page', dialog).count()).toBe(0);
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await dialog.waitFor({ state: 'detached' });
  });

  it('the requester cannot approve, and is told', async () => {
    await desk.button('approve', card).click();
    await desk.page.getByRole('alertdialog').getByRole('button', { name: 'Approve' }).click();
    await desk.private().getByText('can be approved by @sac-leads').waitFor();
    faults.push(...(await layoutFaults(desk.page, 'refused')));
    expect(await desk.actions(card)).toContain('approve');
  });

  it('an approver is asked once more, and approves; what was offered before is gone', async () => {
    await desk.become('Ada Okafor');
    await desk.button('approve', card).click();
    const question = desk.page.getByRole('alertdialog', { name: 'Roll SAC agent back to v0.1.0?' });
    faults.push(...(await layoutFaults(desk.page, 'confirm')));
    await question.getByRole('button', { name: 'Not now' }).click();
    expect(await desk.actions(card)).toContain('approve');
    await desk.button('approve', card).click();
    await question.getByRole('button', { name: 'Approve' }).click();
    await desk.button('steps', card).waitFor();
    expect(await desk.actions(card)).toEqual(['steps', 'stop']);
  });

  /** Waits for something that the rollback comes to by itself, and fails at once when it comes to trouble. */
  async function until(there: Locator): Promise<void> {
    const trouble = card.getByText('needs a decision');
    await there.or(trouble).first().waitFor({ timeout: endWithinMs });
    if (await trouble.isVisible()) throw new Error(await card.innerText());
  }

  it('the phases run in the thread', async () => {
    await card.locator('.thread-line').click();
    const thread = desk.page.getByRole('complementary', { name: 'Thread' });
    for (const phase of ['Assessment and preparation', 'Implementation rollback', 'Testing and validation'])
      await until(thread.getByText(new RegExp(`Phase \\d of 5: ${phase}.*done in`)));
    await until(thread.getByText('11.1 Stop · prod-1 · '));
    await until(card.getByText('stopped since').first());
    faults.push(...(await layoutFaults(desk.page, 'running-thread')));
    await thread.getByRole('button', { name: 'Close thread' }).click();
    faults.push(...(await layoutFaults(desk.page, 'running')));
    await until(card.getByText('complete: v0.1.0 proven on 3 of 3 hosts'));
    expect(await desk.actions(card)).toEqual(['report', 'undo', 'steps', 'details', 'sign']);
  });

  it('the on-call signs the numbers, and the button is gone', async () => {
    faults.push(...(await layoutFaults(desk.page, 'complete', card)));
    await desk.become('Noor Haddad');
    await desk.button('sign', card).click();
    const dialog = desk.page.getByRole('dialog', { name: /^Sign sac-\d+$/ });
    await dialog.getByText('sac_pnl_1h').waitFor();
    faults.push(...(await layoutFaults(desk.page, 'sign')));
    await dialog.getByRole('button', { name: 'Sign' }).click();
    await dialog.waitFor({ state: 'detached' });
    await card.getByText('signed by @Noor').waitFor();
    expect(await desk.actions(card)).toEqual(['report', 'undo', 'steps', 'details']);
    await card.locator('.thread-line').click();
    const thread = desk.page.getByRole('complementary', { name: 'Thread' });
    await thread.getByText('Proof: v0.1.0 proven on 3 of 3 hosts').waitFor();
    expect(await desk.button('sign', thread).count()).toBe(0);
    faults.push(...(await layoutFaults(desk.page, 'complete-thread')));
    await thread.getByRole('button', { name: 'Close thread' }).click();
    await desk.button('steps', card).click();
    await desk.page.getByRole('dialog', { name: /^Steps of/ }).waitFor();
    faults.push(...(await layoutFaults(desk.page, 'steps')));
    await desk.page.getByRole('button', { name: 'Close' }).last().click();
  });

  it('the report is there to hand on', async () => {
    await desk.button('report', card).click();
    const dialog = desk.page.getByRole('dialog', { name: /^Report/ });
    await dialog.getByText('How long it took').first().waitFor();
    faults.push(...(await layoutFaults(desk.page, 'report')));
    await dialog.getByRole('button', { name: 'Close' }).last().click();
    await dialog.waitFor({ state: 'detached' });
  });

  it('it can be put back: a card of its own says first what cannot come back', async () => {
    await desk.button('undo', card).click();
    await desk.page.getByRole('alertdialog').getByRole('button', { name: 'Make the plan' }).click();
    const undo = await desk.card();
    await desk.button('approve', undo).waitFor({ timeout: planWithinMs });
    const text = await undo.innerText();
    for (const part of ['Put back sac-', 'v0.2.0', 'production was without for', 'trades made meanwhile']) expect(text).toContain(part);
    faults.push(...(await layoutFaults(desk.page, 'undo', undo)));
    await desk.button('withdraw', undo).click();
    await undo.getByText('was withdrawn').waitFor();
  });

  it('nothing was wrong on the console or with the layout', () => {
    expect(faults).toEqual([]);
  });
});
