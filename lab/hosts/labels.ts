import { randomBytes } from 'node:crypto';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { owner } from '../setup/owner.mjs';

/** Value: the id of the run that a container belongs to. */
export const RUN_LABEL = 'rollback-bot.lab';
/** Value: the process that owns a container, as `machine/pid:start`; when it is gone, the container is a leftover. */
export const OWNER_LABEL = 'rollback-bot.lab.owner';
/** Value: the run's own directory on the machine that started it, removed with a leftover. */
export const DIR_LABEL = 'rollback-bot.lab.dir';
/** Value: `base`, `host`, or `provisioned-NAME`: which images replace each other. */
export const IMAGE_LABEL = 'rollback-bot.lab.image';

/** What every run's own directory begins with; nothing else is ever removed as one. */
export const RUN_DIR = join(tmpdir(), 'rollback-lab-hosts-');

/** A new run's id, short enough for container names. */
export function newRunId(): string {
  return randomBytes(4).toString('hex');
}

/** This process on this machine, for {@link OWNER_LABEL}. */
export function ownerHere(): string {
  return `${hostname()}/${owner()}`;
}
