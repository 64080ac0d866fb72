import { mkdtemp, rm } from 'node:fs/promises';
import { arch } from 'node:os';
import { join } from 'node:path';
import { command, docker, must } from './docker.ts';
import { hashed } from './hash.ts';
import { IMAGE_LABEL } from './labels.ts';
import { debianMirror } from './machine-apt.ts';

const SUITE = 'bookworm';
const PULLED = `debian:${SUITE}-slim`;
/** Not the temporary directory: newer systems mount that without devices, which a root file system needs. */
const WORK_DIR = '/var/tmp';
const PULL_LIMIT_MS = 120_000;

/** The tag of the Debian 12 that hosts are built on, for this architecture. */
export const baseTag = `rollback-bot-lab/base:${hashed([SUITE, arch(), 'minbase 1'])}`;

/**
 * Makes sure that {@link baseTag} exists: pulled where a registry answers, else made by debootstrap (root on Debian or Ubuntu; about a minute).
 * Rejects with both reasons when neither works.
 */
export async function ensureBase(say: (text: string) => void): Promise<void> {
  if ((await command('docker', ['image', 'inspect', baseTag])).exitCode === 0) return;
  say(`Fetching Debian 12 (docker pull ${PULLED}) …`);
  const pulled = await command('docker', ['pull', '-q', PULLED], { timeoutMs: PULL_LIMIT_MS });
  if (pulled.exitCode === 0) return void (await docker('tag', PULLED, baseTag));
  const why = pulled.stderr.trim().split('\n').at(-1) ?? '';
  say(`  no registry answers (${why.slice(0, 120)}): making it with debootstrap instead, about a minute …`);
  await bootstrap().catch((error: Error) => {
    throw new Error(
      `No base image: docker pull ${PULLED} failed (${why}), and debootstrap failed too (${error.message}). Get either to work, then try again.`,
    );
  });
}

/** Whether the base came from debootstrap, and packages must come the way this machine gets its own. */
export async function baseIsBootstrapped(): Promise<boolean> {
  return (await docker('image', 'inspect', '--format', `{{index .Config.Labels "${IMAGE_LABEL}"}}`, baseTag)) === 'base';
}

async function bootstrap(): Promise<void> {
  const dir = await mkdtemp(join(WORK_DIR, 'rollback-lab-base-'));
  const root = join(dir, 'root');
  try {
    await must('debootstrap', ['--variant=minbase', '--include=ca-certificates', SUITE, root, ...(await debianMirror(SUITE))]);
    await must('sh', [
      '-c',
      'rm -rf "$1"/var/cache/apt/archives/*.deb && tar -C "$1" -c . | docker import --change "LABEL $2" - "$3"',
      'sh',
      root,
      `${IMAGE_LABEL}=base`,
      baseTag,
    ]);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
