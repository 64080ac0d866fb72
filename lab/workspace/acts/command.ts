import type { Message } from '../model.ts';
import { commandPayload, eventPayload } from '../payloads.ts';
import { BOT } from '../people/people.ts';
import { answer } from '../responseurls.ts';
import { SlackError } from '../slackerror.ts';
import { channelOf, type Desk, delivered, emit, isWithBot, type Outcome, personOf } from './desk.ts';

/**
 * Types a slash command: `text` is all of it, `/rollback sac v0.1.0`, or only what follows the first command the app has. What
 * goes wrong is shown to the person as a notice, in the words of Slack's client.
 */
export async function command(desk: Desk, userId: string, channelId: string, text: string): Promise<Outcome> {
  const { state } = desk;
  const [person, channel] = [personOf(state, userId), channelOf(state, channelId, userId)];
  const typed = text.startsWith('/') ? text : `${desk.commands[0] ?? ''} ${text}`;
  const [name = '', rest = ''] = [typed.split(/\s/, 1)[0], typed.slice(typed.split(/\s/, 1)[0]?.length).trim()];
  if (!desk.commands.includes(name)) return refuse(desk, userId, channelId, `${name} is not a valid command.`, 'invalid_command');
  const origin = { kind: 'command', channel: channelId, userId, typedCommand: typed } as const;
  const ids = { trigger: desk.triggers.issue(userId), responseUrl: desk.origin() + desk.urls.issue(origin) };
  const sending = desk.app.deliver('slash_commands', commandPayload(person, channel, name, rest, ids));
  const outcome = await delivered(sending, (payload) => {
    if (Object.keys(payload).length > 0) answerOrTell(desk, origin, payload);
    return { ok: true };
  });
  if (!outcome.ok) state.notify(userId, channelId, `${name} failed with the error "${outcome.error ?? ''}"`);
  return outcome;
}

function answerOrTell(desk: Desk, origin: Parameters<typeof answer>[1], payload: Parameters<typeof answer>[2]): void {
  try {
    answer(desk.state, origin, payload);
  } catch (error) {
    if (!(error instanceof SlackError)) throw error;
    desk.state.notify(origin.userId, origin.channel, `The app's answer was refused: ${error.code}`);
  }
}

function refuse(desk: Desk, userId: string, channelId: string, sentence: string, error: string): Outcome {
  desk.state.notify(userId, channelId, sentence);
  return { ok: false, error };
}

/** Says something in a channel or thread as a person. A slash command in a thread is refused, as Slack does. */
export function say(desk: Desk, userId: string, channelId: string, text: string, threadTs?: string): Message | undefined {
  const { state } = desk;
  const [person, channel] = [personOf(state, userId), channelOf(state, channelId, userId)];
  const typedCommand = desk.commands.find((one) => text === one || text.startsWith(`${one} `));
  if (typedCommand !== undefined) {
    refuse(desk, userId, channelId, `${typedCommand} is not supported in threads. Sorry!`, 'not_in_threads');
    return undefined;
  }
  const message = state.post({ channel: channelId, user: person.id, isBot: false, text, blocks: [], threadTs, parsesNames: true });
  const event = {
    user: person.id,
    text,
    ts: message.ts,
    channel: channelId,
    event_ts: message.ts,
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
  };
  if (message.mentions.users.includes(BOT.userId)) emit(desk, 'app_mention', eventPayload({ type: 'app_mention', ...event }));
  const kind = isWithBot(channel) ? 'im' : 'channel';
  if (channel.members.includes(BOT.userId))
    emit(desk, kind === 'im' ? 'message.im' : 'message.channels', eventPayload({ type: 'message', channel_type: kind, ...event }));
  return message;
}

/** Opens the app's Home tab: the app is told. */
export function openHome(desk: Desk, userId: string): void {
  const channel = desk.state.direct(BOT.userId, personOf(desk.state, userId).id);
  const ts = `${Math.floor(Date.now() / 1000)}.000000`;
  emit(desk, 'app_home_opened', eventPayload({ type: 'app_home_opened', user: userId, channel: channel.id, tab: 'home', event_ts: ts }));
}
