import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import type { ProductProcess } from '../../lab/product.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { start } from '../helpers/command-line.ts';
import { ask, completed, eventsOf, type Followed, PEOPLE, toldInThread } from '../helpers/rollback.ts';

const root = new URL('../..', import.meta.url).pathname;
/** A bot as it was: before stopping, skipping, and receipts and events with versions of their own. */
const olderCommit = 'c46a3eb';

let older: string;
let world: World;
let product: ProductProcess;
let rollback: Followed;
beforeAll(async () => {
  older = mkdtempSync(join(tmpdir(), 'rollback-older-'));
  execFileSync('sh', ['-c', `git -C "$1" archive ${olderCommit} src package.json tsconfig.json | tar -x -C "$2"`, 'sh', root, older]);
  symlinkSync(join(root, 'node_modules'), join(older, 'node_modules'));
  world = await startWorld({ systems: ['sac'], progressEvery: '6s' });
  product = await world.start(undefined, { SYSTEMS_DIR: olderSystems() }, older);
});
afterAll(async () => {
  await world?.stop();
  if (older) rmSync(older, { recursive: true, force: true });
});

/** The system file without what the older bot does not know yet. */
function olderSystems(): string {
  const dir = join(older, 'systems');
  cpSync(world.systemsDir, dir, { recursive: true });
  for (const name of readdirSync(dir).filter((one) => one.endsWith('.yaml'))) {
    const file = parseDocument(readFileSync(join(dir, name), 'utf8'));
    const { request, approve } = (file.toJS() as { policy: { request: string; approve: Record<string, unknown> } }).policy;
    const { by, count, requester, stands } = approve;
    file.set('policy', file.createNode({ request, approve: { by, count, requester, stands } }));
    writeFileSync(join(dir, name), file.toString({ lineWidth: 0 }));
  }
  return dir;
}

it('a bot is stopped in the middle of a rollback and a newer one started: it goes on, nothing is done or told twice', async () => {
  rollback = await ask(world, 'sac v0.1.0');
  await rollback.until('approve');
  await rollback.click(PEOPLE.approver, 'approve');
  await rollback.says(/Phase 3 of 5/);
  await product.stop();
  const before = await eventsOf(world, rollback.id);
  product = await world.start();
  const startedAt = performance.now();
  await world.workspace.waitFor(() => rollback.buttons().includes('stop'), 'a card with what only the newer bot has');
  console.log(`the newer bot shows its card ${Math.round(performance.now() - startedAt)} ms after it was ready`);
  await completed(rollback);
  const events = await eventsOf(world, rollback.id);
  expect(events.slice(0, before.length)).toEqual(before);
  const intended = events.flatMap((event) => (event.type === 'step-intended' ? [`${event.run}#${event.attempt}`] : []));
  expect(intended).toEqual([...new Set(intended)]);
  expect(intended.filter((run) => !run.endsWith('#1'))).toEqual([]);
  const posted = events.flatMap((event) => (event.type === 'message-posted' ? [event.key] : []));
  expect(posted).toEqual([...new Set(posted)]);
  expect(world.pipeline.runs.map((run) => run.inputs.host)).toEqual(['prod-1', 'prod-2']);
  await toldInThread(world, rollback, 'Report of sac-1');
  expect(events.map(({ mac }) => mac !== undefined)).toEqual(events.map((_, i) => i >= before.length)); // sealed from where the newer one took it over
  const { REDIS_URL = '', DATA_DIR = '' } = world.env;
  const { code, out } = await start(['verify'], { REDIS_URL, DATA_DIR, SYSTEMS_DIR: world.systemsDir }).ended;
  expect([code, out]).toEqual([0, expect.stringContaining(`the first ${before.length} entries are as they were when sealing began`)]);
});
