import type { App, BlockAction, SlackViewAction } from '@slack/bolt';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CHANNELS } from '../../../lab/workspace/people/channels.ts';
import { PEOPLE } from '../../../lab/workspace/people/people.ts';
import { startWorkspace, type Workspace } from '../../../lab/workspace/start.ts';
import { boltApp, buttons, call, modal, section } from './helpers.ts';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const incident = CHANNELS['inc-trading'];
const confirm = {
  title: { type: 'plain_text', text: 'Approve sac-42?' },
  text: { type: 'mrkdwn', text: 'prod-1, prod-2' },
  confirm: { type: 'plain_text', text: 'Yes' },
  deny: { type: 'plain_text', text: 'No' },
};
let browser: Browser;
let workspace: Workspace;
let app: App;
let faults: string[];

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium', args: FLAGS });
});

afterAll(() => browser.close());

beforeEach(async () => {
  faults = [];
  workspace = await startWorkspace({ rateLimits: false });
  app = boltApp(workspace);
  app.command('/rollback', async ({ ack, command, client }) => {
    await ack('Asked.');
    const actions = buttons('approve', 'reject');
    Object.assign(actions.elements[0] ?? {}, { confirm, style: 'primary' });
    await client.chat.postMessage({
      channel: command.channel_id,
      text: 'card',
      blocks: [section(`*${command.text}* <!subteam^S0SACLEADS>`), actions] as never,
    });
  });
  app.action<BlockAction>('approve', async ({ ack, body, client }) => {
    await ack();
    const at = { channel: incident, ts: body.message?.ts ?? '' };
    await client.chat.update({ ...at, text: 'approved', blocks: [section(`Approved by <@${body.user.id}>`)] as never });
    await client.chat.postMessage({ channel: incident, thread_ts: at.ts, text: 'Phase 1 of 5' });
  });
  app.action<BlockAction>('reject', async ({ ack, body, client }) => {
    await ack();
    await client.views.open({ trigger_id: body.trigger_id, view: modal() as never });
  });
  app.view<SlackViewAction>('reason', async ({ ack, view }) => {
    const why = view.state.values.why?.text?.value ?? '';
    await ack(why.length < 9 ? { response_action: 'errors', errors: { why: 'Say more.' } } : undefined);
  });
  await app.start();
});

afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await app.stop();
  await workspace.stop();
  expect(faults).toEqual([]);
});

async function open(user: string, size: { width: number; height: number } = { width: 1280, height: 860 }): Promise<Page> {
  const page = await browser.newPage({ viewport: size });
  page.setDefaultTimeout(10_000);
  page.on('pageerror', (error) => faults.push(error.message));
  // Chromium drops what it is loading when a network interface of the machine comes or goes, as containers' do; then it is asked again.
  page.on('console', (message) => message.type() === 'error' && !message.text().includes('ERR_NETWORK_CHANGED') && faults.push(message.text()));
  for (let tries = 1; ; tries += 1) {
    try {
      await page.goto(`${workspace.url}?user=${user}`);
      await page.getByTestId('composer').waitFor({ timeout: 5000 });
      return page;
    } catch (error) {
      if (tries === 4) throw error;
    }
  }
}

const ask = async (page: Page): Promise<void> => {
  await page.getByTestId('composer').fill('/rollback sac v0.1.0');
  await page.getByTestId('composer').press('Enter');
};

describe('the page', () => {
  it('plays the story: ask as one person, approve as another, follow the thread', async () => {
    const page = await open(PEOPLE.requester);
    await ask(page);
    await page.getByText('Only visible to you').waitFor();
    await page.getByTestId('user-switch').selectOption({ label: 'Ada Okafor' });
    await page.getByRole('button', { name: 'approve' }).click();
    await page.getByRole('alertdialog', { name: 'Approve sac-42?' }).getByRole('button', { name: 'No' }).click();
    expect(workspace.messages(incident)[0]?.text).toBe('card');
    await page.getByRole('button', { name: 'approve' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Yes' }).click();
    await page.getByText('Approved by @Ada').waitFor();
    await page.getByRole('button', { name: /1 reply/ }).click();
    const thread = page.getByRole('complementary', { name: 'Thread' });
    await thread.getByText('Phase 1 of 5').waitFor();
    await page.getByTestId('thread-composer').fill('thanks');
    await page.getByTestId('thread-send').click();
    await thread.getByText('thanks').waitFor();
    await page.getByTestId('thread-composer').fill('/rollback status');
    await page.getByTestId('thread-composer').press('Enter');
    await page.getByText('/rollback is not supported in threads. Sorry!').first().waitFor();
    await page.keyboard.press('Escape');
    await thread.waitFor({ state: 'hidden' });
    expect(workspace.replies(incident, workspace.messages(incident)[0]?.ts ?? '').map((one) => one.text)).toEqual(['Phase 1 of 5', 'thanks']);
  });

  it('a modal keeps what was typed when it is refused, and Esc closes it', async () => {
    const page = await open(PEOPLE.approver);
    await ask(page);
    await page.getByRole('button', { name: 'reject' }).click();
    const dialog = page.getByRole('dialog', { name: 'Reject' });
    const field = dialog.getByRole('textbox', { name: 'Why?' });
    await field.waitFor();
    expect(await field.evaluate((node) => node === node.ownerDocument.activeElement)).toBe(true);
    await dialog.getByRole('button', { name: 'Reject' }).click();
    await dialog.getByText('Please complete this required field.').waitFor();
    await field.fill('too late');
    await dialog.getByRole('button', { name: 'Reject' }).click();
    await dialog.getByText('Say more.').waitFor();
    expect(await field.inputValue()).toBe('too late');
    await field.fill('not in market hours');
    await dialog.getByRole('button', { name: 'Reject' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'reject' }).click();
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(workspace.views(PEOPLE.approver)).toEqual([]);
  });

  it('is worked by keyboard alone', async () => {
    const page = await open(PEOPLE.approver);
    await page.getByTestId('composer').focus();
    await page.keyboard.type('/ro');
    await page.keyboard.press('Tab');
    await page.keyboard.type('sac v0.1.0');
    await page.keyboard.press('Enter');
    const approve = page.getByRole('button', { name: 'approve' });
    await approve.waitFor();
    for (let presses = 0; presses < 8 && !(await approve.evaluate((node) => node === node.ownerDocument.activeElement)); presses += 1) {
      await page.keyboard.press('Shift+Tab');
    }
    await page.keyboard.press('Enter');
    await page.getByRole('alertdialog').waitFor();
    await page.keyboard.press('Enter');
    await page.getByText('Approved by @Ada').waitFor();
  });

  it('shows markup as text, follows no script address, and nothing a message says becomes part of the page', async () => {
    const page = await open(PEOPLE.qa);
    const nasty = '<img src=x onerror=alert(1)> &lt;script&gt;alert(2)&lt;/script&gt; <javascript:alert(3)|click> *<b>bold</b>* `<i>`';
    await call(workspace, 'chat.postMessage', { channel: incident, text: nasty });
    await call(workspace, 'chat.postMessage', {
      channel: incident,
      text: 'x',
      blocks: [{ type: 'header', text: { type: 'plain_text', text: '<u>header</u>' } }, section(nasty)],
    });
    await page.getByText('<u>header</u>').waitFor();
    const articles = page.locator('#channel article');
    expect(await articles.locator('img:not(.avatar), script, b, i, u, a').count()).toBe(0);
    expect(await articles.first().textContent()).toContain('<script>alert(2)</script>');
  });

  it('renders mrkdwn: styles, code, quotes, links, mentions, dates', async () => {
    const page = await open(PEOPLE.requester);
    const text =
      '*bold* _italic_ ~gone~ `code` snake_case_name 2*3*4\n&gt; quoted\n```block\n*raw*```\n<https://e.org/a|a link> <@U0RILEYCH> <!subteam^S0SACLEADS> <#C0GENERAL> <!date^0^{date_num}|then> :nosuch:';
    await call(workspace, 'chat.postMessage', { channel: incident, text });
    const body = page.locator('#channel article .content').last();
    await body.waitFor();
    const texts = (selector: string) => body.locator(selector).allInnerTexts();
    expect(await Promise.all([texts('strong'), texts('em'), texts('s'), texts('code.inline'), texts('blockquote'), texts('pre')])).toEqual([
      ['bold'],
      ['italic'],
      ['gone'],
      ['code'],
      ['quoted'],
      ['block\n*raw*'],
    ]);
    expect(await texts('.pill')).toEqual(['@Riley', '@sac-leads', '#general']);
    expect(await body.locator('a').first().getAttribute('href')).toBe('https://e.org/a');
    expect(await body.textContent()).toMatch(/snake_case_name 2\*3\*4/);
    expect(await texts('time')).toEqual(['1970-01-01']);
  });

  it('says so when a command does not arrive', async () => {
    const page = await open(PEOPLE.requester);
    await app.stop();
    await page.getByText('The app is not connected').waitFor();
    await ask(page);
    await page.getByText('/rollback failed with the error "dispatch_failed"').waitFor();
  });

  it('counts what is unread for each person, and only shows their channels', async () => {
    const page = await open(PEOPLE.approver);
    await call(workspace, 'chat.postMessage', { channel: CHANNELS['trading-status'], text: '<!subteam^S0SACLEADS> look' });
    const entry = page.locator('[data-channel="trading-status"]');
    await entry.getByLabel('1 unread, for you').waitFor();
    await entry.click();
    await page.getByText('look').waitFor();
    expect(await entry.getByLabel(/unread/).count()).toBe(0);
    await page.getByTestId('user-switch').selectOption({ label: 'Sam Becker' });
    await entry.waitFor({ state: 'detached' });
    expect(await page.locator('[data-channel="inc-trading"]').count()).toBe(0);
  });

  it('hears of direct messages, and a permalink shows its message', async () => {
    const page = await open(PEOPLE.pm);
    await call(workspace, 'chat.postMessage', { channel: PEOPLE.pm, text: 'a notice is owed' });
    const entry = page.locator('[data-channel="rollback-bot"]');
    await entry.getByLabel('1 unread, for you').waitFor();
    expect(await page.title()).toBe('(1) Local workspace');
    await entry.click();
    await page.getByText('a notice is owed').waitFor();
    const root = await call(workspace, 'chat.postMessage', { channel: incident, text: 'root' });
    const reply = await call(workspace, 'chat.postMessage', { channel: incident, text: 'the reply', thread_ts: root.body.ts });
    const { body } = await call(workspace, 'chat.getPermalink', { channel: incident, message_ts: reply.body.ts });
    await page.goto(String(body.permalink));
    await page.getByRole('complementary', { name: 'Thread' }).locator('.is-target').getByText('the reply').waitFor();
  });

  it('fits a phone: no sideways scrolling, channels behind a button, the thread over all', async () => {
    const page = await open(PEOPLE.requester, { width: 390, height: 844 });
    await ask(page);
    await page.getByRole('button', { name: 'approve' }).waitFor();
    const [card] = workspace.messages(incident);
    await call(workspace, 'chat.postMessage', { channel: incident, thread_ts: card?.ts, text: `\`${'long'.repeat(60)}\`` });
    await page.getByRole('button', { name: /1 reply/ }).click();
    const thread = page.getByRole('complementary', { name: 'Thread' });
    expect(await thread.boundingBox()).toMatchObject({ x: 0, width: 390 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await thread.getByRole('button', { name: 'Close thread' }).click();
    await page.getByRole('button', { name: 'Show channels' }).click();
    await page.locator('[data-channel="general"]').click();
    await page.getByRole('heading', { name: '# general' }).waitFor();
  });
});
