import { type Redis, ReplyError } from 'ioredis';
import { redisDangers } from './dangers.ts';
import { connectQueues, connectStore, type ScriptedRedis } from './redis.ts';
import { missingRights } from './rights.ts';

/** Redis cannot be used. `advice` says what to do. */
export class RedisUnreachable extends Error {
  override name = 'RedisUnreachable';
  readonly advice: string;
  constructor(message: string, advice: string, options?: ErrorOptions) {
    super(message, options);
    this.advice = advice;
  }
}

/** The two connections of a process, and what of Redis' settings could lose data. */
export interface OpenRedis {
  readonly store: ScriptedRedis;
  readonly queues: Redis;
  readonly dangers: readonly string[];
  close(): Promise<void>;
}

/** Connects, asks once, and looks whether everything is allowed that is needed. Throws {@link RedisUnreachable} when it cannot be used. */
export async function openRedis(url: string): Promise<OpenRedis> {
  const store = connectStore(url);
  let lastError: NodeJS.ErrnoException | undefined;
  store.on('error', (error) => {
    lastError = error;
  });
  try {
    await store.ping();
  } catch (cause) {
    store.disconnect();
    throw unusable(url, cause, lastError);
  }
  try {
    const missing = await missingRights(store);
    if (missing.length > 0) throw notAllowed(url, missing);
    const dangers = await redisDangers(store);
    const queues = connectQueues(url);
    return {
      store,
      queues,
      dangers,
      async close() {
        store.disconnect();
        queues.disconnect();
      },
    };
  } catch (error) {
    store.disconnect();
    throw error;
  }
}

const enough = 'docs/operate.md has the ACL line that is enough';

/** `lastError` is what the connection itself met; the command only knows that it was not sent. */
function unusable(url: string, cause: unknown, lastError: NodeJS.ErrnoException | undefined): RedisUnreachable {
  const where = `Redis at ${withoutPassword(url)}`;
  if (cause instanceof ReplyError) {
    const { message } = cause as Error;
    const advice = message.startsWith('NOPERM') ? `Give its user the right: ${enough}.` : 'Check the user and the password in REDIS_URL.';
    return new RedisUnreachable(`${where} refuses: ${message}`, advice, { cause });
  }
  const why = lastError?.code === undefined ? undefined : reasons.find(({ codes }) => codes.test(lastError.code ?? ''));
  if (why) return new RedisUnreachable(`${where} ${why.what} (${lastError?.code})`, why.advice, { cause: lastError });
  return new RedisUnreachable(`${where} does not answer`, 'Start Redis (docker compose up redis), or set REDIS_URL to where it is.', { cause });
}

/** Why there is no connection, by the code of Node's error. */
const reasons: readonly { codes: RegExp; what: string; advice: string }[] = [
  {
    codes: /SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_UNTRUSTED/,
    what: 'shows a certificate that nobody known has signed',
    advice: 'Set NODE_EXTRA_CA_CERTS to the file with the certificate of its CA.',
  },
  {
    codes: /ALTNAME_INVALID/,
    what: 'shows a certificate for another name',
    advice: 'Use the name of its certificate in REDIS_URL.',
  },
  { codes: /CERT_/, what: 'shows a certificate that cannot be used', advice: 'Renew the certificate of Redis.' },
  {
    codes: /EPROTO|WRONG_VERSION|ERR_SSL/,
    what: 'does not speak TLS there',
    advice: 'Without TLS the address begins with redis://, with it rediss://.',
  },
  { codes: /ENOTFOUND|EAI_AGAIN/, what: 'cannot be found by that name', advice: 'Check the host in REDIS_URL.' },
];

const notAllowed = (url: string, missing: readonly string[]): RedisUnreachable =>
  new RedisUnreachable(
    `Redis at ${withoutPassword(url)} does not let its user “${new URL(url).username || 'default'}” use ${missing.join(' and ')} (NOPERM)`,
    `Give it the right; ${enough}.`,
  );

function withoutPassword(url: string): string {
  const shown = new URL(url);
  if (shown.password !== '') shown.password = '***';
  return shown.href;
}
