import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../lab/hosts/ports.ts';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import type { State } from '../../../src/domain/state.ts';
import { openMetrics } from '../../../src/health/metrics.ts';
import { type Heard, readingsOf, startHealth, type Watched } from '../../../src/health/start.ts';
import { Pulse } from '../../../src/store/pulse.ts';
import { Queues } from '../../../src/store/queues.ts';
import { connectQueues, connectStore, type ScriptedRedis } from '../../../src/store/redis.ts';
import { Workers } from '../../../src/store/workers.ts';

let redis: Redis;
let store: ScriptedRedis;
let queuesConnection: ReturnType<typeof connectQueues>;
let queues: Queues;
const ends: (() => Promise<void>)[] = [];
beforeAll(async () => {
  redis = await startRedis();
  store = connectStore(redis.url);
  queuesConnection = connectQueues(redis.url);
  queues = new Queues(queuesConnection);
});
beforeEach(() => store.flushall());
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});
afterAll(async () => {
  await queues.close();
  store.disconnect();
  queuesConnection.disconnect();
  await redis.stop();
});

const states = [
  { system: 'sac', status: 'running' },
  { system: 'sac', status: 'waiting' },
  { system: 'shop', status: 'waiting' },
  { system: 'sac', status: 'waiting' },
] as unknown as State[];

interface Served {
  readonly url: string;
  readonly metrics: ReturnType<typeof openMetrics>;
  hears(heard: Heard | undefined): void;
}

async function serve(isBot: boolean, on: ScriptedRedis = store): Promise<Served> {
  let heard: Heard | undefined;
  const watched: Watched = {
    log: { open: async () => states.map((_, i) => String(i)), load: (id) => delay(20, states[Number(id)]) }, // long enough for two who ask at once to meet
    workers: new Workers(on),
    pulse: new Pulse(on),
    queues,
    ping: () => on.ping(),
    hearing: () => heard,
    now: Date.now,
  };
  const metrics = openMetrics(readingsOf(watched));
  const port = await freePort();
  ends.push(await startHealth({ host: '127.0.0.1', port, isBot }, watched, metrics));
  return { url: `http://127.0.0.1:${port}`, metrics, hears: (one) => (heard = one) };
}

interface Answer {
  readonly status: number;
  readonly ok: boolean;
  readonly parts: Readonly<Record<string, { readonly ok: boolean; readonly says: string }>>;
}

async function health({ url }: Served): Promise<Answer> {
  const response = await fetch(`${url}/health`);
  return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
}

const well = async (): Promise<void> => {
  ends.push(new Workers(store).start('w1:1'));
  await new Workers(store).beat('w1:1');
  await new Pulse(store).beat();
};

describe('/health', () => {
  it('all is well: 200, and each part says how it is', async () => {
    await well();
    const served = await serve(true);
    served.hears({ ok: true, says: 'connected to Slack for 3 s; no command or click came yet' });
    expect(await health(served)).toEqual({
      status: 200,
      ok: true,
      parts: {
        slack: { ok: true, says: 'connected to Slack for 3 s; no command or click came yet' },
        redis: { ok: true, says: 'answers' },
        worker: { ok: true, says: '1 worker gives signs of life' },
        reconcile: { ok: true, says: 'what is open was looked over 0 s ago' },
      },
    });
  });

  it('a bot that looks well and hears nothing is not well', async () => {
    await well();
    const served = await serve(true);
    expect(await health(served)).toMatchObject({ status: 503, ok: false, parts: { slack: { ok: false, says: 'is being connected' } } });
    served.hears({ ok: false, says: 'not connected to Slack for 31 s' });
    expect(await health(served)).toMatchObject({ status: 503, parts: { slack: { ok: false }, redis: { ok: true }, worker: { ok: true } } });
  });

  it('a worker does not listen to Slack, and is well without', async () => {
    await well();
    const answer = await health(await serve(false));
    expect([answer.status, Object.keys(answer.parts)]).toEqual([200, ['redis', 'worker', 'reconcile']]);
  });

  it('no worker, and nobody who looks over what is open', async () => {
    const answer = await health(await serve(false));
    expect(answer).toMatchObject({ status: 503, parts: { redis: { ok: true }, worker: { ok: false }, reconcile: { ok: false } } });
    expect(answer.parts.worker?.says).toContain('no worker gives a sign of life');
    await well();
    await store.decrby('{bot}:reconciled', 31_000);
    expect((await health(await serve(false))).parts.reconcile).toEqual({
      ok: false,
      says: 'what is open was looked over 31 s ago, and should be every 5 s: look at the log of the worker',
    });
  });

  it('Redis away: said within two seconds, without its address', async () => {
    const away = connectStore('redis://someone:a-secret@127.0.0.1:1');
    ends.push(async () => away.disconnect());
    const startedAt = performance.now();
    const answer = await health(await serve(false, away));
    expect(answer).toMatchObject({ status: 503, parts: { redis: { ok: false }, worker: { ok: false }, reconcile: { ok: false } } });
    expect(JSON.stringify(answer)).not.toMatch(/a-secret|127\.0\.0\.1/);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  it('nothing else is served, and a port that is taken is said with what to do', async () => {
    const served = await serve(false);
    expect((await fetch(served.url)).status).toBe(404);
    expect((await fetch(`${served.url}/health`, { method: 'POST' })).status).toBe(405);
    const port = Number(new URL(served.url).port);
    const watched = {} as Watched;
    await expect(startHealth({ host: '127.0.0.1', port, isBot: false }, watched, served.metrics)).rejects.toMatchObject({
      message: expect.stringContaining(`HEALTH_PORT ${port} at 127.0.0.1 cannot be had`),
      advice: expect.stringContaining('need a HEALTH_PORT each'),
    });
  });

  it('listens where it was told only', async () => {
    const { url } = await serve(false);
    const elsewhere = createServer();
    await new Promise<void>((resolve, reject) => {
      elsewhere.once('error', reject);
      elsewhere.listen(Number(new URL(url).port), '127.0.0.2', resolve);
    });
    await new Promise((resolve) => elsewhere.close(resolve));
  });
});

const rollbacksIn = (text: string): string[] =>
  text.split('\n').filter((line) => line.startsWith('rollback_bot_rollbacks{') || line.includes('_workers '));
const metricsOf = async ({ url }: Served): Promise<string> => (await fetch(`${url}/metrics`)).text();

describe('/metrics', () => {
  it('counts rollbacks, steps, refusals, what was turned away, 429s; names no person', async () => {
    await well();
    const served = await serve(true);
    served.hears({ ok: true, says: '', lastAt: Date.now() - 10_000 });
    const result = { outcome: 'done', durationMs: 1500, outputBytes: 0 };
    const state = {
      id: 'sac-1',
      system: 'sac',
      status: 'complete',
      at: 5,
      endedAt: 5,
      requester: { id: 'U0RILEYRE', name: 'Riley', via: 'slack' },
      outline: { phases: [{ steps: [{ id: '3', kind: 'systemd.stop' }] }] },
      runs: {
        '3@prod-1': { attempt: 1, status: 'done', startedAt: 1, endedAt: 5, result },
        '3@prod-2': { attempt: 1, startedAt: 1, endedAt: 4, result },
      },
    } as unknown as State;
    served.metrics.appended(state);
    served.metrics.appended(state); // the same again counts once
    served.metrics.refused('not-allowed');
    served.metrics.turnedAway(401);
    served.metrics.rateLimited();
    await queues.add([{ queue: 'plan', id: 'sac-1.plan.1', rollback: 'sac-1' }], Date.now());
    const [text = '', ...others] = await Promise.all([metricsOf(served), metricsOf(served), metricsOf(served)]);
    expect(others.map(rollbacksIn)).toEqual([rollbacksIn(text), rollbacksIn(text)]); // who asks at the same time is told the same
    for (const line of [
      'rollback_bot_rollbacks{system="sac",status="waiting"} 2',
      'rollback_bot_rollbacks{system="sac",status="running"} 1',
      'rollback_bot_rollbacks{system="shop",status="waiting"} 1',
      'rollback_bot_ended_total{system="sac",status="complete"} 1',
      'rollback_bot_step_seconds_count{kind="systemd.stop",outcome="done"} 1',
      'rollback_bot_step_seconds_sum{kind="systemd.stop",outcome="done"} 1.5',
      'rollback_bot_refusals_total{code="not-allowed"} 1',
      'rollback_bot_http_turned_away_total{status="401"} 1',
      'rollback_bot_slack_rate_limited_total 1',
      'rollback_bot_jobs{queue="plan",state="waiting"} 1',
      'rollback_bot_workers 1',
      'rollback_bot_slack_connected 1',
    ])
      expect(text.split('\n')).toContain(line);
    expect(text).toMatch(/^rollback_bot_slack_heard_age_seconds 10\.\d*$/m);
    expect(text).toMatch(/^rollback_bot_reconcile_age_seconds 0?\.?\d*$/m);
    expect(text).not.toMatch(/Riley|U0RILEYRE|sac-1/);
  });

  it('what cannot be read is left out, the rest is there, and nobody waits', async () => {
    const away = connectStore('redis://127.0.0.1:1');
    ends.push(async () => away.disconnect());
    const text = await metricsOf(await serve(false, away));
    expect(text).toContain('rollback_bot_slack_rate_limited_total 0');
    for (const name of ['workers', 'reconcile_age_seconds', 'slack_connected']) expect(text).not.toMatch(new RegExp(`^rollback_bot_${name} `, 'm'));
  });
});
