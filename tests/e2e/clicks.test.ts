import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Message } from '../../lab/workspace/model.ts';
import { startWorld, type World } from '../../lab/world.ts';
import { ask, type Followed, incident, PEOPLE } from '../helpers/rollback.ts';

const clicks = 100;
/** Every click has a visible answer within a second. */
const visibleWithinMs = 1000;

let world: World;
let rollback: Followed;
let card: Message;
beforeAll(async () => {
  world = await startWorld({ systems: ['sac'], workspace: { rateLimits: false } }); // a hundred of a kind, faster than people
  await world.start();
  rollback = await ask(world, 'sac v0.1.0');
  card = await rollback.until('approve');
});
afterAll(() => world?.stop());

/** Milliseconds from a click to what the person sees of it. */
async function seen(person: string, act: () => Promise<unknown>, look: () => unknown): Promise<number> {
  const clickedAt = performance.now();
  await act();
  await world.workspace.waitFor(look, `the answer for ${person}`, 10_000);
  return performance.now() - clickedAt;
}

const told = (person: string): number => world.workspace.ephemerals(person).length;

async function refused(person: string, action: string, on: Message = card): Promise<number> {
  const before = told(person);
  return seen(
    person,
    () => world.workspace.clickOld(person, on, action),
    () => told(person) > before,
  );
}

async function opened(person: string, action: string): Promise<number> {
  const ms = await seen(
    person,
    () => world.workspace.click(person, incident, rollback.ts, action),
    () => world.workspace.views(person).at(-1),
  );
  for (const view of world.workspace.views(person)) await world.workspace.close(view.id, person, true);
  return ms;
}

async function typed(person: string, text: string): Promise<number> {
  const before = told(person);
  return seen(
    person,
    () => world.workspace.command(person, incident, text),
    () => told(person) > before,
  );
}

/** A copy of the card whose buttons carry the digest of a plan that never was. */
const ofAnotherPlan = (): Message => JSON.parse(JSON.stringify(card).replaceAll(/(\\"digest\\":\\")[^"\\]+/g, '$1another')) as Message;

const kinds: readonly [string, () => Promise<number>][] = [
  ['Approve, refused: not an approver', () => refused(PEOPLE.oncall, 'approve')],
  ['Approve, refused: another digest', () => refused(PEOPLE.approver, 'approve', ofAnotherPlan())],
  ['Withdraw, refused: of another', () => refused(PEOPLE.lead, 'withdraw')],
  ['Show plan', () => opened(PEOPLE.approver, 'plan')],
  ['Details', () => opened(PEOPLE.requester, 'details')],
  ['Reject: the question', () => opened(PEOPLE.lead, 'reject')],
  ['Change version', () => opened(PEOPLE.requester, 'change')],
  ['/rollback status', () => typed(PEOPLE.requester, '/rollback status')],
  ['a mistyped command', () => typed(PEOPLE.requester, '/rollback sca v0.1.0')],
];

it.each(kinds)('%s: seen within a second', async (kind, act) => {
  const times: number[] = [];
  for (let i = 0; i < clicks; i++) times.push(await act());
  const sorted = times.toSorted((a, b) => a - b);
  const at = (part: number): number => Math.round(sorted[Math.ceil(sorted.length * part) - 1] ?? 0);
  process.stderr.write(`${kind}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms of ${clicks}\n`);
  expect(at(0.95)).toBeLessThan(visibleWithinMs);
});
