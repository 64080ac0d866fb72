import { BOT } from '../../domain/plan.ts';
import type { State } from '../../domain/state.ts';
import { counted, firstOf } from '../cut.ts';
import { escaped, type Mrkdwn, md } from '../escape.ts';
import { own } from '../own.ts';

/** What an undo puts back, and then what of it on which hosts; hosts alike share a line. Nothing for what is no undo. */
export function undoLines(state: State): Mrkdwn[] {
  const { undoes } = state;
  if (!undoes) return [];
  const id = escaped(undoes.rollback);
  const what = undoes.whole
    ? md`Puts back all that ${id} changed: ${counted(undoes.runs.length, 'step')}, the last first.`
    : md`Puts back ${id} (${escaped(undoes.scope)}): ${counted(undoes.runs.length, 'step')}, the last first. The rest of ${id} stays.`;
  return [what, ...perHost(state)];
}

function perHost(state: State): Mrkdwn[] {
  const byHost: Record<string, Mrkdwn[]> = {};
  for (const step of state.outline?.phases.flatMap((phase) => phase.steps) ?? [])
    for (const host of step.hosts)
      if (host !== BOT) byHost[host] = [...(own(byHost, host) ?? []), md`${escaped(step.id)} ${escaped(step.name.replace(/^Put back: /, ''))}`];
  const groups = new Map<Mrkdwn, Mrkdwn[]>();
  for (const [host, steps] of Object.entries(byHost)) {
    const said = firstOf(steps, 12);
    groups.set(said, [...(groups.get(said) ?? []), escaped(host)]);
  }
  return [...groups].map(([said, hosts]) => md`• *${firstOf(hosts, 12)}*: ${said}`);
}
