import type { Directory } from '../domain/directory.ts';
import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';

/** Who was in a `@group` or `#channel`, or who the `@user` was, when Slack was asked. `at` in milliseconds since 1970. */
export interface KnownGroup {
  readonly members: readonly string[];
  readonly at: number;
}

/** What Slack said last of everybody whom a system file names. */
export interface KnownPeople {
  /** By name as in system files: `@sac-leads`. */
  readonly groups: Readonly<Record<string, KnownGroup>>;
  /** What users are called, by their id. */
  readonly names: Readonly<Record<string, string>>;
}

/** Slack has never said who is in a group. `advice` says how it comes to be known. */
export class PeopleUnknown extends Error {
  override name = 'PeopleUnknown';
  readonly advice = 'Start a worker while Slack answers: within ten minutes it keeps who is in the groups that the system files name.';
  constructor(group: string) {
    super(`Nobody knows who is in ${group}: Slack has not been asked for it yet`);
  }
}

/** What is known of groups while Slack is away. */
export class People {
  readonly #redis: ScriptedRedis;
  constructor(redis: ScriptedRedis) {
    this.#redis = redis;
  }

  /** What Slack said last; nothing of nobody where it was never asked. */
  async load(): Promise<KnownPeople> {
    const text = await this.#redis.get(keys.people);
    return text === null ? { groups: {}, names: {} } : (JSON.parse(text) as KnownPeople);
  }

  async save(people: KnownPeople): Promise<void> {
    await this.#redis.set(keys.people, JSON.stringify(people));
  }

  /** Whether the caller shall ask Slack now: nobody asked for the same `names` within this time, in milliseconds. */
  async isDue(names: string, everyMs: number): Promise<boolean> {
    if ((await this.#redis.get(keys.peopleAsked)) === names) return false;
    return (await this.#redis.set(keys.peopleAsked, names, 'PX', everyMs, 'GET')) !== names; // of several at once, one is the first
  }

  /** Asking did not go well: somebody shall ask again after this time, in milliseconds. */
  async askAgainIn(ms: number): Promise<void> {
    await this.#redis.pexpire(keys.peopleAsked, ms);
  }
}

/** The directory of those whom Slack cannot be asked about now. Throws {@link PeopleUnknown} of a group that it does not hold. */
export function storedDirectory({ groups, names }: KnownPeople): Directory {
  const membersOf = async (of: string): Promise<readonly string[]> => {
    if (!Object.hasOwn(groups, of)) throw new PeopleUnknown(of);
    return groups[of]?.members ?? [];
  };
  return {
    destination: async () => undefined, // nothing can be said there
    isMember: async (userId, of) => (await membersOf(of)).includes(userId),
    members: async (of) => (await membersOf(of)).length,
    mentions: async () => ({}),
    nameOf: async (userId) => (Object.hasOwn(names, userId) ? (names[userId] ?? userId) : userId),
  };
}
