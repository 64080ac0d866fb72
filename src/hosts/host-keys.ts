import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import type ssh2 from 'ssh2';
import { type HostAddress, HostError } from '../domain/host.ts';
import { place } from './errors.ts';
import { fingerprint, isNew, judgeKnown, judgePinned, type KnownKey, keyType, knownKeys, knownName } from './known-hosts.ts';

/** Which host keys are trusted. */
export interface HostKeyRules {
  /** Default `~/.ssh/known_hosts` of the user the bot runs as. */
  readonly knownHostsFile?: string;
  /** Whether the key of a host that the file knows nothing of is written to it and trusted, as OpenSSH's `accept-new` does. Never unless asked for. */
  readonly acceptNew?: boolean;
  /** Told of connections made and lost, and of keys accepted. A pino logger fits. */
  readonly logger?: { info(details: object, message: string): void; warn(details: object, message: string): void };
}

/** What is asked of a host, and what is made of the key that it shows: undefined, or why it is refused. */
export interface HostKeyCheck {
  readonly prefer: ssh2.ConnectConfig;
  judge(offered: Buffer): HostError | undefined;
}

/** Reads what is known of a host. Rejects with a HostError when that cannot be read. */
export async function hostKeyCheck(at: HostAddress, rules: HostKeyRules): Promise<HostKeyCheck> {
  const file = rules.knownHostsFile ?? `${homedir()}/.ssh/known_hosts`;
  const known = await knownKeys(file, at);
  return { prefer: at.keys ? {} : preferKnown(known), judge: (offered) => judge(at, offered, known, file, rules) };
}

function judge(at: HostAddress, offered: Buffer, known: readonly KnownKey[], file: string, rules: HostKeyRules): HostError | undefined {
  if (at.keys) return judgePinned(at, offered, at.keys, known, file);
  return rules.acceptNew && isNew(known) ? accept(at, offered, file, rules) : judgeKnown(at, offered, known, file);
}

/** Written down before it is trusted: from then on it is the only one. */
function accept(at: HostAddress, offered: Buffer, file: string, { logger }: HostKeyRules): HostError | undefined {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    const gap = existsSync(file) && !/(^|\n)$/.test(readFileSync(file, 'latin1')) ? '\n' : '';
    appendFileSync(file, `${gap}${knownName(at)} ${keyType(offered)} ${offered.toString('base64')}\n`, { mode: 0o600 });
  } catch (cause) {
    const advice = 'Let the bot write that file, or add the key yourself and unset SSH_ACCEPT_NEW.';
    return new HostError('host-key-unknown', `the host key of ${place(at)} is new, and cannot be written to ${file}`, advice, { cause });
  }
  logger?.warn({ host: at.name, hostKey: fingerprint(offered), file }, 'a host key was trusted because it was the first: SSH_ACCEPT_NEW says so');
  return undefined;
}

/** A host shows one key of several: ask for the kind that we know, as OpenSSH does, lest a known host looks changed. */
function preferKnown(known: readonly KnownKey[]): ssh2.ConnectConfig {
  const kinds = known
    .filter((one) => !one.revoked && !one.authority)
    .flatMap(({ type }) => (type === 'ssh-rsa' ? ['rsa-sha2-512', 'rsa-sha2-256'] : [type]));
  const prepend = [...new Set(kinds)].filter((kind): kind is ssh2.ServerHostKeyAlgorithm => supported.has(kind));
  return prepend.length > 0 ? { algorithms: { serverHostKey: { append: [], prepend, remove: [] } } } : {};
}

const supported = new Set(['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'rsa-sha2-512', 'rsa-sha2-256']);
