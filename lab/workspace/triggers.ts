import { newSecret } from './ids.ts';
import { SlackError } from './slackerror.ts';

/** How long a trigger_id is good for. https://docs.slack.dev/interactivity/handling-user-interaction */
export const TRIGGER_LIFE_MS = 3000;

interface Trigger {
  userId: string;
  viewId: string | undefined;
  atMs: number;
  isUsed: boolean;
}

/** The trigger ids given out, each good once and for three seconds. */
export class Triggers {
  private readonly issued = new Map<string, Trigger>();
  private readonly now: () => number;

  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  /** A new trigger id for what this person did; `viewId` when it was done inside a view. */
  issue(userId: string, viewId?: string): string {
    const number = () => String(Math.floor(1e9 + Math.random() * 9e9));
    const id = `${number()}.${number()}.${newSecret()}`;
    this.issued.set(id, { userId, viewId, atMs: this.now(), isUsed: false });
    return id;
  }

  /** Uses the id up. @throws SlackError invalid_trigger_id, exchanged_trigger_id, expired_trigger_id */
  exchange(id: string): { userId: string; viewId: string | undefined } {
    const trigger = this.issued.get(id);
    if (!trigger) throw new SlackError('invalid_trigger_id');
    if (trigger.isUsed) throw new SlackError('exchanged_trigger_id');
    if (this.now() - trigger.atMs > TRIGGER_LIFE_MS) throw new SlackError('expired_trigger_id');
    trigger.isUsed = true;
    return trigger;
  }
}
