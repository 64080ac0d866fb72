import { join } from 'node:path';
import { command, docker, type Ended } from './docker.ts';
import { makeKey } from './keys.ts';
import { DIR_LABEL, OWNER_LABEL, ownerHere, RUN_LABEL } from './labels.ts';
import { freePort } from './ports.ts';
import { sshReady, systemReady } from './ready.ts';
import { type HostSpec, writeSpec } from './spec.ts';

const TMPFS = ['--tmpfs', '/run:exec', '--tmpfs', '/run/lock', '--tmpfs', '/tmp:exec,mode=1777'];
const PORT_TRIES = 5;

/** What all hosts of one start share. */
export interface Run {
  readonly id: string;
  readonly dir: string;
  readonly image: string;
  /** From `containerRights`. */
  readonly rights: readonly string[];
  readonly publicKeyFile: string;
}

/** One running host. */
export interface Container {
  readonly name: string;
  /** The container's name, unique on the engine. */
  readonly container: string;
  readonly port: number;
  readonly user: string;
  /** `ssh-ed25519 AAAA…`, made for this start. */
  readonly hostKey: string;
}

/** Creates a host, tells it who it is, and starts it; does not wait for it. Rejects with the engine's reason. */
export async function startContainer(spec: HostSpec, run: Run): Promise<Container> {
  const container = containerName(run, spec);
  const dir = join(run.dir, spec.name);
  await writeSpec(spec, dir, run.publicKeyFile);
  const hostKey = await makeKey(join(dir, 'host_key'), spec.name);
  const port = await create(container, spec, run);
  await docker('cp', `${dir}/.`, `${container}:/etc/rollback-lab`);
  await docker('start', container);
  return { name: spec.name, container, port, user: spec.user, hostKey };
}

/** The name that {@link startContainer} gives, known before it exists so that a failed start can be cleaned up. */
export function containerName(run: Pick<Run, 'id'>, spec: HostSpec): string {
  return `rollback-lab-${run.id}-${spec.name}`;
}

/** Waits until the host's systemd says `running` and its sshd answers. */
export async function containerReady(host: Container): Promise<void> {
  await Promise.all([systemReady(host.container), sshReady(host.port)]);
}

/** Runs sh text in a host from outside, as root unless `user` says otherwise: for looking on, never how the product gets in. */
export function execIn(container: string, text: string, options: ExecOptions = {}): Promise<Ended> {
  const as = options.user ? ['-u', options.user] : [];
  const input = options.input === undefined ? [] : ['-i'];
  return command('docker', ['exec', ...as, ...input, container, 'sh', '-c', text], options);
}

/** How {@link execIn} runs. */
export interface ExecOptions {
  readonly user?: string;
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** A port that was free a moment ago can be taken by another run: then another one is tried. */
async function create(container: string, spec: HostSpec, run: Run): Promise<number> {
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    try {
      await docker(...createArguments(container, port, spec, run));
      return port;
    } catch (error) {
      if (tries === PORT_TRIES) throw error;
      await command('docker', ['rm', '-f', '-v', container]);
    }
  }
}

function createArguments(container: string, port: number, spec: HostSpec, run: Run): string[] {
  const labels = [`${RUN_LABEL}=${run.id}`, `${OWNER_LABEL}=${ownerHere()}`, `${DIR_LABEL}=${run.dir}`].flatMap((label) => ['--label', label]);
  const place = ['--name', container, '--hostname', spec.name, '-p', `127.0.0.1:${port}:22`, '-v', '/var/lib/docker'];
  return ['create', ...labels, ...place, ...run.rights, ...TMPFS, spec.image ?? run.image];
}
