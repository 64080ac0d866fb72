import type { HostAddress } from './host.ts';

/** What can be rolled back, as one YAML file in `systems/` says. Everything is resolved and checked; times are milliseconds. */
export interface System {
  readonly name: string;
  readonly title: string;
  /** The incident channel: `#inc-trading`. */
  readonly channel: string;
  /** Any URL or path that git takes. */
  readonly repository: string;
  readonly release: ReleaseRules;
  readonly roles: Readonly<Record<string, Role>>;
  /** Names used by policy and signatures → `@user`, `@group` or `#channel`. */
  readonly people: Readonly<Record<string, string>>;
  readonly policy: Policy;
  /** How long production is without, as the system file estimates it. */
  readonly affectedMs?: number;
  readonly ask: readonly Question[];
  readonly files: Readonly<Record<string, FileGroup>>;
  readonly backups?: BackupRules;
  readonly github?: { readonly repository: string; readonly token: string };
  /** The runbook of the variant `normal`, and what proves it. {@link asked} puts another variant's in their place. */
  readonly runbook: readonly RunbookPhase[];
  /** By role: what proves that a host runs the release. */
  readonly proof: Readonly<Record<string, readonly ProofItem[]>>;
  /** Other runbooks of the system, asked for by name. `normal` is not among them. */
  readonly variants: Readonly<Record<string, Variant>>;
  /** What the answer to the question `scenario` selects; an answer without an entry selects everything. */
  readonly scenarios: Readonly<Record<string, Scenario>>;
  readonly halt?: Halt;
  /** Who a rollback needs, as the document says: fewer is a warning. */
  readonly resources: readonly Resource[];
  /** What no undo of this system brings back: `trades made meanwhile`. */
  readonly cannotUndo: readonly string[];
  /** Present where the system is an environment for rehearsals. */
  readonly drill?: DrillRules;
  readonly announcements: readonly AnnouncementRule[];
  readonly afterwards: readonly AfterWork[];
  /** Path of the file and the SHA-256 of its text (with that of its announcements file). */
  readonly file: string;
  readonly digest: string;
}

/** A runbook asked for by name: `remove`, `recover`, `emergency`, `production-first`, `manual`. */
export interface Variant {
  readonly name: string;
  /** One sentence for the card: what it does otherwise than the normal runbook. */
  readonly about: string;
  /** `asked`: the version that was typed; `last-proven`: last known good unless a version was typed; `running`: what the hosts run now; `none`: it has no version. */
  readonly target: 'asked' | 'last-proven' | 'running' | 'none';
  /** People run the commands and tick them off; the bot only proves. */
  readonly byHand: boolean;
  readonly runbook: readonly RunbookPhase[];
  readonly proof: Readonly<Record<string, readonly ProofItem[]>>;
}

/** What a scenario selects of the runbook. */
export interface Scenario {
  /** The variant it is handled by; the normal runbook when absent. A variant asked for by name wins. */
  readonly variant?: string;
  /** Only these roles are changed and proven; all when absent. */
  readonly roles?: readonly string[];
  /** Ids of steps that are left out; `11` means `11.1` too. */
  readonly without: readonly string[];
}

/** The system's own containment: reversible, usable before approval. */
export interface Halt {
  /** What the button says: `Stop trading`. */
  readonly name: string;
  readonly backName: string;
  readonly on: string;
  /** Who may: `@group`, `@user` or `#channel`. */
  readonly by: string;
  readonly step: HaltStep;
  readonly back: HaltStep;
  /** What it does not do: `Open positions stay open.` */
  readonly warn: string;
}

export interface HaltStep {
  readonly kind: string;
  readonly params: unknown;
}

/** `Development team: 2 of @sac-devs`. */
export interface Resource {
  readonly name: string;
  readonly who: string;
  readonly count: number;
}

/** A rehearsal: back to a release and forward again, both proven. Absent `everyMs`: by command only. */
export interface DrillRules {
  readonly everyMs?: number;
  /** The release to go back to; the second newest tag when absent. */
  readonly to?: string;
  /** The owner's own flow script, run first on every host, in its role's directory. */
  readonly run?: string;
}

/** Work that is owed after a rollback. */
export interface AfterWork {
  readonly what: string;
  readonly withinMs?: number;
}

/** How releases of a system are found: tags by pattern, that many recent commits shown, the package or image they become. */
export interface ReleaseRules {
  readonly tags: string;
  readonly commits: number;
  readonly package?: string;
  readonly image?: string;
  /** How many past releases are kept on each host (images, backups). */
  readonly keep: number;
  /** Files of the repository that name dependencies: a change of them between two releases is said on the card. */
  readonly dependencies: readonly string[];
}

/** Hosts that are treated alike. */
export interface Role {
  readonly name: string;
  readonly hosts: readonly HostAddress[];
  /** Absolute directory on the host in which commands run. */
  readonly dir: string;
  /** Interpreter: absolute, or relative to `dir` when it has a slash, or a name on the PATH. */
  readonly python?: string;
  readonly compose?: ComposeRules;
  /** How many hosts are changed at once; all when absent. */
  readonly serial?: number;
  readonly production: boolean;
}

/** Compose on a role's hosts. Paths are inside the role's directory. */
export interface ComposeRules {
  readonly file: string;
  readonly service: string;
  /** The env file that containers are given, and the release's example of it: names missing in the first are a problem. */
  readonly envFile?: string;
  readonly envExample?: string;
}

/**
 * Files named once, used by restore, backup, removal and proof. `dir` is relative to the role's directory and to the repository; an absolute one is for
 * removal only. Names may hold `*` and `?`; a name that ends in `/` is a whole directory.
 */
export interface FileGroup {
  readonly name: string;
  readonly dir: string;
  readonly names: readonly string[];
  /** Names that are made by running the system and are no part of a release: `__pycache__`. */
  readonly ignore: readonly string[];
}

/** Where backups lie on a host: `<dir>/<release>/<manifest>`, lines as sha256sum writes them. */
export interface BackupRules {
  readonly dir: string;
  readonly manifest: string;
  readonly staleAfterMs: number;
  /** File groups that are copied there when a release is recorded. */
  readonly record: readonly string[];
}

/** Who may do what. Names are `@user`, `@group`, `#channel`, after `people` was looked up. */
export interface Policy {
  readonly request: string;
  /** Who may ask to put back what a rollback changed. */
  readonly putBack: string;
  readonly unlock: string;
  readonly approve: ApprovePolicy;
}

/** Who decides on one rollback: who approves, how many, whether the requester counts, how long a request and its approval stand, and who is called when nobody answers. */
export interface ApprovePolicy {
  readonly by: string;
  readonly count: number;
  readonly requester: boolean;
  readonly standsMs: number;
  /** So long after the plan is there, those who have not answered are reminded; never when absent. */
  readonly remindMs?: number;
  /** So long after the plan is there, `to` is called, who may approve from then on too; and an override is offered. */
  readonly escalate?: { readonly afterMs: number; readonly to?: string };
  /** Who may start it alone when nobody answered; nobody when absent. */
  readonly override?: string;
  /** Who may stop it once it runs; those who approve, and the requester, when absent. */
  readonly stop?: string;
  /** Who may skip a step that did not end well, with a reason; nobody when absent. */
  readonly skip?: string;
}

/** A fact no machine can read, asked on the request, with a default so that nobody has to answer. */
export interface Question {
  readonly name: string;
  readonly choices?: readonly string[];
  readonly default: string;
}

/** One phase of the runbook, in order. */
export interface RunbookPhase {
  readonly name: string;
  readonly estimateMs: number;
  /** Commands of this phase run in the target release's tree, so that the target is judged by its own tests. */
  readonly testsFromTarget: boolean;
  readonly steps: readonly RunbookStep[];
}

/** One step as written. `params` fit the schema of its kind; `{{…}}` in them is filled in when planning. */
export interface RunbookStep {
  /** The document's own number: `11.2`. */
  readonly id: string;
  readonly name: string;
  readonly kind: string;
  readonly params: unknown;
  /** The role it runs on; absent for steps of the bot itself, and for checks of all hosts. */
  readonly on?: string;
  readonly timeoutMs?: number;
  /** A command in the role's directory that must succeed after the step. */
  readonly verify?: string;
  /** Why undo cannot bring back what this step does: a point of no return. */
  readonly cannotUndo?: string;
}

/** One line of proof as written; `kind` is its key. */
export interface ProofItem {
  readonly kind: string;
  readonly params: unknown;
}

/** Which of the messages. */
export type TemplateName = 'initial' | 'progress' | 'completion' | 'failed' | 'put-back';

/** Who is owed which message, when: once within a time, again and again, or when production was without for too long. */
export interface AnnouncementRule {
  readonly audience: string;
  /** `#channel` or `@user`. */
  readonly to: string;
  readonly template: 'initial' | 'progress' | 'completion';
  readonly when: { readonly withinMs: number } | { readonly everyMs: number } | { readonly affectedOverMs: number };
}
