import type { HostAddress, HostIdentity } from './host.ts';
import type { Finding } from './proof.ts';
import type { Commit, Release } from './release.ts';
import type { Problem, Work } from './step.ts';
import type { AfterWork, AnnouncementRule, ApprovePolicy, ProofItem, System } from './system.ts';

/** A step of a plan on one host, or of the bot itself: `11.1@prod-1`, `3@bot`. */
export type RunKey = `${string}@${string}`;
export const runKey = (step: string, host: string): RunKey => `${step}@${host}`;
/** The name that stands for the bot where a step has no host. */
export const BOT = 'bot';

/** What deciding and telling need of a plan; it travels in the event, the commands stay in the plan. */
export interface Outline {
  readonly system: string;
  readonly title: string;
  readonly variant: string;
  readonly from: Release | undefined;
  readonly target: Release;
  readonly commits: readonly Commit[];
  readonly hosts: readonly OutlineHost[];
  readonly phases: readonly OutlinePhase[];
  readonly stages: readonly Stage[];
  readonly policy: ApprovePolicy;
  readonly announcements: readonly AnnouncementRule[];
  readonly affected: { readonly ms: number; readonly measured: number } | undefined;
  readonly cannotUndo: readonly string[];
  readonly warnings: readonly string[];
  readonly afterwards: readonly AfterWork[];
  readonly lastProvenAt: number | undefined;
  /** What this runbook does otherwise than the normal one, in a sentence. */
  readonly about?: string;
  /** What the scenario chose, and what it leaves out, in a sentence. */
  readonly selected?: string;
  /** People run the commands and tick them off. */
  readonly byHand?: boolean;
  /** Of the runbook and its proof: tells whether it was run or drilled as it is now. */
  readonly runbook: string;
  /** When proven, what the release is made of is recorded: it is last known good. */
  readonly records: boolean;
  /** What is put back: the rollback, and how much of it. */
  readonly undoes?: Undoes;
}

/** What an undo puts back: these runs of that rollback, and what they are called: `all`, `phase 4`, `step 11.2 on prod-2`. */
export interface Undoes {
  readonly rollback: string;
  readonly scope: string;
  readonly runs: readonly RunKey[];
  /** True when everything that the rollback changed is put back. */
  readonly whole: boolean;
}

export interface OutlineHost {
  readonly name: string;
  readonly role: string;
  readonly production: boolean;
  /** What it runs before the rollback, in few words: `v0.2.0, health failing`. */
  readonly before: string;
}

export interface OutlinePhase {
  readonly name: string;
  readonly estimateMs: number;
  readonly steps: readonly OutlineStep[];
}

export interface OutlineStep {
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly type: Work['type'];
  /** Names of hosts, or {@link BOT} alone. */
  readonly hosts: readonly string[];
  readonly serving?: 'stopped' | 'running';
  /** Why undo cannot bring back what it does. */
  readonly cannotUndo?: string;
  /** Undo puts back what it changes. */
  readonly undoable?: boolean;
  readonly template?: 'initial' | 'progress' | 'completion';
  readonly sign?: { readonly by: string; readonly shown: readonly string[] };
}

/** Hosts that go through these steps side by side, each in order; the next stage starts when all of them are through. */
export interface Stage {
  readonly phase: number;
  readonly hosts: readonly string[];
  readonly steps: readonly string[];
}

/** One host as it was read for the plan. */
export interface PlanHost {
  readonly address: HostAddress;
  readonly role: string;
  readonly identity: HostIdentity;
  readonly before: readonly Finding[];
  readonly proof: readonly ProofItem[];
  /** For an undo: what was recorded before the rollback that is undone; it is proven against that. */
  readonly recorded?: readonly Finding[];
}

/** The version of the plans that this bot makes. */
export const planVersion = 1;

/** The runbook made concrete for one rollback. Approval is for its digest. */
export interface Plan {
  readonly v: typeof planVersion;
  readonly rollback: string;
  readonly outline: Outline;
  readonly hosts: Readonly<Record<string, PlanHost>>;
  readonly work: Readonly<Record<RunKey, Work>>;
  readonly kinds: Readonly<Record<string, number>>;
  /** The system as its file said when the plan was made: what is approved does not follow later edits. */
  readonly system: System;
  /** What proofs compare with where that is not the outline's target: an undo is compared as the rollback it undoes was. */
  readonly judgedBy?: Release;
  /** How the configuration differs between what runs and what will run; whoever approves has read it, so the digest has it. */
  readonly configuration?: readonly FileDifference[];
}

/** How one file of the repository differs: lines of a unified diff, empty where only the name is told. */
export interface FileDifference {
  readonly path: string;
  readonly diff: string;
}

/** Why a rollback could not be planned: everything that was found, with the host where it was found. */
export interface PlanProblem extends Problem {
  readonly host?: string;
  readonly step?: string;
}

/**
 * The text whose SHA-256 is a plan's digest: all that an approval is for, in a fixed order.
 * Not in it: times, estimates, requester, warnings, boot ids, commits' prose.
 */
export function digestText(plan: Plan): string {
  const { outline } = plan;
  return canonical({
    v: plan.v,
    rollback: plan.rollback,
    system: outline.system,
    variant: outline.variant,
    target: outline.target.commit,
    stages: outline.stages,
    phases: outline.phases.map(({ name, steps }) => ({ name, steps })),
    roles: plan.system.roles,
    files: plan.system.files,
    release: plan.system.release,
    policy: outline.policy,
    undoes: outline.undoes,
    byHand: outline.byHand,
    hosts: Object.fromEntries(
      Object.entries(plan.hosts).map(([name, host]) => [
        name,
        {
          address: host.address,
          hostKey: host.identity.hostKey,
          role: host.role,
          before: host.before.filter((finding) => finding.identifies).map(({ what, found }) => ({ what, found })),
          proof: host.proof,
          recorded: host.recorded?.filter((finding) => finding.identifies).map(({ what, found }) => ({ what, found })),
        },
      ]),
    ),
    work: plan.work,
    kinds: plan.kinds,
    configuration: plan.configuration,
  });
}

/** JSON with the keys of every object sorted, so that equal values give equal text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    item !== null && typeof item === 'object' && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
