import { containerName, type ExecOptions } from './container.ts';
import { docker, type Ended } from './docker.ts';
import { hashed } from './hash.ts';
import { type HostSpec, startHosts } from './hosts.ts';
import { ensureHostImage, imageExists } from './image.ts';
import { IMAGE_LABEL } from './labels.ts';
import { pruneImages } from './leftovers.ts';

/** The one host that a provisioning function works on. */
export interface HostToProvision {
  readonly name: string;
  /** Runs sh text as root (or `user`). Does not reject when it fails. */
  exec(command: string, options?: ExecOptions): Promise<Ended>;
  /** The same, but rejects with what it wrote when it fails. */
  must(command: string, options?: ExecOptions): Promise<string>;
  /** As `LabHosts.copyIn`. */
  copyIn(localPath: string, hostPath: string): Promise<void>;
}

/**
 * A host image on which `provision` has been done once: done now when there is none for this `key`, this spec and this host image, else answered at once.
 * Use the tag as `HostSpec.image`. The host is shut down orderly before it is kept; what is kept is its file system without /run, /tmp
 * and /var/lib/docker (inner images must be loaded at each start). Rejects with what `provision` threw, and keeps nothing then.
 */
export async function provisioned(spec: HostSpec, key: string, provision: (host: HostToProvision) => Promise<void>): Promise<string> {
  const hostImage = await ensureHostImage();
  const tag = `rollback-bot-lab/provisioned-${spec.name}:${hashed([hostImage, JSON.stringify(spec), key])}`;
  if (await imageExists(tag)) return tag;
  const lab = await startHosts([spec]);
  try {
    await provision(toProvision(lab, spec.name));
    await keep(containerName({ id: lab.runId }, spec), spec, tag);
  } finally {
    await lab.stop();
  }
  await pruneImages(`provisioned-${spec.name}`);
  return tag;
}

async function keep(container: string, spec: HostSpec, tag: string): Promise<void> {
  await docker('stop', '-t', '30', container);
  await docker('commit', '--change', `LABEL ${IMAGE_LABEL}=provisioned-${spec.name}`, container, tag);
}

function toProvision(lab: Awaited<ReturnType<typeof startHosts>>, name: string): HostToProvision {
  return {
    name,
    exec: (text, options) => lab.exec(name, text, options),
    must: async (text, options) => {
      const { exitCode, stdout, stderr } = await lab.exec(name, text, options);
      if (exitCode !== 0) throw new Error(`provisioning ${name} failed with ${exitCode}:\n${`${stdout}${stderr}`.trim().slice(-3000)}`);
      return stdout;
    },
    copyIn: (localPath, hostPath) => lab.copyIn(name, localPath, hostPath),
  };
}
