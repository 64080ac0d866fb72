import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { lives, owner } from './owner.mjs';

/** Does `work` while this process holds the lock `file`: one process of the machine at a time. A lock whose holder died is taken over. */
export async function locked(file, work) {
  while (!take(file)) await sleep(100);
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function take(file) {
  try {
    writeFileSync(file, owner(), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    const holder = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (holder && !lives(holder)) rmSync(file, { force: true });
    return false;
  }
}
