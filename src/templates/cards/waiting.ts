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

/** The request with all that is needed to decide: what runs, what will run, what it costs, what cannot be undone. */
export function waiting(view: MessagesView): Said {
  const { state } = view;
  const { outline } = state;
  if (!outline) return { title: state.id, lines: [md`Its plan is missing.`] };
  return {
    title: `${outline.title}: ${outline.from?.version ?? 'unknown release'} → ${outline.target.version}`,
    lines: [
      joined([md`Asked by ${actor(state.requester, view.mentions)}.`, symptoms(state)]),
      ...undone(outline),
      md`*${counted(outline.hosts.length, 'host')} read*`,
      ...befores(state).map((line) => md`• ${line}`),
      proven(outline),
      md`*Production affected for* ${affectedBefore(state) ?? md`a time nobody has estimated`}.`,
      phases(state),
      md`*Cannot be undone:* ${
        outline.cannotUndo.length === 0
          ? md`nothing`
          : firstOf(
              outline.cannotUndo.map((what) => escaped(what)),
              10,
              '; ',
            )
      }.`,
      ...checks(outline),
      ...waitsFor(view),
    ],
    buttons: [approve(state, outline), showPlan(state), details(state), reject(state), withdraw(state)],
    notes: [md`${escaped(state.id)} · Approve and Reject are for ${escaped(outline.policy.by)}, Withdraw is for ${escaped(state.requester.name)}`],
  };
}

function undone({ commits }: Outline): Mrkdwn[] {
  if (commits.length === 0) return [md`*Undoes* no commits.`];
  const shown = commits.slice(0, 5).map(({ commit, subject }) => md`• ${code(commit.slice(0, 7))} ${cut(escaped(subject), 200)}`);
  const more = commits.length - shown.length;
  return [md`*Undoes ${counted(commits.length, 'commit')}*`, ...shown, ...(more > 0 ? [md`• and ${more} more`] : [])];
}

function proven({ lastProvenAt, target }: Outline): Mrkdwn {
  const version = escaped(target.version);
  return lastProvenAt === undefined ? md`${version} has not been proven on these hosts before.` : md`${version} last proven on ${day(lastProvenAt)}.`;
}

function phases(state: State): Mrkdwn {
  const all = (state.outline?.phases ?? []).map((phase) => md`${escaped(phase.name)} ${lasting(phase.estimateMs)}`);
  return md`*Whole runbook ${lasting(estimateMs(state))}* (its estimates): ${firstOf(all, 12)}.`;
}

function checks({ warnings }: Outline): Mrkdwn[] {
  if (warnings.length === 0) return [md`*Checks:* OK.`];
  return [md`*Checks:* ${counted(warnings.length, 'warning')}`, ...warnings.map((warning) => md`• ⚠ ${escaped(warning)}`)];
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
