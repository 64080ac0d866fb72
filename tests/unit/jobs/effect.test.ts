import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { type Host, HostError, type ReceiptAnswer } from '../../../src/domain/host.ts';
import type { ShellWork } from '../../../src/domain/step.ts';
import { runEffect } from '../../../src/jobs/effect.ts';
import type { Note } from '../../../src/store/journal.ts';
import { storyAt } from '../../helpers/story.ts';

const work = { type: 'shell', guard: 'test -d /srv', command: "systemctl stop 'sac agent'", verify: 'true', timeoutMs: 1000 } as unknown as ShellWork;

/** What the journal is told when a host answers so. */
async function noted(answer: () => Promise<ReceiptAnswer>): Promise<Note[]> {
  const notes: Note[] = [];
  const host = { address: { name: 'prod-1' }, run: answer } as unknown as Host;
  const identity = { bootId: 'b', storeId: 's', hostKey: 'k' } as never;
  const journal = { note: async (note: Note) => void notes.push(note) };
  const effect = { state: storyAt('waiting').state(), name: 'halt-4', token: '1', identity, signal: new AbortController().signal, journal };
  await runEffect(host, effect, work).catch(() => undefined);
  return notes;
}

const sent = { type: 'effect', rollback: 'sac-42', name: 'halt-4', host: 'prod-1', guard: work.guard, command: work.command, verify: work.verify };

it('a command outside a plan is in the journal as it was sent, with its exit status and the hash of its output', async () => {
  const ended = {
    kind: 'ended',
    exitCode: 3,
    tail: 'no such unit\n',
    stage: 'command',
    timedOut: false,
    durationMs: 1,
    outputBytes: 13,
  } as ReceiptAnswer;
  const outputSha256 = createHash('sha256').update('no such unit\n').digest('hex');
  expect(await noted(async () => ended)).toEqual([{ ...sent, exitCode: 3, outputSha256 }]);
});

it('so it is where nobody knows how it ended, or whether it was sent', async () => {
  expect(await noted(async () => ({ kind: 'unknown', why: 'the host was rebooted', tail: '' }))).toEqual([{ ...sent, why: 'the host was rebooted' }]);
  const away = () => Promise.reject(new HostError('host-unreachable', 'prod-1 does not answer', 'look at it'));
  expect(await noted(away)).toEqual([{ ...sent, why: expect.stringContaining('prod-1 does not answer') }]);
});
