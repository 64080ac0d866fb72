import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type ProductProcess, startProduct } from '../../../lab/product.ts';
import { PEOPLE } from '../../../lab/workspace/people/people.ts';
import { storyAt } from '../../helpers/story.ts';
import { incident, keyOf, Stage, told } from './announcing.ts';

const stage = Stage.forEach();
const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** The whole product in one process, as the smallest installation has it. */
async function product(): Promise<ProductProcess> {
  const dir = mkdtempSync(join(tmpdir(), 'answers-test-'));
  ends.push(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'key'), 'a key');
  const started = await startProduct({
    SLACK_BOT_TOKEN: stage.workspace.botToken,
    SLACK_APP_TOKEN: stage.workspace.appToken,
    SLACK_API_URL: stage.workspace.apiUrl,
    REDIS_URL: stage.redis.url,
    DATA_DIR: join(dir, 'data'),
    SSH_KEY_FILE: join(dir, 'key'),
    GITHUB_TOKEN: 'a token',
  });
  ends.push(() => started.stop());
  return started;
}

/** How long something takes to be there, in milliseconds. */
async function measured(act: () => unknown, isThere: () => unknown, what: string): Promise<number> {
  const beganAt = performance.now();
  await act();
  await stage.workspace.waitFor(isThere, what, 20_000);
  return performance.now() - beganAt;
}

describe('answers to people', () => {
  it('never queue behind progress: Slack takes no message for minutes, and commands and clicks are answered at once', async () => {
    const { workspace } = stage;
    const context = await stage.announcer();
    const id = await told(context, storyAt('waiting'));
    await product();
    const card = await workspace.waitFor(() => workspace.messages(incident).find((one) => keyOf(one) === 'card'), 'the card', 20_000);
    for (const method of ['chat.postMessage', 'chat.update']) workspace.faults.next(method, { kind: 'ratelimited', retryAfterS: 120 }, 10_000);
    await told(context, storyAt('waiting'), 'another');
    await context.log.observe(id, '', [
      { type: 'described', by: { id: PEOPLE.requester, name: 'requester', via: 'slack' }, answers: { symptoms: 'all orders are rejected' } },
    ]);
    for (const method of ['chat.postMessage', 'chat.update'])
      await expect.poll(() => workspace.calls(method).length, { timeout: 20_000 }).toBeGreaterThanOrEqual(method === 'chat.update' ? 1 : 2);

    const answered: number[] = [];
    for (let i = 0; i < 10; i++) {
      const before = workspace.ephemerals(PEOPLE.requester).length;
      const type = () => workspace.command(PEOPLE.requester, incident, '/rollback status');
      answered.push(await measured(type, () => workspace.ephemerals(PEOPLE.requester)[before], 'the answer to status'));
    }
    const click = () => workspace.click(PEOPLE.requester, card.channel, card.ts, 'reject');
    const opened = await measured(click, () => workspace.views(PEOPLE.requester)[0], 'the modal');

    // An answer to a modal is a direct message, which Slack does not take either: that must not keep the next modal from opening.
    const [view] = workspace.views(PEOPLE.requester);
    const posts = workspace.calls('chat.postMessage').length;
    await workspace.submit(view?.id ?? '', PEOPLE.requester, { reason: 'no' });
    await expect.poll(() => workspace.calls('chat.postMessage').length, { timeout: 10_000 }).toBeGreaterThan(posts);
    const again = await measured(click, () => workspace.views(PEOPLE.requester).find((one) => one.id !== view?.id), 'the next modal');

    const [least = 0, ...rest] = answered.toSorted((a, b) => a - b);
    const most = rest.at(-1) ?? least;
    console.log(
      `Slack answers 429 with Retry-After 120 s: /rollback status is answered within ${Math.round(least)}–${Math.round(most)} ms, ` +
        `a modal opens within ${Math.round(opened)} ms, and within ${Math.round(again)} ms after a direct message was refused`,
    );
    expect(most).toBeLessThan(2000);
    expect(opened).toBeLessThan(2000);
    expect(again).toBeLessThan(2000);
  });
});
