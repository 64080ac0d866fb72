import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { lives } from '../setup/owner.mjs';
import { command, docker } from './docker.ts';
import { DIR_LABEL, IMAGE_LABEL, OWNER_LABEL, RUN_DIR, RUN_LABEL } from './labels.ts';

/** How many images of one kind stay: two work trees on one machine need not throw out each other's. */
const IMAGES_KEPT = 3;

/** Removes containers whose owner on this machine no longer lives, with their volumes and their run's directory (it holds keys). Answers their names. */
export async function removeLeftovers(): Promise<string[]> {
  const listed = await docker(
    'ps',
    '-a',
    '--filter',
    `label=${RUN_LABEL}`,
    '--format',
    `{{.Names}} {{.Label "${OWNER_LABEL}"}} {{.Label "${DIR_LABEL}"}}`,
  );
  const dead = lines(listed).filter(([, owner = '']) => isDead(owner));
  const names = dead.flatMap(([name = '']) => (name ? [name] : []));
  if (names.length > 0) await command('docker', ['rm', '-f', '-v', ...names]);
  const dirs = new Set(dead.map((fields) => fields.slice(2).join(' ')).filter((dir) => dir.startsWith(RUN_DIR)));
  await Promise.all([...dirs].map((dir) => rm(dir, { recursive: true, force: true })));
  return names;
}

/** Removes all but the newest images of one kind; those that a container still uses stay. */
export async function pruneImages(kind: string): Promise<void> {
  const listed = await docker('images', '--filter', `label=${IMAGE_LABEL}=${kind}`, '--format', '{{.Repository}}:{{.Tag}} {{.ID}}');
  const tags = lines(listed).flatMap(([tag = '', id = '']) => (tag.includes('<none>') ? [id] : [tag]));
  for (const old of tags.slice(IMAGES_KEPT)) await docker('rmi', old).catch(() => undefined); // one in use stays, until the next time
}

/** Another machine's runs on a shared engine are not ours to judge. */
function isDead(owner: string): boolean {
  const [machine, process = ''] = owner.split('/');
  return machine === hostname() && !lives(process);
}

function lines(text: string): string[][] {
  return text.split('\n').flatMap((line) => (line ? [line.split(' ')] : []));
}
