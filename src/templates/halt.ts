import { hasServed } from '../domain/decisions/halt.ts';
import { holdsLock, type State } from '../domain/state.ts';
import { actions } from './actions.ts';
import type { Button } from './blocks.ts';
import { cut, firstOf } from './cut.ts';
import { bold, escaped, type Mrkdwn, md } from './escape.ts';
import { own } from './own.ts';
import { actor } from './people.ts';
import { dateTime } from './times.ts';
import type { MessagesView } from './view.ts';

/** Whether the system is held by a halt of this rollback: what the rollback's own steps started again is not. */
function isInForce(state: State): boolean {
  if (state.halted?.way !== 'halt') return false;
  return state.startedAt === undefined || hostsOf(state).some((host) => own(state.serving, host)?.runningAt === undefined);
}

const hostsOf = (state: State): readonly string[] => state.halt?.hosts ?? [];
const failed = (state: State): string[] => Object.entries(state.halted?.hosts ?? {}).flatMap(([host, { ok }]) => (ok ? [] : [host]));

/** What the system's own containment did: nothing when nobody chose it, or production is under a rollback's steps. */
export function haltLines(view: MessagesView): Mrkdwn[] {
  const { state, mentions } = view;
  const { halted, halt } = state;
  if (!halted || !halt || holdsLock(state) || hasServed(state) || (halted.way === 'halt' && !isInForce(state))) return [];
  const done = hostsOf(state).filter((host) => own(halted.hosts, host)?.ok);
  const open = hostsOf(state).filter((host) => own(halted.hosts, host) === undefined);
  const name = halted.way === 'halt' ? halt.name : halt.backName;
  return [
    ...(done.length > 0 ? [doneLine(state, done, actor(halted.by, mentions))] : []),
    ...(open.length > 0 ? [md`${bold(escaped(name))} is under way on ${list(open)}, chosen by ${actor(halted.by, mentions)}.`] : []),
    ...failed(state)
      .slice(0, 5)
      .map((host) => failedLine(state, host, name)),
  ];
}

function doneLine(state: State, hosts: readonly string[], by: Mrkdwn): Mrkdwn {
  const { halt, halted } = state;
  const since = dateTime(halted?.at ?? state.at);
  if (halted?.way === 'back') return md`${bold(escaped(halt?.backName ?? ''))} was done on ${list(hosts)}, ${since}, by ${by}.`;
  return md`${bold(inForceText(halt?.name ?? ''))} on ${list(hosts)} since ${since} by ${by}. ${escaped(halt?.warn ?? '')}`;
}

/** `Stop trading` is said as `Trading is stopped`; any other name as it is. */
function inForceText(name: string): Mrkdwn {
  const what = /^stop (.+)$/i.exec(name)?.[1];
  return what === undefined ? md`${escaped(name)} was done` : md`${escaped(`${what.charAt(0).toUpperCase()}${what.slice(1)}`)} is stopped`;
}

function failedLine(state: State, host: string, name: string): Mrkdwn {
  const why = own(state.halted?.hosts ?? {}, host)?.why;
  const what = md`⚠ ${bold(md`${escaped(name)} failed on ${escaped(host)}`)}${why === undefined ? md`` : md`: ${cut(escaped(why), 500)}`}.`;
  return md`${what} Try again, or do it there by hand.`;
}

const list = (hosts: readonly string[]): Mrkdwn =>
  firstOf(
    hosts.map((host) => escaped(host)),
    6,
  );

/** Stop, while nothing runs and nobody did; what takes it back, as long as it is in force. */
export function haltButtons(state: State): Button[] {
  if (!state.halt || holdsLock(state) || hasServed(state)) return [];
  const isOpen = (state.status === 'reading' || state.status === 'waiting') && !state.dryRun && !state.drill;
  const backFailed = state.halted?.way === 'back' && failed(state).length > 0;
  const isWanted = !isInForce(state) || failed(state).length > 0;
  return [...(isOpen && isWanted ? [haltButton(state)] : []), ...(isInForce(state) || backFailed ? [backButton(state)] : [])];
}

function haltButton(state: State): Button {
  const { name = '', backName = '', warn = '' } = state.halt ?? {};
  return {
    action: actions.halt,
    label: `${name} now`,
    value: { rollback: state.id },
    style: 'danger',
    confirm: {
      title: `${name} on ${places(state)}?`,
      text: `${cut(warn, 120)} It is done at once on ${places(state)}; nobody has to approve it. "${cut(backName, 40)}" takes it back.`,
      yes: name,
      no: 'Not now',
    },
  };
}

function backButton(state: State): Button {
  const { backName = '' } = state.halt ?? {};
  const other = state.handedTo === undefined ? '' : ` ${state.handedTo} may be at work there: look at its card first.`;
  return {
    action: actions.haltBack,
    label: backName,
    value: { rollback: state.id },
    confirm: {
      title: `${backName} on ${places(state)}?`,
      text: `It is done at once on ${places(state)}, with the release that is there now.${other}`,
      yes: backName,
      no: 'Not now',
    },
  };
}

/** Plain text, short enough for a dialog. */
const places = (state: State): string => (hostsOf(state).length > 3 ? `${hostsOf(state).length} hosts` : cut(hostsOf(state).join(', '), 60));
