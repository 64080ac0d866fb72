import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keys } from './keys.ts';
import type { ScriptedRedis } from './redis.ts';
import { Seal, shortestKey } from './seal.ts';

/** There is no audit key here, or another than the one with which Redis is sealed. `advice` says how to mend it. */
export class AuditKeyError extends Error {
  override name = 'AuditKeyError';
  readonly advice: string;
  constructor(message: string, advice: string, options?: ErrorOptions) {
    super(message, options);
    this.advice = advice;
  }
}

/** What the environment says of the key: AUDIT_KEY, and the directory of `audit.key`. */
export interface AuditKeySettings {
  readonly AUDIT_KEY?: string | undefined;
  readonly DATA_DIR: string;
}

/** The seal, and its key, so that it can be masked. */
export interface OpenSeal {
  readonly seal: Seal;
  readonly key: string;
}

const needed =
  'Every process needs the same key: set AUDIT_KEY or AUDIT_KEY_FILE, or copy audit.key from the DATA_DIR of the process that was first. ' +
  'If it is lost, docs/operate.md says how to begin anew.';

/**
 * Takes the key that is configured, or, at the very first start, makes one where that is allowed. Throws {@link AuditKeyError} when there is none,
 * or when Redis is sealed with another.
 */
export async function openSeal(redis: ScriptedRedis, settings: AuditKeySettings, mayMake: boolean): Promise<OpenSeal> {
  const known = await redis.get(keys.auditKey);
  if (known === null && !mayMake) throw noKeyYet();
  const { key, from } = settings.AUDIT_KEY ? { key: settings.AUDIT_KEY, from: 'AUDIT_KEY' } : await keyInFile(settings.DATA_DIR, known);
  const seal = new Seal(key);
  const isOurs = known === null && (await redis.set(keys.auditKey, seal.id, 'NX')) === 'OK';
  const sealedWith = isOurs ? seal.id : (known ?? (await redis.get(keys.auditKey)));
  if (sealedWith === seal.id) return { seal, key };
  throw new AuditKeyError(`Redis is sealed with the audit key ${sealedWith}, and the one in ${from} is another (${seal.id})`, needed);
}

async function keyInFile(dir: string, sealedWith: string | null): Promise<{ key: string; from: string }> {
  const file = join(dir, 'audit.key');
  const found = await readKey(file);
  if (found === undefined && sealedWith !== null)
    throw new AuditKeyError(
      `Redis is sealed with the audit key ${sealedWith}, which is not here: there is no ${file}, and AUDIT_KEY is not set`,
      needed,
    );
  if (found === undefined) await makeKey(dir, file);
  const key = found ?? (await readKey(file)) ?? '';
  if (key.length < shortestKey)
    throw new AuditKeyError(`The audit key in ${file} is shorter than ${shortestKey} characters`, 'Put back the whole file, from a backup.');
  return { key, from: file };
}

/** Whose key counts is for the bot and the workers to say: one of some laptop would shut them out. */
const noKeyYet = (): AuditKeyError =>
  new AuditKeyError('There is no audit key yet: nothing in this Redis is sealed', 'Start the bot or a worker first: it begins the audit.');

async function readKey(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new AuditKeyError(`The audit key in ${file} cannot be read (${code})`, 'Run as the user to whom it belongs, or set AUDIT_KEY.', { cause });
  }
}

/** Whole or not at all, and never over one that is there: of two processes that start at once, the second takes the key of the first. */
async function makeKey(dir: string, file: string): Promise<void> {
  const made = `${file}.${randomUUID()}`; // in containers every process may have the same pid
  try {
    await mkdir(dir, { recursive: true, mode: 0o750 });
    await writeFile(made, `${randomBytes(32).toString('hex')}\n`, { mode: 0o600, flag: 'wx', flush: true });
    await link(made, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new AuditKeyError(`The audit key cannot be made in ${dir} (${code})`, 'Let DATA_DIR be writable, or set AUDIT_KEY.', { cause });
  } finally {
    await rm(made, { force: true });
  }
}
