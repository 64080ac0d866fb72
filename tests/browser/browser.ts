import { type Browser, chromium, type Page } from 'playwright-core';

// Debian's chromium, as root, without a graphics card, and without calling home.
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const wide = { width: 1280, height: 860 };
export const phone = { width: 390, height: 844 };

/** Starts a browser: Debian's chromium, or what CHROMIUM_PATH names. Whoever starts it closes it. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args: flags });

/** Opens the workspace's page as a person. Whatever the page says on the console as an error goes into `faults`. */
export async function openPage(browser: Browser, url: string, user: string, faults: string[] = []): Promise<Page> {
  const page = await browser.newPage({ viewport: wide });
  page.setDefaultTimeout(20_000);
  page.on('pageerror', (error) => faults.push(error.message));
  // Chromium drops what it is loading when a network interface of the machine comes or goes, as containers' do; the page then asks again.
  page.on('console', (message) => message.type() === 'error' && !message.text().includes('ERR_NETWORK_CHANGED') && faults.push(message.text()));
  for (let tries = 1; ; tries += 1) {
    try {
      await page.goto(`${url}?user=${user}`);
      await page.getByTestId('composer').waitFor({ timeout: 5000 });
      return page;
    } catch (error) {
      if (tries === 4) throw error;
    }
  }
}
