import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { PEOPLE } from '../lab/workspace/people/people.ts';
import { startWorld, type World } from '../lab/world.ts';
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
    await play(world, page);
  } finally {
    await browser.close();
    await world.stop();
  }
}

/** Asks on a telephone, approves, and looks over the shoulder of whoever follows the thread. */
async function play({ workspace }: World, page: Page): Promise<void> {
  const desk = new Desk(page);
  await desk.type('/rollback sac v0.1.0 orders rejected');
  const card = await desk.card();
  await desk.button('approve', card).waitFor({ timeout: withinMs });
  await desk.become('Ada Okafor');
  await page.setViewportSize(phone);
  await shoot(page, card, 'page-phone.png');
  await page.setViewportSize(wide);
  await workspace.click(PEOPLE.approver, await idOf(page), (await card.getAttribute('data-ts')) ?? '', 'approve');
  await card.locator('.thread-line').click();
  const thread = page.getByRole('complementary', { name: 'Thread' });
  await card.getByText('prod-2 stopped').waitFor({ timeout: withinMs });
  await thread.getByText('Phase 4 of 5').waitFor();
  await page.mouse.move(0, 0);
  await shoot(page, card, 'page.png');
}

const idOf = (page: Page): Promise<string> => page.evaluate("new URLSearchParams(location.hash.slice(1)).get('channel') ?? 'C0INCTRAD'");

async function shoot(page: Page, card: Locator, name: string): Promise<void> {
  await card.evaluate((node) => node.scrollIntoView({ block: 'start' }));
  await page.screenshot({ path: join(dir, name), animations: 'disabled' });
  console.log(join(dir, name));
}
