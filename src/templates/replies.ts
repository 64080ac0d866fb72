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
    md`• ${code('/rollback undo <id>')} asks for putting a rollback back`,
    md`• ${code('/rollback <system> record')} proves what runs now and keeps it as last known good: its files are copied to its backup, its image is pinned`,
    md`• ${code('/rollback drill <system>')} rehearses on a system that is marked for it`,
    md`• ${code('/rollback versions <system>')} lists the versions there are`,
    md`• ${code('/rollback status')} shows what is open`,
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

/** The rollbacks that are open, and the last that ended where it is given too. */
export function statusReply(states: readonly State[], now: number): string {
  const open = states.filter((state) => !isEnded(state));
  const ended = states.filter(isEnded);
  return reply([
    open.length === 0 ? md`No rollback is open.` : md`${counted(open.length, 'rollback')} open:`,
    ...open.slice(0, 20).map((state) => md`• ${statusLine(state, now)}`),
    ...(ended.length > 0 ? [md`Ended:`] : []),
    ...ended.slice(0, 10).map((state) => md`• ${statusLine(state, now)}`),
  ]);
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
  if (state.status === 'trouble' && production(state).length > 0) return md`, ${escaped(productionNow(state))}`;
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
    md`The card of ${escaped(id)} could not be posted in ${escaped(channel)} (Slack: ${escaped(why)}). Nothing is changed without it: nobody can approve.`,
    md`Invite the bot there (${code('/invite @rollback-bot')}) and the card appears; or check the channel's name in the system file.`,
  ]);
