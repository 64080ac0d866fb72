import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type HostAddress, HostError } from '../domain/host.ts';
import { place } from './errors.ts';

/** A line of known_hosts that is about this host. */
export interface KnownKey {
  readonly type: string;
  readonly key: Buffer;
  readonly revoked: boolean;
  /** The key of a certificate authority: it is no host's own. */
  readonly authority: boolean;
}

/** How known_hosts writes a host: its address, or `[address]:port` where the port is not 22. */
export const knownName = (at: HostAddress): string => (at.port === 22 ? at.address : `[${at.address}]:${at.port}`);

/** `SHA256:…` of a host key as it comes over the wire, written as ssh-keygen does. */
export const fingerprint = (key: Buffer): string => `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;

/** The type that a key says of itself: `ssh-ed25519`. */
export const keyType = (key: Buffer): string => key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1');

/**
 * What a known_hosts file says of a host. `ssh-keygen -F` reads it, because it knows hashed names, wildcards and markers, and no library does.
 * A file that does not exist knows nobody. Rejects with a HostError when it cannot be read, or ssh-keygen is missing: what is not known must not
 * look like a host that is new.
 */
export function knownKeys(file: string, at: HostAddress): Promise<KnownKey[]> {
  return new Promise((resolve, reject) => {
    execFile('ssh-keygen', ['-F', knownName(at), '-f', file], { timeout: 5000 }, (error, stdout, stderr) => {
      if (!error || error.code === 1 || !existsSync(file)) resolve(parseKnownKeys(stdout));
      else if ('code' in error && (error.code as unknown) === 'ENOENT') reject(noKeygen(at, error));
      else reject(unreadable(at, file, stderr.trim().split('\n')[0] || 'no answer within 5 s', error));
    });
  });
}

function noKeygen(at: HostAddress, cause: Error): HostError {
  const advice = 'Install openssh-client where the bot runs.';
  return new HostError('host-key-unknown', `the host key of ${place(at)} cannot be checked: there is no ssh-keygen`, advice, { cause });
}

function unreadable(at: HostAddress, file: string, why: string, cause: Error): HostError {
  const advice = 'Let the bot read the file, and mend what ssh-keygen complains of: ssh-keygen -lf FILE.';
  return new HostError('host-key-unknown', `the host key of ${place(at)} cannot be checked: ${file} cannot be read (${why})`, advice, { cause });
}

/** The lines that `ssh-keygen -F` printed. */
export function parseKnownKeys(text: string): KnownKey[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.flatMap((line) => {
    const words = line.split(/\s+/);
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
    const [, type, key] = words;
    if (!type || !key) return [];
    // A marker that we do not know means nothing good: as OpenSSH does, such a line trusts nobody.
    if (marker !== undefined && marker !== '@revoked' && marker !== '@cert-authority') return [];
    return [{ type, key: Buffer.from(key, 'base64'), revoked: marker === '@revoked', authority: marker === '@cert-authority' }];
  });
}

/** Undefined when the key is the host's; else the error to give up with. A key is never trusted because it was the first. */
export function judgeKnown(at: HostAddress, offered: Buffer, known: readonly KnownKey[], file: string): HostError | undefined {
  const valid = known.filter((one) => !one.revoked && !one.authority);
  if (isRevoked(offered, known)) return revoked(at, offered, file);
  if (valid.some((one) => one.key.equals(offered))) return undefined;
  if (valid.length === 0)
    return known.some((one) => one.authority && !one.revoked) ? onlyCertified(at, offered, file) : unknownKey(at, offered, file);
  const expected = valid.map((one) => `${fingerprint(one.key)} (${one.type})`).join(' or ');
  return changed(at, `it shows ${fingerprint(offered)} (${keyType(offered)}), but ${file} knows ${expected}`, file);
}

/** As {@link judgeKnown}, against the fingerprints that the system file pins; what known_hosts revokes is refused all the same. */
export function judgePinned(
  at: HostAddress,
  offered: Buffer,
  pinned: readonly string[],
  known: readonly KnownKey[],
  file: string,
): HostError | undefined {
  if (isRevoked(offered, known)) return revoked(at, offered, file);
  if (pinned.includes(fingerprint(offered))) return undefined;
  const detail = `it shows ${fingerprint(offered)} (${keyType(offered)}), but the system file pins ${pinned.join(' or ')}`;
  const mend = 'correct the pinned one. A host shows one of its keys, the ed25519 one where it has one: pin that';
  return new HostError('host-key-changed', `the host key of ${place(at)} is not the one expected: ${detail}`, changedAdvice(mend));
}

/** True when nothing at all is known of the host: what `accept-new` of OpenSSH means by new. */
export const isNew = (known: readonly KnownKey[]): boolean => known.length === 0;

const isRevoked = (offered: Buffer, known: readonly KnownKey[]): boolean => known.some((one) => one.revoked && one.key.equals(offered));

const revoked = (at: HostAddress, offered: Buffer, file: string): HostError =>
  changed(at, `its key ${fingerprint(offered)} is marked @revoked in ${file}`, file);

function onlyCertified(at: HostAddress, offered: Buffer, file: string): HostError {
  return new HostError(
    'host-key-unknown',
    `the host key of ${place(at)}, ${fingerprint(offered)} (${keyType(offered)}), is not in ${file}: it trusts this host by a @cert-authority only, and the bot cannot check host certificates`,
    `Compare the key on the machine itself (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then add it beside the authority: ${scan(at, file)}`,
  );
}

/** A host behind a jump host is asked for its key from there. */
function scan(at: HostAddress, file: string): string {
  const jump = at.jump ? `ssh -p ${at.jump.port} ${at.jump.user}@${at.jump.address} ` : '';
  return `${jump}ssh-keyscan ${at.port === 22 ? '' : `-p ${at.port} `}${at.address} >> ${file}`;
}

function unknownKey(at: HostAddress, offered: Buffer, file: string): HostError {
  return new HostError(
    'host-key-unknown',
    `the host key of ${place(at)}, ${fingerprint(offered)} (${keyType(offered)}), is not in ${file}`,
    `Compare it on the machine itself (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then add it: ${scan(at, file)}`,
  );
}

function changed(at: HostAddress, detail: string, file: string): HostError {
  const mend = `remove the old one (ssh-keygen -R '${knownName(at)}' -f ${file}) and add the new one (${scan(at, file)})`;
  return new HostError('host-key-changed', `the host key of ${place(at)} is not the one expected: ${detail}`, changedAdvice(mend));
}

const changedAdvice = (mend: string): string =>
  `Somebody may be between the bot and the host. If the machine was rebuilt, compare the key on its console, then ${mend}.`;
