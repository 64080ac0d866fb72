import type { Message } from '../domain/message.ts';
import type { State, Status } from '../domain/state.ts';
import { blocksOf, type Said, textOf } from './blocks.ts';
import { expired, rejected, withdrawn } from './cards/closed.ts';
import { complete } from './cards/complete.ts';
import { handedOver } from './cards/handed-over.ts';
import { left } from './cards/left.ts';
import { proving } from './cards/proving.ts';
import { reading } from './cards/reading.ts';
import { running } from './cards/running.ts';
import { shown } from './cards/shown.ts';
import { stopping } from './cards/stopping.ts';
import { trouble } from './cards/trouble.ts';
import { unplannable } from './cards/unplannable.ts';
import { waiting } from './cards/waiting.ts';
import { firstOf } from './cut.ts';
import { escaped, md } from './escape.ts';
import { prefix } from './goal.ts';
import { overrideLines, reviewButtons } from './override.ts';
import type { MessagesView } from './view.ts';

const cards: Readonly<Record<Status, (view: MessagesView) => Said>> = {
  reading,
  unplannable,
  waiting,
  rejected,
  withdrawn,
  expired,
  running,
  trouble,
  proving,
  complete,
  left,
  shown,
  'handed-over': handedOver,
  stopping,
  stopped: left,
};

/** The rollback's card: its whole truth now, with the buttons that apply now and no others. */
export function card(view: MessagesView): Message {
  const said = named(withUndelivered(withOverrides(cards[view.state.status](view), view), view.state), view.state);
  return { key: 'card', to: view.state.channel, inThread: false, live: true, text: textOf(said), blocks: blocksOf(said) };
}

/** What is only a rehearsal or a dry run says so before all else. */
const named = (said: Said, state: State): Said => ({ ...said, title: `${prefix(state)}${said.title ?? ''}` });

/** Whatever becomes of it: that it was started alone stands on it, and the review that is owed can be closed on it. */
const withOverrides = (said: Said, view: MessagesView): Said => ({
  ...said,
  lines: [...said.lines, ...overrideLines(view)],
  buttons: [...(said.buttons ?? []), ...reviewButtons(view.state)],
});

/** What nobody was told, because Slack refuses it: somebody has to tell them otherwise. */
function withUndelivered(said: Said, { dropped }: State): Said {
  const whys = Object.values(dropped).map((why) => escaped(why));
  return whys.length === 0 ? said : { ...said, lines: [...said.lines, md`⚠ Not delivered, tell them yourselves: ${firstOf(whys, 5, '; ')}.`] };
}
