import { expiresAt } from '../../domain/decide.ts';
import type { Outline } from '../../domain/plan.ts';
import type { State } from '../../domain/state.ts';
import { actions, details, reject, showPlan, withdraw } from '../actions.ts';
import { symptoms } from '../answers.ts';
import type { Button, Said } from '../blocks.ts';
import { counted, cut, firstOf } from '../cut.ts';
import { code, escaped, joined, type Mrkdwn, md } from '../escape.ts';
import { befores, names, production } from '../hosts.ts';
import { actor, named } from '../people.ts';
import { affectedBefore, estimateMs } from '../progress.ts';
import { dateTime, day, lasting } from '../times.ts';
import type { MessagesView } from '../view.ts';

/** The request with what is needed to decide, short enough for a telephone: what runs, what will run, what it costs, what cannot be undone. Phases and commits are small print. */
export function waiting(view: MessagesView): Said {
  const { state } = view;
  const { outline } = state;
  if (!outline) return { title: state.id, lines: [md`Its plan is missing.`] };
  return {
    title: `${outline.title}: ${outline.from?.version ?? 'unknown release'} → ${outline.target.version}`,
    lines: [
      ...befores(state),
      joined([md`Asked by ${actor(state.requester, view.mentions)}.`, symptoms(state)]),
      joined([undone(outline), md`${counted(outline.hosts.length, 'host')} read.`, proven(outline)]),
      md`*Production affected for* ${affectedBefore(state) ?? md`a time nobody has estimated`}. *Whole runbook* ${lasting(estimateMs(state))} (its estimates).`,
      ...costs(outline),
      ...waitsFor(view),
    ],
    buttons: [approve(state, outline), showPlan(state), details(state), reject(state), withdraw(state)],
    notes: [phases(outline), ...commits(outline), whose(view, outline)],
  };
}

const undone = (outline: Outline): Mrkdwn => md`Undoes ${outline.commits.length === 0 ? md`no commits` : counted(outline.commits.length, 'commit')}.`;

function proven({ lastProvenAt, target }: Outline): Mrkdwn {
  const version = escaped(target.version);
  return lastProvenAt === undefined ? md`${version} has not been proven on these hosts before.` : md`${version} last proven on ${day(lastProvenAt)}.`;
}

/** What cannot be undone, and what the checks found: on one line when both are nothing. */
function costs({ cannotUndo, warnings }: Outline): Mrkdwn[] {
  const lost = cannotUndo.map((what) => escaped(what));
  const undo = md`*Cannot be undone:* ${lost.length === 0 ? md`nothing` : firstOf(lost, 10, '; ')}.`;
  if (warnings.length === 0) return [md`${undo} *Checks:* OK.`];
  return [undo, md`*Checks:* ${counted(warnings.length, 'warning')}`, ...warnings.map((warning) => md`• ⚠ ${escaped(warning)}`)];
}

function waitsFor({ state, mentions }: MessagesView): Mrkdwn[] {
  const policy = state.outline?.policy;
  if (!policy) return [];
  const until = expiresAt(state);
  const given = state.approvals.map((approval) => actor(approval.by, mentions));
  return [
    ...(given.length > 0 ? [md`Approved by ${firstOf(given, 10)}: ${given.length} of ${policy.count}.`] : []),
    md`*Waiting for* ${named(policy.by, mentions)}${until === undefined ? md`` : md` until ${dateTime(until)}, then it expires`}.`,
  ];
}

function phases(outline: Outline): Mrkdwn {
  const all = outline.phases.map((phase) => md`${escaped(phase.name)} ${lasting(phase.estimateMs)}`);
  return md`*Phases* ${firstOf(all, 12, ' · ')}`;
}

function commits(outline: Outline): Mrkdwn[] {
  const all = outline.commits.map(({ commit, subject }) => md`• ${code(commit.slice(0, 7))} ${cut(escaped(subject), 120)}`);
  const more = all.length - 5;
  return all.length === 0 ? [] : [joined([md`*Commits undone*`, ...all.slice(0, 5), more > 0 ? md`• and ${more} more` : undefined], '\n')];
}

const whose = ({ state, mentions }: MessagesView, { policy }: Outline): Mrkdwn =>
  md`${escaped(state.id)} · Approve and Reject are for ${named(policy.by, mentions)}, Withdraw is for ${actor(state.requester, mentions)}`;

function approve(state: State, outline: Outline): Button {
  const where = names(production(state).length > 0 ? production(state) : outline.hosts);
  return {
    action: actions.approve,
    label: `Approve ${outline.target.version}`,
    value: { rollback: state.id, digest: state.digest },
    style: 'primary',
    confirm: {
      title: `Roll ${outline.title} back to ${outline.target.version}?`,
      text: `It starts at once on ${where} and asks nothing until the hosts are proven. Approval is for exactly the plan shown.`,
      yes: 'Approve',
      no: 'Not now',
    },
  };
}
