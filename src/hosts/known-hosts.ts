import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { type HostAddress, HostError } from '../domain/host.ts';
import { place } from './errors.ts';

/** A line of known_hosts that is about this host. */
export interface KnownKey {
  readonly type: string;
  readonly key: Buffer;
  readonly revoked: boolean;
}

/** How known_hosts writes a host: its address, or `[address]:port` where the port is not 22. */
export const knownName = (at: HostAddress): string => (at.port === 22 ? at.address : `[${at.address}]:${at.port}`);

/** `SHA256:…` of a host key as it comes over the wire, written as ssh-keygen does. */
export const fingerprint = (key: Buffer): string => `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** The type that a key says of itself: `ssh-ed25519`. */
export const keyType = (key: Buffer): string => key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1');

/**
 * What a known_hosts file says of a host. `ssh-keygen -F` reads it, because it knows hashed names, wildcards and
 * @revoked lines, and no library does. Lines of certificate authorities are left out: we check keys, not certificates.
 * A file that does not exist knows nobody. Rejects with a HostError when ssh-keygen is missing.
 */
export function knownKeys(file: string, at: HostAddress): Promise<KnownKey[]> {
  return new Promise((resolve, reject) => {
    execFile('ssh-keygen', ['-F', knownName(at), '-f', file], { timeout: 5000 }, (error, stdout) => {
      if (error && 'code' in error && error.code === 'ENOENT') reject(noKeygen(at, error));
      else resolve(parseKnownKeys(stdout));
    });
  });
}

function noKeygen(at: HostAddress, cause: Error): HostError {
  const advice = 'Install openssh-client where the bot runs, or pin the fingerprint of the host key in its configuration.';
  return new HostError('host-key-unknown', `the host key of ${place(at)} cannot be checked: there is no ssh-keygen`, advice, { cause });
}

/** The lines that `ssh-keygen -F` printed. */
export function parseKnownKeys(text: string): KnownKey[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#') && !line.startsWith('@cert-authority'));
  return lines.flatMap((line) => {
    const revoked = line.startsWith('@revoked');
    const [, type, key] = line.split(/\s+/).slice(revoked ? 1 : 0);
    return type && key ? [{ type, key: Buffer.from(key, 'base64'), revoked }] : [];
  });
}

/** Undefined when the key is the host's; else the error to give up with. A key is never trusted on first use. */
export function judgeKnown(at: HostAddress, offered: Buffer, known: readonly KnownKey[], file: string): HostError | undefined {
  const same = known.filter((one) => one.key.equals(offered));
  const valid = known.filter((one) => !one.revoked);
  if (same.some((one) => one.revoked)) return changed(at, `its key ${fingerprint(offered)} is marked @revoked in ${file}`, file);
  if (same.length > 0) return undefined;
  if (valid.length === 0) return unknownKey(at, offered, file);
  const expected = valid.map((one) => `${fingerprint(one.key)} (${one.type})`).join(' or ');
  return changed(at, `it shows ${fingerprint(offered)} (${keyType(offered)}), but ${file} knows ${expected}`, file);
}

/** As {@link judgeKnown}, against a fingerprint that the configuration pins. */
export function judgePinned(at: HostAddress, offered: Buffer, pinned: string): HostError | undefined {
  if (fingerprint(offered) === pinned) return undefined;
  const detail = `it shows ${fingerprint(offered)} (${keyType(offered)}), but ${pinned} is pinned for it`;
  return new HostError(
    'host-key-changed',
    `the host key of ${place(at)} is not the one expected: ${detail}`,
    changedAdvice('correct the pinned one'),
  );
}

function unknownKey(at: HostAddress, offered: Buffer, file: string): HostError {
  const scan = `ssh-keyscan ${at.port === 22 ? '' : `-p ${at.port} `}${at.address} >> ${file}`;
  return new HostError(
    'host-key-unknown',
    `the host key of ${place(at)}, ${fingerprint(offered)} (${keyType(offered)}), is not in ${file}`,
    `Compare it on the machine itself (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then add it: ${scan}`,
  );
}

function changed(at: HostAddress, detail: string, file: string): HostError {
  const mend = `remove the old one (ssh-keygen -R '${knownName(at)}' -f ${file}) and add the new one (ssh-keyscan -p ${at.port} ${at.address} >> ${file})`;
  return new HostError('host-key-changed', `the host key of ${place(at)} is not the one expected: ${detail}`, changedAdvice(mend));
}

const changedAdvice = (mend: string): string =>
  `Somebody may be between the bot and the host. If the machine was rebuilt, compare the key on its console, then ${mend}.`;
