import type { Actor } from '../domain/event.ts';
import { escaped, type Mrkdwn } from './escape.ts';
import type { MessagesView } from './view.ts';

type Mentions = MessagesView['mentions'];

/** `@group`, `@user` or `#channel` of a system file: a real mention where it is known, else its plain name. */
export function named(name: string, mentions: Mentions): Mrkdwn {
  const mention = Object.hasOwn(mentions, name) ? mentions[name] : undefined;
  return mention !== undefined && isMention(mention) ? (mention as Mrkdwn) : escaped(name);
}

/** Who did something, so that it reaches them where it can. */
export function actor(by: Actor, mentions: Mentions = {}): Mrkdwn {
  if (by.via === 'bot') return 'the bot' as Mrkdwn;
  const where = by.via === 'cli' ? ' (command line)' : '';
  if (/^[UW][A-Z0-9]{2,}$/.test(by.id)) return `<@${by.id}>${where}` as Mrkdwn;
  return `${named(`@${by.name}`, mentions)}${where}` as Mrkdwn;
}

/** Only people, groups and channels: nothing may page a whole channel through a table of names. */
const isMention = (text: string): boolean => /^<(@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+|#C[A-Z0-9]+)(\|[^<>|]*)?>$/.test(text);
