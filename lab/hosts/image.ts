import { copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { baseIsBootstrapped, baseTag, ensureBase } from './base.ts';
import { command, must } from './docker.ts';
import { hashed } from './hash.ts';
import { IMAGE_LABEL } from './labels.ts';
import { pruneImages } from './leftovers.ts';
import { writeMachineApt } from './machine-apt.ts';

const FILES = ['Dockerfile', 'init.sh'];
let building: Promise<string> | undefined;

/** The tag of the host image, which changes with every file it is made from. */
export async function hostImageTag(): Promise<string> {
  const texts = await Promise.all(FILES.map((name) => readFile(here(name), 'utf8')));
  return `rollback-bot-lab/host:${hashed([baseTag, ...texts])}`;
}

/** Makes sure that the host image exists and answers its tag; minutes the first time, a moment later. `say` hears what takes long. */
export function ensureHostImage(say: (text: string) => void = () => undefined): Promise<string> {
  building ??= ensure(say).catch((error: unknown) => {
    building = undefined;
    throw error;
  });
  return building;
}

async function ensure(say: (text: string) => void): Promise<string> {
  const tag = await hostImageTag();
  if (await imageExists(tag)) return tag;
  await ensureBase(say);
  say('Building the image of the target hosts: Debian with systemd, OpenSSH, git, Python and an engine of its own, about two minutes …');
  await build(tag);
  await pruneImages('host');
  return tag;
}

/** Whether the engine has an image of this tag. */
export async function imageExists(tag: string): Promise<boolean> {
  return (await command('docker', ['image', 'inspect', '--format', '{{.Id}}', tag])).exitCode === 0;
}

async function build(tag: string): Promise<void> {
  const context = await mkdtemp(join(tmpdir(), 'rollback-lab-image-'));
  try {
    await Promise.all(FILES.map((name) => copyFile(here(name), join(context, name))));
    await writeMachineApt(join(context, 'apt'), 'bookworm', await baseIsBootstrapped());
    await must(
      'docker',
      ['build', '--network', 'host', '--label', `${IMAGE_LABEL}=host`, '--build-arg', `BASE=${baseTag}`, ...proxies(), '-t', tag, context],
      { timeoutMs: 1_800_000 },
    );
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

/** Named without a value: the client passes them on when they are set, and the image does not keep them. */
function proxies(): string[] {
  return ['http_proxy', 'https_proxy', 'no_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY']
    .filter((name) => process.env[name])
    .flatMap((name) => ['--build-arg', name]);
}

function here(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
