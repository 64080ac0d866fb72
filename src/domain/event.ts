import type { Outline, PlanProblem, RunKey, Undoes } from './plan.ts';
import type { Finding, Verdict } from './proof.ts';

/** Who did something. `bot` for what the product does by itself. */
export interface Actor {
  /** Slack user id, or `bot`. */
  readonly id: string;
  readonly name: string;
  readonly via: 'slack' | 'cli' | 'bot';
}

/** What happened to a rollback. Appended and never changed; a new meaning is a new type or a higher `v`. */
export type Fact =
  | {
      readonly type: 'requested';
      readonly by: Actor;
      readonly system: string;
      /** The system's title and number of hosts, for the card before the hosts are read. */
      readonly title: string;
      readonly hosts: number;
      readonly version: string;
      readonly variant: string;
      readonly channel: string;
      readonly answers: Readonly<Record<string, string>>;
      /** Shows what would be done, and can never be approved. */
      readonly dryRun?: boolean;
      /** A rehearsal: nobody approves it, on a system that is marked for it. */
      readonly drill?: boolean;
      /** It puts back what another rollback changed. */
      readonly undoes?: Undoes;
      /** What can be stopped from the card, before anything is approved. */
      readonly halt?: HaltOffer;
    }
  /** Another version, variant or scenario: the hosts are read anew, and approvals are void. */
  | { readonly type: 'changed'; readonly by: Actor; readonly version: string; readonly variant: string }
  | { readonly type: 'halt-chosen'; readonly by: Actor; readonly way: HaltWay }
  | { readonly type: 'halt-ended'; readonly way: HaltWay; readonly host: string; readonly ok: boolean; readonly why?: string }
  | { readonly type: 'described'; readonly by: Actor; readonly answers: Readonly<Record<string, string>> }
  /** `differences`: what has changed since the plan that was approved before, a line each; absent where there was none. */
  | { readonly type: 'planned'; readonly digest: string; readonly outline: Outline; readonly differences?: readonly string[] }
  | { readonly type: 'unplannable'; readonly problems: readonly PlanProblem[] }
  | { readonly type: 'approved'; readonly by: Actor; readonly digest: string }
  /** Somebody whom the policy names starts it without the approvals it needs; a review is owed from then on. */
  | { readonly type: 'overridden'; readonly by: Actor; readonly digest: string; readonly reason: string }
  /** The review that an override owes is closed. */
  | { readonly type: 'reviewed'; readonly by: Actor; readonly note: string }
  | { readonly type: 'started' }
  | { readonly type: 'rejected'; readonly by: Actor; readonly reason: string }
  | { readonly type: 'withdrawn'; readonly by: Actor }
  | { readonly type: 'expired' }
  | { readonly type: 'taken'; readonly token: string; readonly worker: string }
  | { readonly type: 'phase-started'; readonly phase: number }
  | {
      readonly type: 'step-intended';
      readonly run: RunKey;
      readonly attempt: number;
      readonly bootId: string;
      readonly storeId: string;
      /** Sent without its guard: an earlier attempt got past it and may have changed what it looks at. */
      readonly unguarded?: boolean;
    }
  | { readonly type: 'step-finished'; readonly run: RunKey; readonly attempt: number; readonly result: StepResult }
  | { readonly type: 'pipeline-triggered'; readonly run: RunKey; readonly attempt: number; readonly ref: string; readonly url: string }
  | { readonly type: 'signature-asked'; readonly run: RunKey; readonly numbers: Readonly<Record<string, string>> }
  | { readonly type: 'signed'; readonly by: Actor; readonly run: RunKey; readonly numbers: Readonly<Record<string, string>> }
  | { readonly type: 'phase-ended'; readonly phase: number }
  | { readonly type: 'proof-started' }
  | {
      readonly type: 'host-proven';
      readonly host: string;
      readonly verdict: Verdict;
      readonly findings: readonly Finding[];
      readonly trouble?: string;
    }
  | { readonly type: 'completed' }
  /** What the proven release is made of was read and kept; each line is for people. */
  | { readonly type: 'recorded'; readonly lines: readonly string[] }
  | { readonly type: 'trouble'; readonly where: 'step' | 'proof' | 'bot'; readonly what: string }
  /** A person says that they ran the commands of a run, and how that ended. */
  | { readonly type: 'ticked'; readonly by: Actor; readonly run: RunKey; readonly ok: boolean }
  /** `hosts`: only what did not end well there; everywhere when absent. */
  | { readonly type: 'retry-chosen'; readonly by: Actor; readonly hosts?: readonly string[] }
  /** The hosts are not as the plan found them, and nothing was changed yet: they are read anew, and approvals are void. */
  | { readonly type: 'read-again-chosen'; readonly by: Actor }
  /** A run that did not end well is passed over, by somebody whom the policy lets. */
  | { readonly type: 'skip-chosen'; readonly by: Actor; readonly run: RunKey; readonly reason: string }
  | { readonly type: 'left'; readonly by: Actor }
  /** What runs on the hosts is to be ended, and nothing more begun. */
  | { readonly type: 'stop-chosen'; readonly by: Actor }
  /** Nothing of it runs any more, as far as its runs say. */
  | { readonly type: 'stopped' }
  /** Its lock was taken away from it: no worker of it lives. `token` keeps out one that wakes later. */
  | { readonly type: 'unlocked'; readonly by: Actor; readonly reason: string; readonly token: string }
  /** An undo has started and holds the lock now: this rollback is over. */
  | { readonly type: 'handed-over'; readonly to: string }
  | { readonly type: 'message-posted'; readonly key: string; readonly channel: string; readonly ts: string }
  | { readonly type: 'message-dropped'; readonly key: string; readonly why: string };

/** Containment, or its taking back. */
export type HaltWay = 'halt' | 'back';

/** A system's halt as the card offers it. `hosts` are the hosts' names. */
export interface HaltOffer {
  readonly name: string;
  readonly backName: string;
  readonly warn: string;
  readonly by: string;
  readonly hosts: readonly string[];
}

export type FactType = Fact['type'];
/** Milliseconds since 1970 (`at`) and position in the rollback's log (`seq`, from 1). `mac`: its seal, absent in what older bots wrote. */
export type Event = Fact & { readonly v: 1 | 2; readonly seq: number; readonly at: number; readonly mac?: string };

/** How one run of a step ended. `done`; `failed`: the command's failure; `errored`: ours; `drifted`: the guard said no; `unknown`: nobody can say; `cut`: ended by Stop. */
export interface StepResult {
  readonly outcome: 'done' | 'failed' | 'errored' | 'drifted' | 'unknown' | 'cut';
  readonly exitCode?: number;
  readonly stage?: 'guard' | 'command' | 'verify';
  readonly timedOut?: boolean;
  readonly durationMs: number;
  readonly outputBytes: number;
  /** SHA-256 of what is kept of its output, in hex; absent where nothing is. */
  readonly outputSha256?: string;
  /** One line for people: what happened, where that is not plain from the rest. */
  readonly why?: string;
  readonly advice?: string;
  readonly values?: Readonly<Record<string, string>>;
}
