import type { Refusal } from '../domain/refusal.ts';
import type { Commit, Release } from '../domain/release.ts';
import { isEnded, type State, type Status } from '../domain/state.ts';
import type { System } from '../domain/system.ts';
import { counted, cut } from './cut.ts';
import { code, escaped, type Mrkdwn, md } from './escape.ts';
import { prefix, subject } from './goal.ts';
import { production, productionNow } from './hosts.ts';
import { phaseOf } from './progress.ts';
import { provenText } from './results.ts';
import { counts } from './runs.ts';
import { dateTime, lasting } from './times.ts';

/** Private answers are mrkdwn of at most so many characters. */
const maxChars = 3000;
const reply = (lines: readonly Mrkdwn[]): string => cut(lines.join('\n'), maxChars);

type Named = Pick<System, 'name' | 'title'>;

/** What can be typed, and what each system offers. */
export function help(systems: readonly (Named & Pick<System, 'variants'>)[]): string {
  return reply([
    md`What can be typed:`,
    md`• ${code('/rollback <system> <version> [variant] [--dry-run]')} asks for a rollback; nothing is changed until it is approved, and with --dry-run never`,
    md`• ${code('/rollback <system> <variant>')} asks for a variant that knows its own version`,
    md`• ${code('/rollback stop <id>')} ends what a rollback is doing on its hosts; nothing is put back by it`,
    md`• ${code('/rollback undo <id>')} asks for putting a rollback back`,
    md`• ${code('/rollback <system> record')} proves what runs now and keeps it as last known good: its files are copied to its backup, its image is pinned`,
    md`• ${code('/rollback drill <system>')} rehearses on a system that is marked for it`,
    md`• ${code('/rollback versions <system>')} lists the versions there are`,
    md`• ${code('/rollback status')} shows what is open`,
    md`• ${code('/rollback unlock <system> <why>')} takes the lock from a rollback that nobody works on any more`,
    md`• ${code('/rollback help')} shows this`,
    ...(systems.length === 0 ? [md`No system is configured.`] : [md`Systems:`, ...systems.slice(0, 20).flatMap(systemLines)]),
    ...(systems.length > 20 ? [md`and ${systems.length - 20} more`] : []),
  ]);
}

const systemLines = ({ name, title, variants }: Named & Pick<System, 'variants'>): Mrkdwn[] => [
  md`• ${code(name)} (${escaped(title)})`,
  ...Object.values(variants)
    .slice(0, 10)
    .map((variant) => md`    ◦ ${code(variant.name)} ${cut(escaped(variant.about), 150)}`),
];

/** A system's lock, and whether its holder lives. Times in milliseconds since 1970. */
export interface LockSeen {
  readonly system: string;
  readonly rollback: string;
  readonly since: number;
  /** False where Redis knows no such rollback any more, or it has ended. */
  readonly isRightful: boolean;
  /** It waits for a decision, so no worker has to be at it. */
  readonly waits: boolean;
  readonly worker?: string;
  readonly isAlive?: boolean;
}

/** What a status says beside the rollbacks. */
export interface StatusBeside {
  readonly now: number;
  readonly locks: readonly LockSeen[];
  /** What of Redis' settings could lose data. */
  readonly dangers: readonly string[];
}

/** The rollbacks that are open, who holds which lock, the last that ended where it is given too, and what could lose data. */
export function statusReply(states: readonly State[], { now, locks, dangers }: StatusBeside): string {
  const open = states.filter((state) => !isEnded(state));
  const ended = states.filter(isEnded);
  return reply([
    open.length === 0 ? md`No rollback is open.` : md`${counted(open.length, 'rollback')} open:`,
    ...open.slice(0, 20).map((state) => md`• ${statusLine(state, now)}`),
    ...locks.map((lock) => md`• ${lockLine(lock)}`),
    ...(ended.length > 0 ? [md`Ended:`] : []),
    ...ended.slice(0, 10).map((state) => md`• ${statusLine(state, now)}`),
    ...dangers.map((danger) => md`⚠ ${escaped(danger)}`),
  ]);
}

function lockLine(lock: LockSeen): Mrkdwn {
  const held = md`${escaped(lock.system)} is locked by ${escaped(lock.rollback)} since ${dateTime(lock.since)}`;
  const mend = md`if it stays so: ${code(`/rollback unlock ${lock.system} <why>`)}`;
  if (!lock.isRightful) return md`${held}, which does not run any more; ${mend}`;
  if (lock.waits) return md`${held}, which waits for a decision`;
  if (lock.worker === undefined) return md`${held}; no worker has taken it yet`;
  if (lock.isAlive) return md`${held}; its worker ${escaped(lock.worker)} is alive`;
  return md`${held}; its worker ${escaped(lock.worker)} gives no sign, another goes on within seconds; ${mend}`;
}

const words: Readonly<Record<Status, string>> = {
  reading: 'its hosts are being read',
  unplannable: 'cannot be done yet',
  waiting: 'waits for approval',
  rejected: 'was rejected',
  withdrawn: 'was withdrawn',
  expired: 'has expired',
  running: 'is running',
  trouble: 'needs a decision',
  proving: 'is being proven',
  complete: 'is complete',
  left: 'was left as it is',
  shown: 'was a dry run, nothing was changed',
  'handed-over': 'was handed over',
  stopping: 'is being stopped',
  stopped: 'was stopped',
};

function statusLine(state: State, now: number): Mrkdwn {
  const what = md`${escaped(state.id)}, ${escaped(`${prefix(state)}${subject(state)}`)}: ${words[state.status] as Mrkdwn}`;
  return md`${what}${more(state, now)}. Asked by ${escaped(state.requester.name)}, ${dateTime(state.requestedAt)}.`;
}

function more(state: State, now: number): Mrkdwn {
  const { done, all } = counts(state);
  if (isAsked(state)) return md`, ${phaseOf(state)}, waits for a person to run its commands`;
  if (state.status === 'handed-over') return md` to ${escaped(state.handedTo ?? 'its undo')}, which puts it back`;
  if (state.status === 'running') return md`, ${phaseOf(state)}, ${done} of ${all} steps done in ${lasting(now - (state.startedAt ?? now))}`;
  if ((state.status === 'trouble' || state.status === 'stopped') && production(state).length > 0) return md`, ${escaped(productionNow(state))}`;
  if (state.status === 'waiting') return md` of ${escaped(state.outline?.policy.by ?? 'an approver')}`;
  return state.status === 'complete' || state.status === 'proving' ? md`, ${escaped(provenText(state))}` : md``;
}

const isAsked = (state: State): boolean => state.status === 'running' && Object.values(state.runs).some((run) => run.status === 'asked');

/** A tag; the first line of an annotated tag's own message says more than its commit's. */
export type Tag = Release & { readonly annotation?: string };

/** What a repository offers, newest first; and what was proven last. */
export interface Versions {
  readonly tags: readonly Tag[];
  readonly commits: readonly Commit[];
  /** Versions proven on the hosts, with when (milliseconds since 1970), the last first. */
  readonly proven?: readonly { readonly version: string; readonly at: number }[];
}

/** The versions and recent commits of a system, as its document's example session lists them. */
export function versionsReply(system: Named, { tags, commits, proven = [] }: Versions): string {
  const last = proven[0];
  return reply([
    md`*Available versions of ${escaped(system.title)}:*`,
    ...(tags.length === 0 ? [md`none: no tag fits the system file's pattern`] : tags.slice(0, 15).map(tagLine)),
    ...(tags.length > 15 ? [md`and ${tags.length - 15} older`] : []),
    md`*Recent commits:*`,
    ...(commits.length === 0 ? [md`none`] : commits.slice(0, 20).map(commitLine)),
    ...(last ? [md`Last proven: ${escaped(last.version)}, ${dateTime(last.at)}.`] : []),
    md`To ask for one: ${code(`/rollback ${system.name} ${tags[0]?.version ?? '<version>'}`)}`,
  ]);
}

const tagLine = ({ version, subject, annotation }: Tag): Mrkdwn => md`${code(version)} - ${cut(escaped(annotation || subject), 120)}`;

const commitLine = ({ commit, date, subject }: Commit): Mrkdwn =>
  md`${code(commit.slice(0, 7))} (${escaped(date.slice(0, 10))}) - ${cut(escaped(subject), 120)}`;

/** Why something was not done, and what to do instead. */
export const refusalReply = ({ message, advice }: Refusal): string =>
  reply([md`${cut(escaped(message), 1500)}`, ...(advice === '' ? [] : [cut(escaped(advice), 1400)])]);

/** The request is in; its card follows in the channel. */
export const receivedReply = (id: string): string =>
  reply([md`${escaped(id)}: received. Its card follows in the channel; nothing is changed before it is approved.`]);

/** To the requester, directly, when the card cannot be where everybody looks for it. `why` is Slack's own code. */
export const cardRefusedReply = (id: string, channel: string, why: string): string =>
  reply([
    md`The card of ${escaped(id)} could not be posted in ${escaped(channel)} (Slack: ${escaped(why)}). Without it nobody can approve in Slack.`,
    md`${mendOf(why)}, and the card appears; or check the channel's name in the system file. Meanwhile ${code(`/rollback status ${id}`)} says how it is.`,
  ]);

/** To the requester, directly, when the card is there and cannot be kept true. `why` is Slack's own code. */
export const cardStuckReply = (id: string, channel: string, why: string): string =>
  reply([
    md`The card of ${escaped(id)} in ${escaped(channel)} is not up to date any more: Slack refuses to change it (${escaped(why)}).`,
    md`The rollback itself goes on, and announcements elsewhere go out. Follow it with ${code(`/rollback status ${id}`)}.`,
    md`${mendOf(why)}, and the card goes on too.`,
  ]);

/** To the requester, directly, when somebody took the card away. */
export const cardLostReply = (id: string, channel: string): string =>
  reply([
    md`The card of ${escaped(id)} in ${escaped(channel)} was deleted. A new one takes its place; the rollback itself goes on.`,
    md`${code(`/rollback status ${id}`)} says how it is, too.`,
  ]);

/** What people do about a refusal of Slack's. */
function mendOf(why: string): Mrkdwn {
  if (why === 'is_archived' || why === 'is_inactive') return md`Unarchive the channel`;
  if (why === 'not_in_channel' || why === 'channel_not_found') return md`Invite the bot there (${code('/invite @rollback-bot')})`;
  if (why === 'edit_window_closed' || why === 'cant_update_message') return md`Let messages be edited for longer (in the workspace's settings)`;
  if (why.startsWith('restricted_action')) return md`Let the bot post in that channel (in the channel's settings)`;
  return md`Look at the log of the bot and mend what Slack refuses`;
}
