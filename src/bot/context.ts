import type { Logger } from 'pino';
import type { Directory } from '../domain/directory.ts';
import type { Actor } from '../domain/event.ts';
import type { System } from '../domain/system.ts';
import type { Mirror } from '../releases/mirror.ts';
import type { Log } from '../store/log.ts';
import type { Plans } from '../store/plans.ts';
import type { ProvenReleases } from '../store/proven.ts';

/** What the listeners work with. Put together in main.ts. */
export interface BotContext {
  readonly systems: Readonly<Record<string, System>>;
  readonly log: Log;
  readonly plans: Plans;
  readonly proven: ProvenReleases;
  readonly mirror: (system: System) => Mirror;
  readonly directory: Directory;
  readonly logger: Logger;
  /** Milliseconds since 1970. */
  now(): number;
}

/** The person behind a Slack user id. */
export async function actorOf(context: BotContext, userId: string): Promise<Actor> {
  return { id: userId, name: await context.directory.nameOf(userId), via: 'slack' };
}
