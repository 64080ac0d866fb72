import type { Logger } from 'pino';
import type { SlackDirectory } from '../channels/directory.ts';
import type { SlackChannel } from '../channels/slack.ts';
import type { Hosts } from '../domain/host.ts';
import type { Pipelines } from '../domain/pipeline.ts';
import type { AnyProofKind } from '../domain/proof.ts';
import type { State } from '../domain/state.ts';
import type { AnyStepKind } from '../domain/step.ts';
import type { System } from '../domain/system.ts';
import type { MaskedOutput } from '../mask.ts';
import type { Mirror } from '../releases/mirror.ts';
import type { Archive } from '../store/archive.ts';
import type { Deliveries } from '../store/deliveries.ts';
import type { Journal } from '../store/journal.ts';
import type { Log } from '../store/log.ts';
import type { Outputs } from '../store/outputs.ts';
import type { People } from '../store/people.ts';
import type { Plans } from '../store/plans.ts';
import type { ProvenReleases } from '../store/proven.ts';

/** What the workers work with. Put together in main.ts. */
export interface Context {
  readonly systems: Readonly<Record<string, System>>;
  readonly stepKinds: Readonly<Record<string, AnyStepKind>>;
  readonly proofKinds: Readonly<Record<string, AnyProofKind>>;
  readonly log: Log;
  readonly journal: Journal;
  readonly plans: Plans;
  readonly outputs: Outputs;
  readonly deliveries: Deliveries;
  readonly proven: ProvenReleases;
  readonly mirror: (system: System) => Mirror;
  readonly hosts: Hosts;
  readonly pipelines: Pipelines;
  readonly slack: SlackChannel;
  readonly directory: SlackDirectory;
  readonly people: People;
  readonly archive: Archive;
  /** For how long what has ended is kept in Redis and on hosts, in milliseconds. */
  readonly keptMs: number;
  readonly worker: string;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  now(): number;
  /** Adds the jobs that a state calls for. */
  react(state: State): Promise<void>;
  /** Hears that everything was looked over, for health. */
  readonly onLookedOver?: () => Promise<void>;
  /** Lets those of them run now that wait because of a clock that jumped. */
  hurry(state: State): Promise<void>;
  /** Keeps beginning and end of one output, with dots in the place of secrets. */
  keepOutput(): MaskedOutput;
  /** Puts dots in the place of every secret this process knows. */
  mask(text: string): string;
}

/** The system of this name. Throws when its file is not there any more. */
export function systemOf(context: Context, name: string): System {
  const system = context.systems[name];
  if (!system) throw new Error(`there is no system ${name} in the systems directory any more`);
  return system;
}
