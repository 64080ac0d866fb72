import { accessory, actionsElement, contextElement, inputElement } from './elements.ts';
import { blockId, plainText, text, url } from './objects.ts';
import { richText } from './richtext.ts';
import { boolean, byType, type Check, type Field, fault, list, may, must, object, oneOf, string } from './schema.ts';

// Limits of this file: https://docs.slack.dev/reference/block-kit/blocks
const block = (type: string, fields: Record<string, Field>, also?: Parameters<typeof object>[1]): Check =>
  object({ type: must(oneOf(type)), block_id: may(blockId), ...fields }, also);

const section = block(
  'section',
  { text: may(text(3000)), fields: may(list(text(2000), 10, 1)), accessory: may(accessory), expand: may(boolean) },
  (value, at, found) => {
    if (value.text === undefined && value.fields === undefined) fault(found, `${at}/type`, 'must define either `text` or `fields`');
  },
);

const image = block('image', { image_url: must(url), alt_text: must(string(2000, 1)), title: may(plainText(2000)) });

const input = block('input', {
  label: must(plainText(2000)),
  element: must(inputElement),
  hint: may(plainText(2000)),
  optional: may(boolean),
  dispatch_action: may(boolean),
});

const shown = {
  section,
  image,
  header: block('header', { text: must(plainText(150)) }),
  divider: block('divider', {}),
  context: block('context', { elements: must(list(contextElement, 10, 1)) }),
  actions: block('actions', { elements: must(list(actionsElement, 25, 1)) }),
  rich_text: richText,
};

/** A block of a message. */
export const messageBlock: Check = byType({ ...shown, input });

/** A block of a modal or the Home tab. */
export const viewBlock: Check = byType({ ...shown, input });
