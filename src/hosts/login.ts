import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import ssh2 from 'ssh2';
import { type HostAddress, HostError } from '../domain/host.ts';
import { place } from './errors.ts';

/** What the bot logs in with. A key file, an agent, or both (the key first). */
export interface LoginOptions {
  readonly privateKeyFile?: string;
  readonly passphrase?: string;
  /** The agent's socket: what SSH_AUTH_SOCK says. */
  readonly agentSocket?: string;
}

/** The part of ssh2's configuration that logs in. Rejects with a HostError that says what is wrong with the key. */
export async function login(at: HostAddress, options: LoginOptions): Promise<ssh2.ConnectConfig> {
  const { privateKeyFile, passphrase, agentSocket } = options;
  if (!privateKeyFile && !agentSocket) throw unusable(at, 'the bot has no key', 'Name a private key file or an ssh agent in its configuration.');
  const agent = agentSocket ? { agent: agentSocket } : {};
  if (!privateKeyFile) return agent;
  const privateKey = inKnownForm(await readKey(at, privateKeyFile), passphrase);
  const parsed = ssh2.utils.parseKey(privateKey, passphrase);
  const wrong =
    parsed instanceof Error ? unread(parsed, privateKey) : parsed.isPrivateKey() ? undefined : new Error('it is a public key, not a private one');
  if (wrong) throw unusable(at, `${privateKeyFile} cannot be used: ${wrong.message}`, keyAdvice(wrong.message), wrong);
  return { ...agent, privateKey, ...(passphrase ? { passphrase } : {}) };
}

/** PKCS#8 (`BEGIN PRIVATE KEY`), which openssl writes and ssh2 does not read, in the older form that it does. Other keys, and what cannot be read, stay as they are. */
function inKnownForm(key: Buffer, passphrase: string | undefined): Buffer {
  if (!/-----BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(key.toString('latin1'))) return key;
  try {
    const read = createPrivateKey({ key, ...(passphrase ? { passphrase } : {}) });
    const type = read.asymmetricKeyType === 'rsa' ? 'pkcs1' : 'sec1';
    return Buffer.from(read.export({ format: 'pem', type }));
  } catch {
    return key; // what is wrong with it is said of the whole
  }
}

/** ssh2 does not know that form at all; here it is left over only where its passphrase was not the right one. */
const unread = (cause: Error, key: Buffer): Error =>
  key.includes('-----BEGIN ENCRYPTED PRIVATE KEY-----') ? new Error('it is encrypted, and its passphrase is missing or another', { cause }) : cause;

async function readKey(at: HostAddress, file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (cause) {
    throw unusable(at, `the key ${file} cannot be read`, 'Check its path, and that the bot may read it.', cause);
  }
}

const keyAdvice = (message: string): string =>
  /passphrase|decrypt|encrypted/i.test(message)
    ? "Give the bot the key's passphrase, or an ssh agent that holds the key."
    : 'It must be a private key in OpenSSH or PEM format: make one with ssh-keygen -t ed25519.';

function unusable(at: HostAddress, why: string, advice: string, cause?: unknown): HostError {
  return new HostError('login-refused', `cannot log in to ${place(at)}: ${why}`, advice, { cause });
}
