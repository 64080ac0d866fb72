import type { Message } from '../workspace/model.ts';
import type { Workspace } from '../workspace/start.ts';

/** What the bot has posted, by rollback and key: a key with two messages was delivered twice. */
export class Board {
  readonly #posted = new Map<string, Message[]>();
  readonly #takenBack = new Map<string, string[]>();

  constructor(workspace: Workspace) {
    workspace.on('message', ({ message }) => {
      const rollback = message.metadata?.event_payload.rollback;
      if (typeof rollback !== 'string') return;
      this.#posted.set(rollback, [...(this.#posted.get(rollback) ?? []), message]);
    });
    workspace.on('deleted', ({ channel, ts }) => {
      for (const [rollback, posted] of this.#posted) {
        const gone = posted.find((one) => one.channel === channel && one.ts === ts);
        if (!gone) continue;
        this.#posted.set(
          rollback,
          posted.filter((one) => one !== gone),
        );
        this.#takenBack.set(rollback, [...this.takenBack(rollback), keyOf(gone)]);
      }
    });
  }

  /** The keys of messages of a rollback that were posted and then deleted. */
  takenBack(rollback: string): readonly string[] {
    return this.#takenBack.get(rollback) ?? [];
  }

  /** Every message of a rollback wherever it is, oldest first, as it is now. */
  of(rollback: string): readonly Message[] {
    return this.#posted.get(rollback) ?? [];
  }

  /** The rollback's card, when it is there. */
  card(rollback: string): Message | undefined {
    return this.of(rollback).find((message) => keyOf(message) === 'card');
  }
}

/** The key that a message of the bot carries: `phase-2`. */
export const keyOf = (message: Message): string => String(message.metadata?.event_payload.message ?? '');
