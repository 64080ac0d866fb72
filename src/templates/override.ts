import { overridableAt } from '../domain/calls.ts';
import { isReviewOwed, type State } from '../domain/state.ts';
import { actions } from './actions.ts';
import type { Button } from './blocks.ts';
import { cut } from './cut.ts';
import { escaped, type Mrkdwn, md } from './escape.ts';
import { actor, named } from './people.ts';
import type { MessagesView } from './view.ts';

/** Who started it alone, why, and whether that was reviewed; nothing where nobody did. */
export function overrideLines({ state, mentions }: MessagesView): Mrkdwn[] {
  return state.overrides.map(({ by, reason, at, review }) => {
    const what = at >= (state.plannedAt ?? 0) ? md`*Started without approval*` : md`*An earlier plan was started without approval*`;
    const after = review
      ? md`Reviewed by ${actor(review.by, mentions)}: “${cut(escaped(review.note), 500)}”`
      : md`*A review is owed* by ${named(state.outline?.policy.by ?? '', mentions)}, and not by who started it.`;
    return md`⚠ ${what} by ${actor(by, mentions)}: “${cut(escaped(reason), 500)}”. ${after}`;
  });
}

/** Offered once nobody has answered in time. */
export function overrideButtons(state: State, now: number): Button[] {
  const from = overridableAt(state);
  if (from === undefined || now < from) return [];
  return [{ action: actions.override, label: 'Start without approval…', value: { rollback: state.id }, style: 'danger' }];
}

/** Offered until somebody has closed it. */
export const reviewButtons = (state: State): Button[] =>
  isReviewOwed(state) ? [{ action: actions.review, label: 'Close review…', value: { rollback: state.id } }] : [];
