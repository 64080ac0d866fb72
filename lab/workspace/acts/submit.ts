import { isObject } from '../blockkit/schema.ts';
import type { Json, View } from '../model.ts';
import { closedPayload, submissionPayload } from '../payloads.ts';
import { SlackError } from '../slackerror.ts';
import { changeView, closeView, readView, showView } from '../viewstack.ts';
import { type Desk, delivered, type Outcome, personOf, viewOf } from './desk.ts';
import { type Given, stateOf, unfilled } from './pick.ts';

const TROUBLE = 'We had some trouble connecting. Try again?';

/**
 * Submits a modal; `values` is keyed by block_id or action_id, what is left out keeps its initial value. Empty required inputs
 * are refused before the app hears of it, as Slack's client does.
 */
export async function submit(desk: Desk, viewId: string, userId: string, values: Record<string, Given> = {}): Promise<Outcome> {
  const [person, view] = [personOf(desk.state, userId), viewOf(desk.state, viewId, userId)];
  const blocks = view.payload.blocks as Json[];
  const state = stateOf(blocks, values, desk.suggested);
  const missing = unfilled(blocks, state);
  if (Object.keys(missing).length > 0) return show(desk, view, missing);
  const sending = desk.app.deliver('interactive', submissionPayload(person, view, state, desk.triggers.issue(userId, viewId)));
  const outcome = await delivered(sending, (payload) => answered(desk, view, payload));
  if (!outcome.ok && outcome.error !== undefined) desk.state.notify(userId, '', TROUBLE);
  return outcome;
}

function show(desk: Desk, view: View, errors: Record<string, string>): Outcome {
  view.errors = errors;
  desk.state.tell({ kind: 'views', userId: view.userId });
  return { ok: false, errors };
}

// https://docs.slack.dev/surfaces/modals#interactions: an empty answer closes the view that was submitted.
function answered(desk: Desk, view: View, payload: Json): Outcome {
  try {
    return react(desk, view, payload);
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    return { ok: false, error: error.code };
  }
}

function react(desk: Desk, view: View, payload: Json): Outcome {
  const { state } = desk;
  switch (payload.response_action) {
    case undefined:
      closeView(state, view);
      return { ok: true };
    case 'clear':
      closeView(state, view, true);
      return { ok: true };
    case 'errors':
      return show(desk, view, readErrors(view, payload.errors));
    case 'update':
      changeView(state, view, readView(payload.view, ['modal']));
      return { ok: true };
    case 'push':
      showView(state, view.userId, readView(payload.view, ['modal']), true);
      return { ok: true };
    default:
      throw new SlackError('invalid_response_action');
  }
}

// Errors may be shown on input blocks only; anything else fails the submission.
function readErrors(view: View, errors: unknown): Record<string, string> {
  const inputs = (view.payload.blocks as Json[]).filter((block) => block.type === 'input').map((block) => block.block_id);
  const entries = isObject(errors) ? Object.entries(errors) : [];
  const isGood = entries.length > 0 && entries.every(([id, text]) => inputs.includes(id) && typeof text === 'string' && text !== '');
  if (!isGood) throw new SlackError('invalid_response_errors');
  return Object.fromEntries(entries.map(([id, text]) => [id, String(text)]));
}

/** Closes a modal by hand: Cancel (this view) or the cross (`all`). The app is told when it asked to be. */
export async function close(desk: Desk, viewId: string, userId: string, all = false): Promise<Outcome> {
  const [person, view] = [personOf(desk.state, userId), viewOf(desk.state, viewId, userId)];
  closeView(desk.state, view, all || view.payload.clear_on_close === true);
  if (view.payload.notify_on_close !== true) return { ok: true };
  return delivered(desk.app.deliver('interactive', closedPayload(person, view, all)), () => ({ ok: true }));
}
