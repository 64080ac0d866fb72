import { resolve } from 'node:path';
import { quote } from '../domain/sh.ts';

/** What git logs in to repositories with; the worker does so to hosts. Paths may be relative to where the bot was started. */
export interface SshRules {
  readonly keyFile: string | undefined;
  readonly knownHostsFile: string | undefined;
  readonly acceptNew: boolean;
}

/** GIT_SSH_COMMAND: never asks, never trusts a key because it was the first unless that is asked for, lends nobody the agent; whatever ~/.ssh/config says. */
export function sshCommand({ keyFile, knownHostsFile, acceptNew }: SshRules): string {
  const options = [
    'BatchMode=yes',
    `StrictHostKeyChecking=${acceptNew ? 'accept-new' : 'yes'}`,
    'ForwardAgent=no',
    'ConnectTimeout=10',
    'ServerAliveInterval=5',
    'ServerAliveCountMax=3',
    ...(keyFile === undefined ? [] : ['IdentitiesOnly=yes', `IdentityFile="${whole(keyFile)}"`]),
    ...(knownHostsFile === undefined ? [] : [`UserKnownHostsFile="${whole(knownHostsFile)}"`]),
  ].flatMap((option) => ['-o', quote(option)]);
  return ['ssh', ...options].join(' ');
}

/** ssh fills in what begins with %. */
const whole = (file: string): string => resolve(file).replaceAll('%', '%%');
