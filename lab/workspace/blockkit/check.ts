import type { Json } from '../model.ts';
import { messageBlock, viewBlock } from './blocks.ts';
import { plainText } from './objects.ts';
import { boolean, type Check, fault, isObject, list, may, must, object, oneOf, string } from './schema.ts';
import { checkUnique } from './unique.ts';

/** The faults of a message's blocks, in Slack's words; none when Slack would take them. At most 50 blocks. */
export function checkMessageBlocks(blocks: unknown): string[] {
  const found: string[] = [];
  list(messageBlock, 50)(blocks, '/blocks', found);
  if (Array.isArray(blocks)) checkUnique(blocks, '/blocks', found);
  return found;
}

const shared = {
  blocks: must(list(viewBlock, 100)),
  private_metadata: may(string(3000)),
  callback_id: may(string(255)),
  external_id: may(string(255)),
};

const modal: Check = object(
  {
    type: must(oneOf('modal')),
    title: must(plainText(24)),
    submit: may(plainText(24)),
    close: may(plainText(24)),
    clear_on_close: may(boolean),
    notify_on_close: may(boolean),
    submit_disabled: may(boolean),
    ...shared,
  },
  (view, at, found) => {
    const inputAt = Array.isArray(view.blocks) ? view.blocks.findIndex((block) => isObject(block) && block.type === 'input') : -1;
    if (inputAt >= 0 && view.submit === undefined)
      fault(found, `${at}/blocks/${inputAt}/input`, 'must define `submit` to use an `input` block in modals');
  },
);

const home: Check = object({ type: must(oneOf('home')), ...shared });

/** The faults of a view, in Slack's words. Limits: https://docs.slack.dev/reference/views/modal-views */
export function checkView(view: unknown, types: readonly string[]): string[] {
  const found: string[] = [];
  const type = isObject(view) ? view.type : undefined;
  if (!isObject(view)) fault(found, '/view', 'must be an object');
  else if (typeof type !== 'string') fault(found, '/view', 'missing required field: type');
  else if (!types.includes(type)) fault(found, '/view/type', `must be one of: ${types.join(', ')}`);
  else (type === 'home' ? home : modal)(view, '/view', found);
  if (isObject(view) && Array.isArray(view.blocks)) checkUnique(view.blocks, '/view/blocks', found);
  return found;
}

/** Whether this is a list of objects at all; Slack calls anything else invalid_blocks_format. */
export const isBlockList = (value: unknown): value is Json[] => Array.isArray(value) && value.every(isObject);
