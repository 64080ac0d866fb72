import { readFile } from 'node:fs/promises';
import { must } from './docker.ts';

/** Makes a new ed25519 key without a passphrase at `path` and `path`.pub. Answers the public line's first two fields. */
export async function makeKey(path: string, comment: string): Promise<string> {
  await must('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', comment, '-f', path]);
  const [type = '', key = ''] = (await readFile(`${path}.pub`, 'utf8')).split(' ');
  return `${type} ${key}`;
}

/** The known_hosts line of a host behind a port. */
export function knownHostsLine(address: string, port: number, publicKey: string): string {
  return `[${address}]:${port} ${publicKey}\n`;
}
