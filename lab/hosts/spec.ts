import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** One target host, as the lab is asked for it. */
export interface HostSpec {
  /** The name people use, and its host name: `prod-1`. */
  readonly name: string;
  /** The ordinary user that logs in with the lab's key; made at the first start. */
  readonly user: string;
  /** More groups of this user: `docker`, `systemd-journal`. They must exist in the image. */
  readonly groups?: readonly string[];
  /**
   * Sudo rules. A string that begins with `/` is a command that `user` may run as root without a password;
   * any other is a line of sudoers, taken as it is (a comment, a rule for somebody else).
   */
  readonly sudo?: readonly string[];
  /** Whether the host's own Docker engine runs; off by default, because it takes seconds and memory. */
  readonly engine?: boolean;
  /** The image to start from: the answer of `provisioned`; the bare host image by default. */
  readonly image?: string;
}

/** The sudoers file of a host. */
export function sudoers(spec: HostSpec): string {
  return (spec.sudo ?? []).map((line) => (line.startsWith('/') ? `${spec.user} ALL=(root) NOPASSWD: ${line}\n` : `${line}\n`)).join('');
}

/** Writes what init.sh reads as /etc/rollback-lab: who logs in, with which key, and who the host is. The host key must be in `dir` already. Throws on names that do not fit. */
export async function writeSpec(spec: HostSpec, dir: string, publicKeyFile: string): Promise<void> {
  for (const name of [spec.name, spec.user, ...(spec.groups ?? [])])
    if (!/^[a-z][a-z0-9-]{0,30}$/.test(name))
      throw new Error(`${JSON.stringify(name)} in the lab host ${JSON.stringify(spec.name)} is no name: use a-z, 0-9 and -.`);
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, 'host.sh'), `user='${spec.user}'\ngroups='${(spec.groups ?? []).join(' ')}'\nengine=${spec.engine ? 'yes' : 'no'}\n`);
  await writeFile(join(dir, 'sudoers'), sudoers(spec));
  await copyFile(publicKeyFile, join(dir, 'authorized_keys'));
}
