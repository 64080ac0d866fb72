import type { Actor, HaltOffer, HaltWay, StepResult } from './event.ts';
import type { Outline, PlanProblem, RunKey, Undoes } from './plan.ts';
import type { Finding, Verdict } from './proof.ts';

/**
 *           ◄─(changed)
 *   reading ─► waiting ─► running ─► proving ─► complete
 *      │  │       │          │  ▲       │  ▲
 *      ▼  ▼       ▼          ▼  │       ▼  │
 *      │ shown  rejected    trouble ◄───┘  (retry, skip)
 *  unplannable  withdrawn      │
 *               expired        ▼
 *                        left, handed-over
 *   trouble ─► reading (read again: nothing was changed, and the lock is let go)
 *   running, trouble, proving ─► stopping ─► stopped
 *   running, trouble, proving, stopping ─(unlocked)─► left
 */
export type Status =
  | 'reading'
  | 'unplannable'
  | 'shown'
  | 'waiting'
  | 'rejected'
  | 'withdrawn'
  | 'expired'
  | 'running'
  | 'trouble'
  | 'proving'
  | 'complete'
  | 'left'
  | 'handed-over'
  | 'stopping'
  | 'stopped';

/** One step on one host, once it was intended. `retry`: a person asked for it again; `resume` then says that its receipt may exist and must be attached to. */
export interface StepRun {
  readonly attempt: number;
  readonly status: 'running' | 'triggered' | 'asked' | 'retry' | 'skipped' | StepResult['outcome'];
  readonly resume?: boolean;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly bootId?: string;
  readonly storeId?: string;
  readonly unguarded?: boolean;
  /** An earlier attempt of it, for the same plan, got past its guard as far as anybody can say: it may have changed something. */
  readonly acted?: boolean;
  readonly pipeline?: { readonly ref: string; readonly url: string };
  readonly result?: StepResult;
  /** Who passed it over, and why. */
  readonly skipped?: { readonly by: Actor; readonly reason: string };
}

/** Whether a halt is in force, and how it went on each host. */
export interface HaltState {
  readonly way: HaltWay;
  readonly by: Actor;
  readonly at: number;
  /** Seq of the event that chose it: part of its job's id and of its receipts. */
  readonly seq: number;
  readonly hosts: Readonly<Record<string, { readonly ok: boolean; readonly at: number; readonly why?: string }>>;
}

export interface HostProof {
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  readonly trouble?: string;
  readonly at: number;
}

export interface Signature {
  readonly run: RunKey;
  readonly numbers: Readonly<Record<string, string>>;
  readonly askedAt: number;
  readonly by?: Actor;
  readonly signedAt?: number;
}

/** Somebody started it alone; `review` once somebody else has looked at that. */
export interface Override {
  readonly by: Actor;
  readonly at: number;
  readonly reason: string;
  /** Of the plan that was started. */
  readonly digest: string;
  readonly review?: { readonly by: Actor; readonly at: number; readonly note: string };
}

/** What a rollback is now: `fold(events)`, and nothing else. */
export interface State {
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  /** Seal of its last event; absent where an older bot wrote that. */
  readonly head?: string;
  readonly status: Status;
  readonly system: string;
  readonly title: string;
  /** How many hosts the system has. */
  readonly hosts: number;
  readonly version: string;
  readonly variant: string;
  readonly channel: string;
  readonly requester: Actor;
  readonly requestedAt: number;
  readonly answers: Readonly<Record<string, string>>;
  readonly dryRun: boolean;
  readonly drill: boolean;
  readonly undoes?: Undoes;
  readonly halt?: HaltOffer;
  /** The last halt, or its taking back; absent when nobody chose one. */
  readonly halted?: HaltState;
  /** Since when its hosts are being read: the request, or its last change. */
  readonly askedAt: number;
  /** What was recorded of the proven release, for people. */
  readonly recorded?: readonly string[];
  /** The undo that has taken over. */
  readonly handedTo?: string;
  readonly digest?: string;
  readonly outline?: Outline;
  readonly plannedAt?: number;
  readonly problems: readonly PlanProblem[];
  readonly approvals: readonly { readonly by: Actor; readonly at: number }[];
  /** Each time that it was started without the approvals it needed, oldest first: again when the hosts had drifted and a new plan was made. */
  readonly overrides: readonly Override[];
  /** The plan that was approved before the hosts had drifted, and what has changed since. */
  readonly superseded?: { readonly digest: string; readonly differences: readonly string[] };
  /** By run: how many attempts were made for plans that are superseded. */
  readonly spent: Readonly<Record<RunKey, number>>;
  readonly closedBy?: Actor;
  /** Who chose to stop it. */
  readonly stop?: { readonly by: Actor; readonly at: number };
  readonly reason?: string;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly token: string;
  readonly worker?: string;
  /** Seq of the event that made the next piece of work due: part of the job's id. */
  readonly cause: number;
  readonly phase: number;
  readonly phases: readonly { readonly startedAt?: number; readonly endedAt?: number }[];
  readonly runs: Readonly<Record<RunKey, StepRun>>;
  readonly proofs: Readonly<Record<string, HostProof>>;
  readonly trouble?: { readonly where: 'step' | 'proof' | 'bot'; readonly what: string; readonly at: number };
  /** By host of production: since when it serves or does not, as far as the steps changed it. */
  readonly serving: Readonly<Record<string, { readonly stoppedAt?: number; readonly runningAt?: number }>>;
  readonly signatures: readonly Signature[];
  readonly announced: Readonly<Record<string, number>>;
  readonly messages: Readonly<Record<string, { readonly channel: string; readonly ts: string; readonly at: number }>>;
  /** Announcements that Slack refused, with why. */
  readonly dropped: Readonly<Record<string, string>>;
}

export const endedStatuses: readonly Status[] = [
  'unplannable',
  'shown',
  'rejected',
  'withdrawn',
  'expired',
  'complete',
  'left',
  'handed-over',
  'stopped',
];
export const isEnded = (state: State): boolean => endedStatuses.includes(state.status);
/** It was started alone, and nobody has looked at that yet. */
export const isReviewOwed = (state: State): boolean => state.overrides.some(({ review }) => review === undefined);
/** It was begun, and is over without a proof of its end. */
export const isCutShort = (state: State): boolean => state.status === 'left' || state.status === 'stopped';
/** The statuses in which a rollback holds its system's lock. */
export const holdsLock = (state: State): boolean => ['running', 'trouble', 'proving', 'stopping'].includes(state.status);
