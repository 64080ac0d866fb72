import { describe, expect, it } from 'vitest';
import { linesOf } from '../../../src/cli/story.ts';
import type { Event, Fact } from '../../../src/domain/event.ts';
import { fold } from '../../../src/domain/fold.ts';
import type { State } from '../../../src/domain/state.ts';
import { people, type Story, story, storyAt } from '../../helpers/story.ts';

const look = { names: {}, hasStyle: false };

/** All lines of a story, event by event. */
function told(one: Story): string[] {
  let state: State | undefined;
  return one.events.flatMap((event) => {
    const before = state;
    state = fold('sac-42', [event], before) as State;
    return linesOf(event, state, look, before);
  });
}

describe('a rollback as lines', () => {
  it('each ended step has one line, with its host and how long it took', () => {
    const one = story().requested().planned().started().proven().completed();
    const ended = one.events.filter((event) => event.type === 'step-finished');
    const lines = told(one);
    expect(ended.length).toBeGreaterThan(20);
    expect(lines.filter((line) => /^ {2}step \S+ .*: done after /.test(line))).toHaveLength(ended.length);
    expect(lines.filter((line) => / on prod-2: done after /.test(line)).length).toBeGreaterThan(3);
    expect(lines.at(-1)).toBe('Complete: v0.1.0 proven on 3 of 3 hosts.');
    expect(lines.filter((line) => line.startsWith('Phase '))).toHaveLength(5);
    expect(lines.join('\n')).not.toMatch(/undefined|\[object|<!|&amp;/);
  });

  it('trouble says the state of production, what failed and why, and what can be done', () => {
    const said = told(storyAt('trouble')).slice(-3).join('\n');
    expect(said).toMatch(/FAILED \(exit \d+\) after .*\n?.*NEEDS A DECISION: /s);
    expect(said).toContain('rollback stop sac-42');
    expect(said).toContain('@sac-leads or @requester');
  });

  it('who decided on the command line is told so', () => {
    const one = storyAt('waiting').tell({ type: 'approved', by: { ...people.approver, via: 'cli' }, digest: 'd' });
    expect(told(one).at(-1)).toBe('Approved by @approver (command line) (1 of 1).');
  });

  it('a pull in two parts, a stop, and what was cut', () => {
    const one = storyAt('running').tell({ type: 'stop-chosen', by: people.requester });
    const run = Object.entries(one.state().runs).find(([, { status }]) => status === 'running')?.[0] as `${string}@${string}`;
    one.tell({ type: 'step-finished', run, attempt: 1, result: { outcome: 'cut', durationMs: 2000, outputBytes: 0 } }, { type: 'stopped' });
    expect(told(one).slice(-3).join('\n')).toMatch(/^Stopped by @requester: .*\n {2}step .*: CUT after 2 s\nStopped: /);
  });

  it('nothing that a host, a file or a person wrote does anything to the terminal', () => {
    const state = storyAt('waiting').state();
    const bad = '\u001b[2J\u0007x\nsac-42  Complete';
    const facts: Fact[] = [
      { type: 'rejected', by: { ...people.approver, name: bad }, reason: bad },
      { type: 'trouble', where: 'step', what: bad },
      { type: 'message-dropped', key: 'card', why: bad },
    ];
    for (const fact of facts)
      for (const line of linesOf({ v: 1, seq: 9, at: 0, ...fact } as Event, state, look, state)) expect(line).not.toMatch(/\p{Cc}/u);
  });

  it('an event of a newer version that nobody here knows says nothing', () => {
    const state = storyAt('waiting').state();
    expect(linesOf({ v: 1, seq: 9, at: 0, type: 'sung' } as unknown as Event, state, look, state)).toEqual([]);
  });
});
