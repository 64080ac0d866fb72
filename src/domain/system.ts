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
  readonly runbook: readonly RunbookPhase[];
  /** By role: what proves that a host runs the release. */
  readonly proof: Readonly<Record<string, readonly ProofItem[]>>;
  readonly announcements: readonly AnnouncementRule[];
  readonly afterwards: readonly string[];
  /** Path of the file and the SHA-256 of its text (with that of its announcements file). */
  readonly file: string;
  readonly digest: string;
}

/** How releases of a system are found: tags by pattern, that many recent commits shown, the package or image they become. */
export interface ReleaseRules {
  readonly tags: string;
  readonly commits: number;
  readonly package?: string;
  readonly image?: string;
}

/** Hosts that are treated alike. */
export interface Role {
  readonly name: string;
  readonly hosts: readonly HostAddress[];
  /** Absolute directory on the host in which commands run. */
  readonly dir: string;
  /** Interpreter: absolute, or relative to `dir` when it has a slash, or a name on the PATH. */
  readonly python?: string;
  readonly compose?: { readonly file: string; readonly service: string };
  /** How many hosts are changed at once; all when absent. */
  readonly serial?: number;
  readonly production: boolean;
}

/** Files named once, used by restore, removal and proof. `dir` is relative to the role's directory and to the repository. */
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
}

/** Who may do what. Names are `@user`, `@group`, `#channel`, after `people` was looked up. */
export interface Policy {
  readonly request: string;
  readonly approve: ApprovePolicy;
}

/** Who approves, how many, whether the requester counts, how long a request and its approval stand. */
export interface ApprovePolicy {
  readonly by: string;
  readonly count: number;
  readonly requester: boolean;
  readonly standsMs: number;
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
