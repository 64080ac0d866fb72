import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Event } from '../../../src/domain/event.ts';
import { fold } from '../../../src/domain/fold.ts';
import { next } from '../../../src/domain/next.ts';
import { canonical, type Plan } from '../../../src/domain/plan.ts';
import type { State } from '../../../src/domain/state.ts';
import { eventVersion, NewerBotError, upcast } from '../../../src/domain/upcast.ts';
import { workOrders } from '../../../src/domain/work.ts';
import { digestOf } from '../../../src/store/plans.ts';
import { messages } from '../../../src/templates/messages.ts';

/** Logs and plans as bots of these commits wrote them, whole rollbacks on real hosts. They are kept for ever: what was begun with an older bot goes on. */
const dir = new URL('../../fixtures/logs/', import.meta.url);
const recorded = readdirSync(dir).flatMap((commit) => ['agentrader-1', 'sac-1'].map((id) => ({ commit, id })));

const eventsOf = (commit: string, id: string): Event[] =>
  readFileSync(new URL(`${commit}/${id}.jsonl`, dir), 'utf8')
    .trim()
    .split('\n')
    .map((line) => upcast(JSON.parse(line)));
const planOf = (commit: string, id: string): Plan => JSON.parse(readFileSync(new URL(`${commit}/${id}.plan.json`, dir), 'utf8'));
const folded = (id: string, events: readonly Event[]): State => fold(id, events) as State;

describe.each(recorded)('$id as $commit wrote it', ({ commit, id }) => {
  const events = eventsOf(commit, id);

  it('ends as it ended then', () => {
    const state = folded(id, events);
    expect(state.status).toBe('complete');
    expect(Object.values(state.runs).map(({ status }) => status)).toEqual(Object.values(state.runs).map(() => 'done'));
    expect(Object.values(state.proofs).map(({ verdict }) => verdict)).toEqual(state.outline?.hosts.map(() => 'new'));
    expect(Object.keys(state.messages)).toEqual(events.flatMap((event) => (event.type === 'message-posted' ? [event.key] : [])));
    expect(next(state)).toEqual({ do: 'nothing' });
  });

  it('can be taken over at every event: the same work is next as was done then, and everything can be said', () => {
    for (let count = 1; count < events.length; count++) {
      const state = folded(id, events.slice(0, count));
      workOrders(state, state.at);
      expect(messages({ state, now: state.at, outputs: {}, mentions: {} })[0]?.text).not.toBe('');
      const event = events[count];
      if (event?.type !== 'step-intended') continue;
      const todo = next(state);
      expect(todo.do === 'steps' && todo.runs).toContain(event.run);
    }
  });

  it('its plan is still the one that was approved, and its outline the plan’s', () => {
    const plan = planOf(commit, id);
    const planned = events.find((event) => event.type === 'planned');
    expect(digestOf(plan)).toBe(planned?.digest);
    expect(canonical(plan.outline)).toBe(canonical(planned?.outline));
  });
});

describe('what a newer bot wrote', () => {
  it('is refused by its name, never passed over', () => {
    const event = { v: eventVersion, seq: 1, at: 0, type: 'approved' };
    expect(upcast(event)).toBe(event);
    expect(() => upcast({ ...event, v: eventVersion + 1 })).toThrow(NewerBotError);
    expect(() => upcast({ ...event, type: 'teleported' })).toThrow(
      /a newer rollback-bot wrote “teleported” \(version 2\).*start the newer one, and stop this one/,
    );
    expect(() => upcast({ ...event, type: 'constructor' })).toThrow(NewerBotError);
  });
});
