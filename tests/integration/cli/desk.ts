import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Redis, startRedis } from '../../../lab/setup/redis.ts';
import type { Fact } from '../../../src/domain/event.ts';
import type { State } from '../../../src/domain/state.ts';
import { openAudit } from '../../../src/store/audit.ts';
import { Log } from '../../../src/store/log.ts';
import { type OpenRedis, openRedis } from '../../../src/store/open.ts';
import { People } from '../../../src/store/people.ts';
import { atTerminal, type Ended, identify, login, root, type Started, start } from '../../helpers/command-line.ts';
import { testJournal, testKey } from '../../helpers/sealing.ts';
import { digest, people, story, storyAt } from '../../helpers/story.ts';

export { login, type Started };

/** A Redis with a log of real decisions, and the command `rollback` as a process of its own, with nothing but this in its environment. */
export interface Desk {
  readonly redis: Redis;
  readonly open: OpenRedis;
  readonly log: Log;
  readonly dir: string;
  /** This machine's login is this Slack user from now on; nobody when absent. */
  identify(slackId?: string): void;
  start(words: readonly string[], env?: Readonly<Record<string, string>>): Started;
  run(words: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** The same at a terminal of its own (script of util-linux). */
  atTerminal(words: readonly string[]): Started;
  /** A request that waits for approval. */
  waiting(system?: 'sac' | 'agentrader'): Promise<State>;
  stop(): Promise<void>;
}

/** Opens the desk; Slack has said who is in the groups at `knownAt`. */
export async function openDesk(knownAt = Date.now()): Promise<Desk> {
  const dir = mkdtempSync(join(tmpdir(), 'rollback-cli-'));
  const systems = join(dir, 'systems');
  cpSync(join(root, 'systems'), systems, { recursive: true });
  const redis = await startRedis();
  const open = await openRedis(redis.url);
  await openAudit(open.store, { settings: { AUDIT_KEY: testKey, DATA_DIR: dir }, mayMake: true, mask: () => (text) => text }); // as the first worker does
  const log = new Log(open.store, testJournal(open.store), Date.now, async () => undefined);
  await new People(open.store).save(known(knownAt));
  const env = { TZ: 'Asia/Kolkata', REDIS_URL: redis.url, SYSTEMS_DIR: systems, DATA_DIR: join(dir, 'data'), AUDIT_KEY: testKey };
  let asked = 0;
  return {
    redis,
    open,
    log,
    dir,
    identify: (slackId) => identify(systems, slackId),
    start: (words, more) => start(words, { ...env, ...more }),
    run: (words, more) => start(words, { ...env, ...more }).ended,
    atTerminal: (words) => atTerminal(words, env),
    waiting: async (system = 'sac') => {
      const { outline } = storyAt('waiting', system);
      const [request] = story(system).requested().events;
      if (request?.type !== 'requested') throw new Error('the story does not begin with a request');
      const { v: _v, seq: _seq, at: _at, type: _type, ...fact } = request;
      const { id } = await log.create({ ...fact, key: `k${asked++}` });
      return log.observe(id, '', [{ type: 'planned', digest, outline }]);
    },
    stop: async () => {
      await open.close();
      await redis.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const known = (at: number) => ({
  groups: {
    '@sac-leads': { members: [people.approver.id, people.requester.id], at },
    '@agentrader-leads': { members: [people.approver.id], at },
  },
  names: { [people.approver.id]: 'approver', [people.requester.id]: 'requester' },
});

/** What happens in a story from this status on, to be appended to a log. */
export const factsOf = (events: readonly object[]): Fact[] =>
  events.map((event) => {
    const { v: _v, seq: _seq, at: _at, ...fact } = event as Record<string, unknown>;
    return fact as Fact;
  });
