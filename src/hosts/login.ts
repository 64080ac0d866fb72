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
  const privateKey = await readKey(at, privateKeyFile);
  const parsed = ssh2.utils.parseKey(privateKey, passphrase);
  if (parsed instanceof Error) throw unusable(at, `${privateKeyFile} cannot be used: ${parsed.message}`, keyAdvice(parsed.message), parsed);
  return { ...agent, privateKey, ...(passphrase ? { passphrase } : {}) };
}

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
