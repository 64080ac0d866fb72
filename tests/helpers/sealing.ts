import { Journal } from '../../src/store/journal.ts';
import type { ScriptedRedis } from '../../src/store/redis.ts';
import { Seal } from '../../src/store/seal.ts';

/** The audit key of tests: for the product's processes too, where a test writes beside them (`AUDIT_KEY`). */
export const testKey = 'an audit key for tests, of 40 characters';

/** What a log of a test is sealed with. */
export const testJournal = (redis: ScriptedRedis, now: () => number = Date.now): Journal => new Journal(redis, new Seal(testKey), now);
