import type { Actor, Fact, HaltWay } from './event.ts';
import type { RunKey } from './plan.ts';
import type { Refusal } from './refusal.ts';

/** A person's command, with what was looked up about the person: whether the policy's group holds them. */
export type Command =
  | { readonly type: 'approve'; readonly by: Actor; readonly isApprover: boolean; readonly digest: string }
  | { readonly type: 'reject'; readonly by: Actor; readonly isApprover: boolean; readonly reason: string }
  /** Starts it alone; `typed` is the system's name, typed by hand. */
  | {
      readonly type: 'override';
      readonly by: Actor;
      readonly mayOverride: boolean;
      readonly typed: string;
      readonly reason: string;
      readonly digest: string;
    }
  /** Closes the review that an override owes. */
  | { readonly type: 'review'; readonly by: Actor; readonly isApprover: boolean; readonly note: string }
  /** The hosts have drifted: they are read anew, and the new plan is approved anew. */
  | { readonly type: 'read-again'; readonly by: Actor; readonly isApprover: boolean }
  | { readonly type: 'withdraw'; readonly by: Actor }
  | { readonly type: 'describe'; readonly by: Actor; readonly mayRequest: boolean; readonly answers: Readonly<Record<string, string>> }
  | {
      readonly type: 'change';
      readonly by: Actor;
      readonly mayRequest: boolean;
      readonly version: string;
      readonly variant: string;
      readonly scenario: string;
    }
  | { readonly type: 'halt'; readonly by: Actor; readonly mayHalt: boolean; readonly way: HaltWay }
  | { readonly type: 'tick'; readonly by: Actor; readonly isApprover: boolean; readonly run: RunKey; readonly ok: boolean }
  | { readonly type: 'retry'; readonly by: Actor; readonly isApprover: boolean; readonly host?: string }
  | {
      readonly type: 'skip';
      readonly by: Actor;
      readonly maySkip: boolean;
      readonly run: RunKey;
      readonly reason: string;
    }
  | { readonly type: 'stop'; readonly by: Actor; readonly mayStop: boolean }
  /** `livesOn`: what of it still lives, in words; empty when nothing does. `token` is newer than any that was given out. */
  | {
      readonly type: 'unlock';
      readonly by: Actor;
      readonly mayUnlock: boolean;
      readonly livesOn: string;
      readonly reason: string;
      readonly token: string;
    }
  | { readonly type: 'leave'; readonly by: Actor; readonly isApprover: boolean }
  | { readonly type: 'sign'; readonly by: Actor; readonly isSigner: boolean; readonly run: RunKey }
  | { readonly type: 'expire' };

/** The facts to append, or why not. */
export type Decision = readonly Fact[] | Refusal;

/** The command of one kind. */
export type Of<T extends Command['type']> = Extract<Command, { type: T }>;
