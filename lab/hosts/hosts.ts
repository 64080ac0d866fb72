import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { containerRights } from './cgroups.ts';
import { type Container, containerName, containerReady, type ExecOptions, execIn, type Run, startContainer } from './container.ts';
import { command, docker, type Ended } from './docker.ts';
import { ensureHostImage } from './image.ts';
import { knownHostsLine, makeKey } from './keys.ts';
import { newRunId, RUN_DIR } from './labels.ts';
import { removeLeftovers } from './leftovers.ts';
import { sshReady } from './ready.ts';
import type { HostSpec } from './spec.ts';

export type { ExecOptions } from './container.ts';
export type { Ended } from './docker.ts';
export type { HostSpec } from './spec.ts';

/** Where one host is; a system's hosts are filled in with these. */
export interface LabHostAddress {
  readonly name: string;
  readonly address: '127.0.0.1';
  readonly port: number;
  readonly user: string;
}

export interface StartHostsOptions {
  /** Hears one sentence about everything that takes long. */
  readonly say?: (text: string) => void;
}

/** Running hosts. Everything here looks on or breaks things from outside; the product gets in over SSH only. */
export interface LabHosts {
  readonly runId: string;
  readonly hosts: readonly LabHostAddress[];
  /** One line a host: `[127.0.0.1]:port ssh-ed25519 …`. */
  readonly knownHostsFile: string;
  /** The key that logs in as each host's `user`. */
  readonly privateKeyFile: string;
  /** The run's own directory; removed by {@link stop}. */
  readonly dir: string;
  /** Throws for a name that is not there. */
  host(name: string): LabHostAddress;
  /** Runs sh text on a host, as root unless `user` is given. Does not reject when it fails. */
  exec(name: string, command: string, options?: ExecOptions): Promise<Ended>;
  /** Copies a local file, or the contents of a local directory (`dir/.`), to a path on the host, owned by root. Parent directories are made. */
  copyIn(name: string, localPath: string, hostPath: string): Promise<void>;
  /** sshd and its sessions end: connections break, new ones get no banner. */
  stopSshd(name: string): Promise<void>;
  startSshd(name: string): Promise<void>;
  /** As a power cut: everything on the host ends at once. {@link restart} brings it back. */
  kill(name: string): Promise<void>;
  /** Everything on the host stands still; connections stay open and silent. */
  pause(name: string): Promise<void>;
  unpause(name: string): Promise<void>;
  /** The host (re)boots: new boot id, same keys, port, files and inner images. Resolves when it is up again. */
  restart(name: string): Promise<void>;
  /** Removes containers, volumes and {@link dir}. May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts these hosts side by side and waits until each is fully up; seconds once the image exists, minutes the first time.
 * Hosts of runs that died are removed first. Rejects with the first host's reason, and then leaves nothing behind.
 */
export async function startHosts(specs: readonly HostSpec[], options: StartHostsOptions = {}): Promise<LabHosts> {
  const image = await ensureHostImage(options.say);
  await removeLeftovers();
  const run = await newRun(image);
  try {
    const containers = await all(specs.map((spec) => startContainer(spec, run)));
    await all(containers.map(containerReady));
    return await labHosts(run, containers);
  } catch (error) {
    await remove(
      run,
      specs.map((spec) => containerName(run, spec)),
    );
    throw error;
  }
}

async function newRun(image: string): Promise<Run> {
  const dir = await mkdtemp(RUN_DIR);
  const [rights] = await Promise.all([containerRights(), makeKey(join(dir, 'id_ed25519'), 'rollback-bot lab')]);
  return { id: newRunId(), dir, image, rights, publicKeyFile: join(dir, 'id_ed25519.pub') };
}

async function labHosts(run: Run, containers: readonly Container[]): Promise<LabHosts> {
  const knownHostsFile = join(run.dir, 'known_hosts');
  await writeFile(knownHostsFile, containers.map(({ port, hostKey }) => knownHostsLine('127.0.0.1', port, hostKey)).join(''));
  const find = (name: string) => {
    const found = containers.find((host) => host.name === name);
    if (!found) throw new Error(`there is no lab host ${JSON.stringify(name)}; there are ${containers.map((host) => host.name).join(', ')}`);
    return found;
  };
  const hosts = containers.map(({ name, port, user }) => ({ name, address: '127.0.0.1' as const, port, user }));
  return {
    runId: run.id,
    hosts,
    knownHostsFile,
    privateKeyFile: join(run.dir, 'id_ed25519'),
    dir: run.dir,
    host: (name) => hosts[containers.indexOf(find(name))] as LabHostAddress,
    exec: (name, text, how) => execIn(find(name).container, text, how),
    copyIn: (name, localPath, hostPath) => copyIn(find(name), localPath, hostPath),
    ...faults(find),
    stop: () =>
      remove(
        run,
        containers.map(({ container }) => container),
      ),
  };
}

type Faults = Pick<LabHosts, 'stopSshd' | 'startSshd' | 'kill' | 'pause' | 'unpause' | 'restart'>;

function faults(find: (name: string) => Container): Faults {
  return {
    stopSshd: async (name) => void (await docker('exec', find(name).container, 'sh', '-c', 'systemctl stop ssh; pkill -KILL sshd; true')),
    startSshd: async (name) => {
      await docker('exec', find(name).container, 'systemctl', 'start', 'ssh');
      await sshReady(find(name).port);
    },
    kill: async (name) => void (await docker('kill', find(name).container)),
    pause: async (name) => void (await docker('pause', find(name).container)),
    unpause: async (name) => void (await docker('unpause', find(name).container)),
    restart: async (name) => {
      await docker('restart', '-t', '20', find(name).container);
      await containerReady(find(name));
    },
  };
}

async function copyIn(host: Container, localPath: string, hostPath: string): Promise<void> {
  const parent = hostPath.slice(0, hostPath.lastIndexOf('/')) || '/';
  await docker('exec', host.container, 'mkdir', '-p', localPath.endsWith('/.') ? hostPath : parent);
  await docker('cp', localPath, `${host.container}:${hostPath}`);
}

async function remove(run: Run, containers: readonly string[]): Promise<void> {
  if (containers.length > 0) await command('docker', ['rm', '-f', '-v', ...containers]);
  await rm(run.dir, { recursive: true, force: true });
}

/** Like Promise.all, but waits for every one to settle before it rejects: nothing may still be starting when the rest is removed. */
async function all<T>(promises: readonly Promise<T>[]): Promise<T[]> {
  const settled = await Promise.allSettled(promises);
  const failed = settled.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
