import { calls, isEscalated, overridableAt } from '../../domain/calls.ts';
import { expiresAt } from '../../domain/expiry.ts';
import type { Outline } from '../../domain/plan.ts';
import type { State } from '../../domain/state.ts';
import { actions, change, details, reject, showPlan, withdraw } from '../actions.ts';
import { askedLines, askedNotes } from '../before/asked.ts';
import type { Button, Said } from '../blocks.ts';
import { cut, firstOf } from '../cut.ts';
import { escaped, joined, type Mrkdwn, md } from '../escape.ts';
import { approved, headline } from '../goal.ts';
import { haltButtons, haltLines } from '../halt.ts';
import { production } from '../hosts.ts';
import { overrideButtons } from '../override.ts';
import { actor, named } from '../people.ts';
import { dateTime } from '../times.ts';
import type { MessagesView } from '../view.ts';

/** The request with what is needed to decide. What is in force and what cannot be undone come first; phases and commits are small print. */
export function waiting(view: MessagesView): Said {
  const { state, now } = view;
  const { outline } = state;
  if (!outline) return { title: state.id, lines: [md`Its plan is missing.`] };
  return {
    title: headline(state),
    lines: [...haltLines(view), ...driftLines(state), ...askedLines(view, outline), ...waitsFor(view)],
    buttons: [
      approve(state, outline),
      ...overrideButtons(state, now),
      ...haltButtons(state),
      showPlan(state),
      ...changing(state),
      details(state),
      reject(state),
      withdraw(state),
    ],
    notes: [...askedNotes(state, outline), whose(view, outline)],
  };
}

/** An undo goes to what ran before, and nowhere else. */
const changing = (state: State): Button[] => (state.undoes ? [] : [change(state)]);

/** What is otherwise than in the plan that was approved before; it is the reason for being asked again. */
function driftLines({ superseded }: State): Mrkdwn[] {
  if (!superseded) return [];
  const lines = superseded.differences.map((line) => md`• ${cut(escaped(line), 400)}`);
  if (lines.length === 0)
    return [md`*Read again:* everything is as the plan that was approved before found it. It needs a new approval all the same.`];
  return [
    md`*The hosts had drifted, and nothing was changed. Since the plan that was approved before:*`,
    ...lines.slice(0, 8),
    ...(lines.length > 8 ? [md`and ${lines.length - 8} more: Show plan has all.`] : []),
  ];
}

function waitsFor({ state, mentions, now }: MessagesView): Mrkdwn[] {
  const policy = state.outline?.policy;
  if (!policy) return [];
  const until = expiresAt(state);
  const given = state.approvals.map((approval) => actor(approval.by, mentions));
  const lock = state.undoes ? md`If ${escaped(state.undoes.rollback)} still holds the lock, it passes to this one when it starts. ` : md``;
  return [
    ...(given.length > 0 ? [md`Approved by ${firstOf(given, 10)}: ${given.length} of ${policy.count}.`] : []),
    md`${lock}*Waiting for* ${named(policy.by, mentions)}${callsText(state, mentions, now)}${until === undefined ? md`` : md` until ${dateTime(until)}, then it expires`}.`,
  ];
}

/** Who is called when nobody answers, and when; by name only, since a mention here would call them at once. */
function callsText(state: State, mentions: MessagesView['mentions'], now: number): Mrkdwn {
  const parts = calls(state).map(({ kind, to, at }) => {
    if (at <= now) return kind === 'remind' ? md`reminded` : md`${named(to, mentions)} was called and may approve too`;
    return kind === 'remind' ? md`reminder ${dateTime(at)}` : md`${escaped(to)} is called ${dateTime(at)}`;
  });
  const alone = overridableAt(state);
  const who = state.outline?.policy.override;
  if (who !== undefined && alone !== undefined && alone <= now) parts.push(md`${escaped(who)} may start it without approval`);
  return parts.length === 0 ? md`` : md` (${joined(parts, '; ')})`;
}

function whose({ state, mentions, now }: MessagesView, { policy }: Outline): Mrkdwn {
  const called = isEscalated(state, now) ? policy.escalate?.to : undefined;
  const next = called === undefined || called === policy.by ? md`` : md` or ${named(called, mentions)}`;
  const parts = [
    md`Approve and Reject are for ${named(policy.by, mentions)}${next}`,
    md`Withdraw is for ${actor(state.requester, mentions)}`,
    state.halt && haltButtons(state).length > 0 ? md`${escaped(state.halt.name)} is for ${named(state.halt.by, mentions)}` : undefined,
  ];
  return md`${escaped(state.id)} · ${joined(parts, ', ')}`;
}

function approve(state: State, outline: Outline): Button {
  return {
    action: actions.approve,
    label: `Approve ${approved(state)}`,
    value: { rollback: state.id, digest: state.digest },
    style: 'primary',
    confirm: { title: question(state, outline), text: what(state, outline), yes: 'Approve', no: 'Not now' },
  };
}

function question(state: State, { title, target }: Outline): string {
  if (state.undoes) return `Put back ${state.undoes.rollback} (${state.undoes.scope})?`;
  return approved(state) === target.version ? `Roll ${title} back to ${target.version}?` : `Approve ${approved(state)} of ${title}?`;
}

function what(state: State, outline: Outline): string {
  const hosts = (production(state).length > 0 ? production(state) : outline.hosts).map((host) => host.name);
  const where = hosts.length > 6 ? `${hosts.length} hosts` : cut(hosts.join(', '), 120);
  const asks = outline.byHand ? 'gives people its commands, one by one' : 'asks nothing until the hosts are proven';
  return `It starts at once on ${where} and ${asks}. Approval is for exactly the plan shown.`;
}
