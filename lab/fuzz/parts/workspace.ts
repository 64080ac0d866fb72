import fc from 'fast-check';
import type { Message } from '../../../src/domain/message.ts';
import type { Status } from '../../../src/domain/state.ts';
import { messages } from '../../../src/templates/messages.ts';
import { statuses, storyAt } from '../../../tests/helpers/story.ts';
import { startWorkspace } from '../../workspace/start.ts';
import { hostile } from '../hostile.ts';
import { type Outcome, type Part, partOf } from '../part.ts';
import { now } from '../world.ts';

/** The incident channel of the workspace. */
const channel = 'C0INCTRAD';

/** A state in which hostile text stands wherever somebody may have written. */
const stateOf = (status: Status, a: string, b: string) => {
  const told = storyAt(status, 'sac', {
    answers: { symptoms: a, scope: b, lessons: b },
    version: b,
    outline: { title: a, warnings: [b], cannotUndo: [a] },
  }).state();
  return { ...told, requester: { ...told.requester, name: a }, dropped: { card: b } };
};

/** What is said with hostile text in it, posted to a real workspace: it is taken, and pages nobody. */
export const workspace: Part = partOf({
  name: 'workspace',
  perMille: 1,
  open: async () => {
    const server = await startWorkspace({ rateLimits: false });
    const post = async ({ text, blocks }: Message): Promise<void> => {
      const headers = { authorization: `Bearer ${server.botToken}`, 'content-type': 'application/json; charset=utf-8' };
      const answer = await fetch(`${server.apiUrl}chat.postMessage`, {
        method: 'POST',
        headers,
        body: JSON.stringify({ channel, text, blocks, link_names: true }),
      });
      const { ok, ts, ...why } = (await answer.json()) as { ok: boolean; ts: string };
      if (!ok) throw new Error(`the workspace refuses it: ${JSON.stringify(why)}`);
      const paged = server.message(channel, ts)?.mentions;
      const isQuiet = paged && !paged.here && !paged.channel && !paged.everyone && paged.groups.length === 0 && !paged.users.includes('U0VICTIM1');
      if (!isQuiet) throw new Error(`it pages ${JSON.stringify(paged)}`);
    };
    return {
      cases: fc.record({ status: fc.constantFrom(...statuses), a: hostile, b: hostile }),
      try: async ({ status, a, b }): Promise<Outcome> => {
        for (const message of messages({ state: stateOf(status, a, b), now, outputs: {}, mentions: {} })) await post(message);
        return 'accepted';
      },
      close: () => server.stop(),
    };
  },
});
