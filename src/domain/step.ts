import type { ZodType } from 'zod';
import type { HostAddress, Reading } from './host.ts';
import type { HostRecord, Release, TreeFile } from './release.ts';
import type { Sh } from './sh.ts';
import type { Role, System } from './system.ts';

/** Everything a step or proof kind may know when it plans: nothing here is read from the world by the kind itself. */
export interface Where {
  readonly rollback: string;
  readonly system: System;
  readonly role: Role;
  readonly host: HostAddress;
  readonly target: Release;
  /** The release that production runs before the rollback; known when planning, not when probing. */
  readonly from?: Release;
  /** What was recorded of the target release on this host when it was proven. */
  readonly recorded?: HostRecord;
  /** All files of the target release. */
  readonly targetTree: readonly TreeFile[];
  /** An absolute path (may hold `$HOME`, so it is shell text) where this step keeps what undo needs; made by whoever uses it. */
  readonly keepDir: Sh;
  /** Commands run in the target release's own tree, not in the role's directory. */
  readonly testsFromTarget: boolean;
  readonly timeoutMs: number;
  /** The user's own check of the step, to be run in the role's directory. */
  readonly verify?: string;
  /** The author's word that this step cannot be taken back. */
  readonly cannotUndo?: string;
}

/** Something that makes the rollback impossible, found before anything was changed. */
export interface Problem {
  readonly what: string;
  readonly advice: string;
}

/** A step made concrete for one host. What it says here is byte for byte what runs. */
export type Work = ShellWork | PipelineWork | AnnounceWork | SignWork | HandWork;

/** Commands on a host under one receipt: guard (is it still as found?), command, verify. */
export interface ShellWork {
  readonly type: 'shell';
  readonly guard?: Sh;
  readonly command: Sh;
  readonly verify?: Sh;
  /**
   * Read-only: finds out by itself what a receipt cannot say. Exit 0: the effect is there, whole. Exit 10: the host is wholly as it was before the step.
   * Anything else: it cannot be told, and people are asked.
   */
  readonly settle?: Sh;
  /** Puts back what the command changed, from what it kept. */
  readonly restore?: Sh;
  /** What is there now and will be there: part of what is approved. Equal, or empty, when the step changes nothing. */
  readonly from: string;
  readonly to: string;
  readonly timeoutMs: number;
  /** What the host's production service is after the step. */
  readonly serving?: 'stopped' | 'running';
  /** Why undo cannot bring this back. */
  readonly cannotUndo?: string;
}

/** A run of a CI/CD pipeline: triggered once, followed to its end. */
export interface PipelineWork {
  readonly type: 'pipeline';
  readonly order: PipelineOrder;
  /** The run that takes it back: the release before. */
  readonly back?: PipelineOrder;
  readonly from: string;
  readonly to: string;
  readonly timeoutMs: number;
  readonly cannotUndo?: string;
}

/** Commands for a person, who ticks them off. */
export interface HandWork {
  readonly type: 'hand';
  readonly text: string;
  readonly serving?: 'stopped' | 'running';
}

/** GitHub Actions' workflow dispatch, or any other service by URL. `secret` is a name; its value is never in a plan. */
export type PipelineOrder =
  | {
      readonly via: 'github';
      readonly repository: string;
      readonly workflow: string;
      readonly ref: string;
      readonly inputs: Readonly<Record<string, string>>;
      /** The input that the workflow shows in its run's name; the step's key is sent in it. */
      readonly keyInput?: string;
      readonly secret: string;
    }
  | { readonly via: 'url'; readonly url: string; readonly body: Readonly<Record<string, string>>; readonly secret?: string };

/** From here on the audiences are owed this message. */
export interface AnnounceWork {
  readonly type: 'announce';
  readonly template: 'initial' | 'progress' | 'completion';
}

/** One person signs measured numbers; nothing waits for it. */
export interface SignWork {
  readonly type: 'sign';
  /** `@user` or `@group`. */
  readonly by: string;
  readonly shown: readonly string[];
}

/** What planning a step gives: the work, and what stands in its way. */
export interface Planned {
  readonly work: Work;
  readonly problems?: readonly Problem[];
  readonly warnings?: readonly string[];
}

/** A kind of step: one file, one schema, read-only probes, a pure plan. */
export interface StepKind<P = unknown> {
  /** The key in the YAML: `git.restore`. */
  readonly key: string;
  /** In the digest; raised when the same params would plan other commands. */
  readonly version: number;
  /** One line for the reference. */
  readonly about: string;
  /**
   * `host`: needs a role, and runs on each of its hosts. `hosts`: without `on`, on all hosts of the system. `bot`: done by the
   * bot, once. `either`: by the bot, once, or with `on` once for each host of the role.
   */
  readonly place: 'host' | 'hosts' | 'bot' | 'either';
  readonly schema: ZodType<P>;
  /** Read-only commands whose readings `plan` is given, in this order. */
  probes?(params: P, where: Where): readonly Sh[];
  plan(params: P, facts: readonly Reading[], where: Where): Planned;
  /** The same for a person at the host's own shell, in the role's directory, as the documents write it. Without it the plan's command is shown. */
  byHand?(params: P, where: Where): string;
  /** Values that the step's output holds, by name, for measures. */
  values?(output: string): Readonly<Record<string, string>>;
}

/** The kind's own params type is checked by its schema; from outside kinds are alike. */
// biome-ignore lint/suspicious/noExplicitAny: a registry of kinds with different params
export type AnyStepKind = StepKind<any>;
