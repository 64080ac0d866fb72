import type { Outline, PlanProblem, RunKey } from './plan.ts';
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
    }
  | { readonly type: 'described'; readonly by: Actor; readonly answers: Readonly<Record<string, string>> }
  | { readonly type: 'planned'; readonly digest: string; readonly outline: Outline }
  | { readonly type: 'unplannable'; readonly problems: readonly PlanProblem[] }
  | { readonly type: 'approved'; readonly by: Actor; readonly digest: string }
  | { readonly type: 'started' }
  | { readonly type: 'rejected'; readonly by: Actor; readonly reason: string }
  | { readonly type: 'withdrawn'; readonly by: Actor }
  | { readonly type: 'expired' }
  | { readonly type: 'taken'; readonly token: string; readonly worker: string }
  | { readonly type: 'phase-started'; readonly phase: number }
  | { readonly type: 'step-intended'; readonly run: RunKey; readonly attempt: number; readonly bootId: string; readonly storeId: string }
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
  | { readonly type: 'trouble'; readonly where: 'step' | 'proof' | 'bot'; readonly what: string }
  | { readonly type: 'retry-chosen'; readonly by: Actor }
  | { readonly type: 'left'; readonly by: Actor }
  | { readonly type: 'message-posted'; readonly key: string; readonly channel: string; readonly ts: string }
  | { readonly type: 'message-dropped'; readonly key: string; readonly why: string };

export type FactType = Fact['type'];
/** Milliseconds since 1970 (`at`) and position in the rollback's log (`seq`, from 1). */
export type Event = Fact & { readonly v: 1; readonly seq: number; readonly at: number };

/** How one run of a step ended. `done`; `failed`: the command's failure; `errored`: ours; `drifted`: the guard said no; `unknown`: nobody can say. */
export interface StepResult {
  readonly outcome: 'done' | 'failed' | 'errored' | 'drifted' | 'unknown';
  readonly exitCode?: number;
  readonly stage?: 'guard' | 'command' | 'verify';
  readonly timedOut?: boolean;
  readonly durationMs: number;
  readonly outputBytes: number;
  /** One line for people: what happened, where that is not plain from the rest. */
  readonly why?: string;
  readonly advice?: string;
  readonly values?: Readonly<Record<string, string>>;
}
