import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../../lab/hosts/ports.ts';
import type { ProductProcess } from '../../lab/product.ts';
import type { SlackRequest } from '../../lab/workspace/http/delivery.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { attacks, inBody, post, type Target } from '../helpers/attacks.ts';
import { ask, completed, eventsOf, type Followed, incident, PEOPLE } from '../helpers/rollback.ts';

let world: World;
let bot: ProductProcess;
let worker: ProductProcess;
let target: Target;
const health = { bot: 0, worker: 0 };

beforeAll(async () => {
  world = await startWorld({ systems: ['sac'], inbound: 'http' });
  target = { port: Number(world.env.PORT), signingSecret: world.env.SLACK_SIGNING_SECRET ?? '' };
  health.bot = await freePort();
  health.worker = await freePort();
  const limits = { ACTIONS_PER_MINUTE: '30', REQUESTS_PER_MINUTE: '5' };
  [bot, worker] = await Promise.all([
    world.start('bot', { HEALTH_PORT: String(health.bot), ...limits }),
    world.start('worker', { HEALTH_PORT: String(health.worker), ...limits }),
  ]);
});
afterAll(() => world?.stop());

const get = async (port: number, path: string): Promise<{ status: number; text: string }> => {
  const response = await fetch(`http://127.0.0.1:${port}${path}`);
  return { status: response.status, text: await response.text() };
};
const isWell = async (port: number): Promise<boolean> => (await get(port, '/health')).status === 200;
const turnedAway = (): string[] => bot.log.filter((line) => line.includes('a request was turned away'));
const cards = (): number => world.workspace.messages(incident).filter((one) => one.metadata?.event_payload.message === 'card').length;
/** The last request of this kind that Slack sent. */
const sent = (words: string): SlackRequest => {
  const found = world.workspace.requests.findLast(({ body }) => [...new URLSearchParams(body).values()].some((value) => value.includes(words)));
  if (!found) throw new Error(`no request with ${words}`);
  return found;
};
const replay = ({ body, headers }: SlackRequest): Promise<number> => post(target, body, headers);

describe('HTTP mode', () => {
  it('bot and worker are well, and say so', async () => {
    await expect.poll(() => Promise.all([isWell(health.bot), isWell(health.worker)]), { timeout: 30_000 }).toEqual([true, true]);
    expect(JSON.parse((await get(health.bot, '/health')).text).parts.slack.says).toContain(`listens for Slack on port ${target.port}`);
  });

  it.each(attacks('sac v0.1.0'))('$name: $status, and nothing happens', async ({ send, status }) => {
    const before = turnedAway().length;
    expect(await send(target)).toBe(status);
    if (status !== 200) await expect.poll(() => turnedAway().length).toBe(before + 1);
    expect(bot.log.join('\n')).not.toContain(inBody);
    expect(bot.log.join('\n')).not.toContain(target.signingSecret);
  });

  it('after all of that nobody has asked for anything, and the bot is the same process and well', async () => {
    expect(cards()).toBe(0);
    expect(world.workspace.messages(incident)).toEqual([]);
    expect(await isWell(health.bot)).toBe(true);
    expect((await get(health.bot, '/metrics')).text).toMatch(/^rollback_bot_http_turned_away_total\{status="401"\} [1-9]/m);
  });

  let rollback: Followed;
  it('a command that was captured and sent again makes no second rollback', async () => {
    rollback = await ask(world, 'sac v0.1.0 orders rejected');
    const before = turnedAway().length;
    expect(await replay(sent('orders rejected'))).toBe(409);
    await rollback.until('approve');
    expect(turnedAway()).toHaveLength(before + 1);
    expect(cards()).toBe(1);
  });

  it('an approval that was captured and sent again starts once', async () => {
    await rollback.click(PEOPLE.approver, 'approve');
    const click = sent('"action_id":"approve"');
    expect(await Promise.all([replay(click), replay(click), replay(click)])).toEqual([409, 409, 409]);
    await rollback.says(/is running|complete/);
    const events = await eventsOf(world, rollback.id);
    for (const once of ['approved', 'started']) expect(events.filter(({ type }) => type === once)).toHaveLength(1);
  });

  it('the whole rollback, through signed requests alone', async () => {
    await completed(rollback);
    expect(world.workspace.sockets.count).toBe(0);
    const answered = world.workspace.requests.map(({ status, ackedAfterMs = Number.POSITIVE_INFINITY }) => status === 200 && ackedAfterMs < 3000);
    expect(answered).not.toContain(false);
    const steps = (await get(health.worker, '/metrics')).text;
    expect(steps).toMatch(/^rollback_bot_step_seconds_count\{kind="systemd\.stop",outcome="done"\} [1-9]/m);
    expect(steps).toContain('rollback_bot_ended_total{system="sac",status="complete"} 1');
  });

  it('a report is opened and a signature given: modals and submissions come by request too', async () => {
    await rollback.until('sign');
    await rollback.click(PEOPLE.oncall, 'sign');
    const view = await world.workspace.waitFor(() => world.workspace.views(PEOPLE.oncall).at(-1), 'the numbers to sign');
    expect(await world.workspace.submit(view.id, PEOPLE.oncall)).toEqual({ ok: true });
    await world.workspace.waitFor(() => !rollback.buttons().includes('sign'), 'the signature');
  });

  it('more than five requests in a minute: a plain answer, privately; Stop is still heard', async () => {
    const { workspace } = world;
    const asked = cards();
    const before = workspace.ephemerals(PEOPLE.lead).length;
    for (let i = 0; i < 6; i++) await workspace.command(PEOPLE.lead, incident, '/rollback sac v0.1.0 --dry-run');
    const tooMany = await workspace.waitFor(
      () =>
        workspace
          .ephemerals(PEOPLE.lead)
          .slice(before)
          .find(({ text }) => text.includes('more than 5 rollbacks')),
      'the answer',
    );
    expect(tooMany.text).toMatch(/Go on in \d+ seconds\. Approve, Reject, Stop and halt work at any time\./);
    await workspace.waitFor(() => cards() === asked + 5, 'the five that were asked for', 60_000);
    await workspace.command(PEOPLE.lead, incident, `/rollback stop ${rollback.id}`);
    await workspace.waitFor(() => workspace.ephemerals(PEOPLE.lead).at(-1)?.text.includes(rollback.id), 'the answer to stop');
    expect(cards()).toBe(asked + 5);
  });

  it('without a worker the bot says that it is not well; orderly ended, a worker is gone at once', async () => {
    await worker.stop();
    await expect.poll(() => isWell(health.bot), { timeout: 20_000 }).toBe(false);
    const { parts } = JSON.parse((await get(health.bot, '/health')).text);
    expect(parts).toMatchObject({ slack: { ok: true }, redis: { ok: true }, worker: { ok: false } });
  });

  it('ends orderly while somebody keeps a connection open', async () => {
    const hanging = fetch(`http://127.0.0.1:${target.port}/slack/events`, {
      method: 'POST',
      body: new ReadableStream(),
      duplex: 'half',
    } as RequestInit).catch(() => undefined);
    const startedAt = performance.now();
    await Promise.race([bot.stop(), delay(10_000)]);
    expect(performance.now() - startedAt).toBeLessThan(8000);
    await hanging;
  });
});
