import { signerOf } from '../domain/decisions/trouble.ts';
import type { Signature, State } from '../domain/state.ts';
import type { AfterWork } from '../domain/system.ts';
import { firstOf } from './cut.ts';
import { escaped, type Mrkdwn, md } from './escape.ts';
import { approved, goalOnHost, undone, version } from './goal.ts';
import { own } from './own.ts';
import { actor, named } from './people.ts';
import { counts, isTest, runsOf } from './runs.ts';
import { dateTime, lasting } from './times.ts';
import type { MessagesView } from './view.ts';

/** `v0.1.0 proven on 3 of 3 hosts`, `sac-42 is put back, 3 of 3 hosts as recorded before it`, in plain text. */
export function provenText(state: State): string {
  const hosts = state.outline?.hosts ?? [];
  const proven = hosts.filter((host) => own(state.proofs, host.name)?.verdict === 'new').length;
  const many = `${proven} of ${hosts.length} ${hosts.length === 1 ? 'host' : 'hosts'}`;
  if (!state.undoes) return `${version(state) ?? approved(state)} proven on ${many}`;
  return state.status === 'complete' ? `${undone(state)} is put back, ${many} as recorded before it` : `${many} ${goalOnHost(state)}`;
}

/** `Tests: 11 of 11 passed.`; undefined when the runbook has none. */
export function tests(state: State): Mrkdwn | undefined {
  const { done, all } = counts(state, isTest);
  return all === 0 ? undefined : md`Tests: ${done} of ${all} passed.`;
}

/** The measured values, one line a host: `prod-1: health ok, cpu_percent 12`. */
export function measures(state: State): Mrkdwn[] {
  const byHost = new Map<string, Mrkdwn[]>();
  for (const { run, host } of runsOf(state)) {
    const found = values(run?.result?.values);
    if (found.length > 0) byHost.set(host, [...(byHost.get(host) ?? []), ...found]);
  }
  return [...byHost].map(([host, found]) => md`${escaped(host)}: ${firstOf(found, 30, ' · ')}`);
}

/** Values by name, as `name value`. */
export const values = (all: Readonly<Record<string, string>> | undefined): Mrkdwn[] =>
  Object.entries(all ?? {}).map(([name, value]) => md`${escaped(name)} ${escaped(value)}`);

/** Who signed numbers, or by whom they are awaited. */
export function signatureLine(state: State, signature: Signature, mentions: MessagesView['mentions']): Mrkdwn {
  if (signature.by) return md`Numbers signed by ${actor(signature.by, mentions)}.`;
  return md`Numbers wait for the signature of ${named(signerOf(state, signature.run), mentions)}. Nothing else waits for it.`;
}

/** Numbers to be signed, one a line. */
export const numberLines = (numbers: Signature['numbers']): Mrkdwn[] =>
  Object.entries(numbers).map(([name, value]) => md`• *${escaped(name)}* ${escaped(value)}`);

/** The numbers of a rollback that nobody has signed yet. */
export const unsigned = (state: State): Signature[] => state.signatures.filter((signature) => signature.by === undefined);

/** What remains to be done by people afterwards, with when it is due once that is known; `none` when the system file names nothing. */
export function afterwards(state: State): Mrkdwn {
  const all = (state.outline?.afterwards ?? []).map((work) => afterwork(state, work));
  return all.length === 0 ? md`none` : firstOf(all, 20);
}

function afterwork({ endedAt }: State, { what, withinMs }: AfterWork): Mrkdwn {
  if (withinMs === undefined) return escaped(what);
  return endedAt === undefined ? md`${escaped(what)} within ${lasting(withinMs)}` : md`${escaped(what)} by ${dateTime(endedAt + withinMs)}`;
}
