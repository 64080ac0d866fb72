import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { phone, wide } from './browser.ts';

/** Where screenshots go; nothing is written when SCREENSHOTS does not name a directory. */
const dir = process.env.SCREENSHOTS;

/** What is wrong with how a page is laid out, on a screen and on a phone: what is wider than its place. `shown` is brought into view. */
export async function layoutFaults(page: Page, name: string, shown?: Locator): Promise<string[]> {
  const faults: string[] = [];
  for (const [label, size] of [
    ['1280', wide],
    ['390', phone],
  ] as const) {
    await page.setViewportSize(size);
    await shown?.evaluate((node) => node.scrollIntoView({ block: 'start' }));
    faults.push(...(await page.evaluate<string[]>(overflowing)).map((what) => `${name} at ${label} px: ${what}`));
    if (dir !== undefined) await shoot(page, join(dir, `${name}-${label}`));
  }
  await page.setViewportSize(wide);
  return faults;
}

async function shoot(page: Page, path: string): Promise<void> {
  mkdirSync(join(path, '..'), { recursive: true });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `${path}-${colorScheme}.png`, animations: 'disabled' });
  }
  await page.emulateMedia({ colorScheme: null });
}

/** A program for the page: a code block may scroll in itself, nothing else may be wider than its place. */
const overflowing = `[...document.querySelectorAll('body, .messages, .modal-body, .content, .button, .bar')]
  .filter((element) => element.checkVisibility() && element.scrollWidth > element.clientWidth + 1)
  .map((element) => (element.className || element.tagName) + ' is ' + (element.scrollWidth - element.clientWidth) + ' px too wide')`;
