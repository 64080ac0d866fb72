import type { Block, View } from '../../domain/message.ts';
import { plainText } from '../blocks.ts';

/** What a modal is made of; texts are plain. With `submit` it asks, without it only shows. */
export interface Modal {
  readonly id: string;
  readonly title: string;
  readonly about: Readonly<Record<string, unknown>>;
  readonly submit?: string;
  readonly blocks: readonly Block[];
}

// https://docs.slack.dev/reference/views/modal-views
const max = { title: 24, blocks: 100 };

/** A modal within Slack's limits; `about` comes back as private_metadata. */
export const modal = ({ id, title, about, submit, blocks }: Modal): View => ({
  type: 'modal',
  callback_id: id,
  title: plainText(title, max.title),
  ...(submit !== undefined && { submit: plainText(submit, max.title) }),
  close: plainText(submit === undefined ? 'Close' : 'Cancel', max.title),
  private_metadata: JSON.stringify(about),
  blocks: blocks.slice(0, max.blocks),
});
