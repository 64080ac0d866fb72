import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { PEOPLE } from '../lab/workspace/people/people.ts';
import { startWorld } from '../lab/world.ts';
import { openPage, phone, startBrowser, wide } from '../tests/browser/browser.ts';
import { Desk } from '../tests/browser/desk.ts';

// The pictures of the README, taken of a real rollback on lab hosts: `node --import tsx scripts/pictures.ts`. Needs a Docker engine
// (`node lab/setup/run.mjs engine`) and chromium.
const dir = new URL('../docs/pictures/', import.meta.url).pathname;
const withinMs = 120_000;

await run();

async function run(): Promise<void> {
  mkdirSync(dir, { recursive: true });
  const world = await startWorld({ systems: ['sac'], progressEvery: '4h', say: (text) => console.error(text) });
  const browser = await startBrowser();
  try {
    await world.start();
    const page = await openPage(browser, world.workspace.url, PEOPLE.requester);
    await play(page);
  } finally {
    await browser.close();
    await world.stop();
  }
}

/** Asks on a telephone, approves, and looks over the shoulder of whoever follows the thread. */
async function play(page: Page): Promise<void> {
  const desk = new Desk(page);
  await desk.type('/rollback sac v0.1.0 orders rejected');
  const card = await desk.card();
  await desk.button('approve', card).waitFor({ timeout: withinMs });
  await desk.become('Ada Okafor');
  await page.setViewportSize(phone);
  await shoot(page, card, 'page-phone.png');
  await page.setViewportSize(wide);
  await desk.button('approve', card).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Approve' }).click();
  await card.locator('.thread-line').click();
  const thread = page.getByRole('complementary', { name: 'Thread' });
  await card.getByText('prod-2 stopped').waitFor({ timeout: withinMs });
  await thread.getByText('11.1 Stop · prod-2').waitFor();
  await page.mouse.move(0, 0);
  await shoot(page, card, 'page.png');
}

async function shoot(page: Page, card: Locator, name: string): Promise<void> {
  await card.evaluate((node) => node.scrollIntoView({ block: 'start' }));
  await page.screenshot({ path: join(dir, name), animations: 'disabled' });
  console.log(join(dir, name));
}
