import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HostSpec, type LabHosts, startHosts } from '../hosts/hosts.ts';
import { makeKey } from '../hosts/keys.ts';
import { removeLeftovers } from '../hosts/leftovers.ts';
import { provisioned } from '../hosts/provisioned.ts';
import { type SampleHostName, sampleHosts } from './hosts.ts';
import { filesFor, kindOf, provisionKey, provisionScript, startScript } from './provision.ts';
import { buildRepositories, type Repositories } from './repositories.ts';

/** Sample hosts that run v0.2.0, failing, and what belongs to them. */
export interface SampleLab {
  readonly lab: LabHosts;
  readonly repositories: Repositories;
  /** Logs in as `pipeline` on the production hosts. */
  readonly pipelineKeyFile: string;
  /** Removes hosts, repositories and keys. */
  stop(): Promise<void>;
}

export interface StartSamplesOptions {
  readonly say?: (text: string) => void;
}

/** Builds the repositories and starts these sample hosts, all at v0.2.0; provisions images that are missing first (once, about a minute). */
export async function startSamples(names: readonly SampleHostName[], options: StartSamplesOptions = {}): Promise<SampleLab> {
  const dir = await mkdtemp(join(tmpdir(), 'rollback-lab-samples-'));
  const remove = () => rm(dir, { recursive: true, force: true });
  let lab: LabHosts | undefined;
  try {
    const [repositories] = await Promise.all([buildRepositories(join(dir, 'git')), makeKey(join(dir, 'pipeline'), 'pipeline')]);
    const pipelinePublicKey = await readFile(join(dir, 'pipeline.pub'), 'utf8');
    lab = await startHosts(await provisionedSpecs(names, repositories, options.say), options);
    const running = lab;
    await Promise.all(names.map((name) => startRelease(running, name, pipelinePublicKey.trim())));
    return { lab, repositories, pipelineKeyFile: join(dir, 'pipeline'), stop: async () => void (await Promise.all([running.stop(), remove()])) };
  } catch (error) {
    await Promise.all([lab?.stop(), remove()]);
    throw error;
  }
}

/** The specs of these hosts with images that are provisioned; hosts of one kind share one. */
export async function provisionedSpecs(
  names: readonly SampleHostName[],
  repositories: Repositories,
  say?: (text: string) => void,
): Promise<readonly HostSpec[]> {
  // Once, here: several at a time would remove the same leftover twice, which the engine refuses.
  await removeLeftovers();
  const images = new Map<string, Promise<string>>();
  for (const name of names) {
    const kind = kindOf(name);
    if (!images.has(kind)) images.set(kind, provisionedImage(name, kind, repositories, say));
  }
  // Not before all have ended: what is still being set up must not outlive the caller's clean-up.
  await Promise.allSettled(images.values());
  return Promise.all(names.map(async (name) => ({ ...(sampleHosts[name] as HostSpec), image: (await images.get(kindOf(name))) ?? '' })));
}

async function provisionedImage(name: SampleHostName, kind: string, repositories: Repositories, say?: (text: string) => void): Promise<string> {
  const key = await provisionKey(name, repositories);
  return provisioned({ ...sampleHosts[name], name: kind }, key, async (host) => {
    say?.(`Setting up the image of the sample ${kind} host; kept for later starts.`);
    for (const file of filesFor(name, repositories)) await host.copyIn(file.local, file.path);
    await host.must(provisionScript(name), { timeoutMs: 300_000 });
  });
}

async function startRelease(lab: LabHosts, name: SampleHostName, pipelinePublicKey: string): Promise<void> {
  const { exitCode, stdout, stderr } = await lab.exec(name, startScript(name, { pipelinePublicKey }));
  if (exitCode !== 0) throw new Error(`${name} did not start its release (${exitCode}): ${`${stdout}${stderr}`.trim().slice(-2000)}`);
}
