import type { Block, View } from '../../domain/message.ts';
import { holdsLock, type State } from '../../domain/state.ts';
import { notBroughtBack, runsToUndo, type Scope } from '../../domain/undo.ts';
import { views } from '../actions.ts';
import { section } from '../blocks.ts';
import { chunks, cut, firstOf } from '../cut.ts';
import { escaped, type Mrkdwn, md } from '../escape.ts';
import { isUndoable } from '../putback.ts';
import { type Choice, input, menu } from './choice.ts';
import { modal } from './modal.ts';

/**
 * What is to be put back: input `scope` (`all`, `phase:4` as people count phases, `step:11.2`) and `host` (a name; nothing for all).
 * Only what has begun is offered. What cannot come back is said first. {@link scopeOf} reads the answers. `now` in milliseconds since 1970.
 */
export function putBackView(state: State, now: number): View {
  const about = { rollback: state.id };
  const title = `Put back ${state.id}`;
  const scope = menu('scope', scopes(state), 'all');
  if (!isUndoable(state) || !scope) return modal({ id: views.putBack, title, about, blocks: [section(md`Nothing of it can be put back.`)] });
  const host = menu('host', hosts(state), '', 'All hosts');
  const inputs = [input('scope', 'What', scope), ...(host ? [input('host', 'Where', host, 'Nothing chosen means all hosts.')] : [])];
  return modal({ id: views.putBack, title, about, submit: 'Make the plan', blocks: [...texts(state, now), ...inputs] });
}

/** What was chosen, for the undo; undefined for values that are none of ours. */
export function scopeOf(scope: string, host: string): Scope | undefined {
  const where = host === '' ? {} : { host };
  const [, kind, name = ''] = /^(phase|step):(.+)$/s.exec(scope) ?? [];
  if (scope === 'all' || scope === '') return { of: 'all', ...where };
  if (kind === 'step') return { of: { step: name }, ...where };
  return kind === 'phase' && /^[1-9]\d{0,3}$/.test(name) ? { of: { phase: Number(name) - 1 }, ...where } : undefined;
}

function texts(state: State, now: number): Block[] {
  const lost = notBroughtBack(state, now).map((what) => md`• ${escaped(what)}`);
  const first: Mrkdwn = lost.length === 0 ? md`*Cannot come back:* nothing.` : md`⚠ *Cannot come back:*\n${firstOf(lost, 10, '\n')}`;
  const then = md`A plan is made and shown on a card of its own. Nothing changes until that is approved${holdsLock(state) ? md`; when it starts, the lock of ${escaped(state.id)} passes to it and ${escaped(state.id)} ends` : md``}.`;
  return chunks([first, then], 3000, 9000).map(section);
}

function scopes(state: State): Choice[] {
  const begun = (scope: Scope): boolean => runsToUndo(state, scope).length > 0;
  const phases = (state.outline?.phases ?? []).flatMap(({ name }, phase) =>
    begun({ of: { phase } }) ? [{ label: `Phase ${phase + 1}: ${name}`, value: `phase:${phase + 1}` }] : [],
  );
  const steps = (state.outline?.phases.flatMap((phase) => phase.steps) ?? []).flatMap(({ id, name }) =>
    begun({ of: { step: id } }) ? [{ label: `Step ${id}: ${cut(name, 50)}`, value: `step:${id}` }] : [],
  );
  return [{ label: 'All that was changed', value: 'all' }, ...phases, ...unique(steps)];
}

const unique = (choices: readonly Choice[]): Choice[] => choices.filter(({ value }, i) => choices.findIndex((other) => other.value === value) === i);

/** One host alone is only a choice where there are more. */
function hosts(state: State): Choice[] {
  const names = (state.outline?.hosts ?? []).map(({ name }) => name).filter((host) => runsToUndo(state, { of: 'all', host }).length > 0);
  return names.length < 2 ? [] : [...new Set(names)].map((name) => ({ label: `Only ${name}`, value: name }));
}
