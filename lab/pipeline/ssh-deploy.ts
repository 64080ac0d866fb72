import { spawn } from 'node:child_process';
import type { Deploy, Deployed } from './run.ts';

export interface SshDeployOptions {
  /** Where `inputs.host` is. */
  readonly hosts: readonly { readonly name: string; readonly address: string; readonly port: number }[];
  readonly knownHostsFile: string;
  readonly privateKeyFile: string;
  /** `pipeline` by default. */
  readonly user?: string;
}

/**
 * What the sample workflow's job does: logs into the host named by `inputs.host` with the system's ssh and runs
 * `sudo -n /srv/deploy/deploy.sh REF`. Answers ok false, with the output, when that fails or the host is unknown.
 */
export function sshDeploy(options: SshDeployOptions): Deploy {
  return (inputs, ref, signal) => {
    const host = options.hosts.find(({ name }) => name === inputs.host);
    if (!host) return Promise.resolve({ ok: false, log: `there is no host ${JSON.stringify(inputs.host ?? '')}` });
    if (!/^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(ref)) return Promise.resolve({ ok: false, log: `${JSON.stringify(ref)} is no release` });
    return ssh([...loginArguments(options, host), 'sudo', '-n', '/srv/deploy/deploy.sh', ref], signal);
  };
}

function loginArguments(options: SshDeployOptions, host: { readonly address: string; readonly port: number }): string[] {
  const settings = ['BatchMode=yes', 'StrictHostKeyChecking=yes', 'IdentitiesOnly=yes', 'ConnectTimeout=10', 'ServerAliveInterval=5'];
  const known = `UserKnownHostsFile=${options.knownHostsFile}`;
  const flags = [...settings, known, 'GlobalKnownHostsFile=/dev/null'].flatMap((setting) => ['-o', setting]);
  return ['-F', '/dev/null', ...flags, '-i', options.privateKeyFile, '-p', String(host.port), `${options.user ?? 'pipeline'}@${host.address}`];
}

function ssh(args: readonly string[], signal: AbortSignal): Promise<Deployed> {
  return new Promise((resolve) => {
    const child = spawn('ssh', args, { stdio: ['ignore', 'pipe', 'pipe'], signal });
    const log: Buffer[] = [];
    const add = (chunk: Buffer) => void log.push(chunk);
    child.stdout.on('data', add);
    child.stderr.on('data', add);
    child.on('error', (error) => add(Buffer.from(`${error.message}\n`)));
    child.on('close', (code) => resolve({ ok: code === 0, log: Buffer.concat(log).toString() }));
  });
}
