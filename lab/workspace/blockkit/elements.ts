import type { Json } from '../model.ts';
import { actionId, confirm, initialIsOffered, option, optionGroup, plainText, richOption, text, url } from './objects.ts';
import { boolean, byType, type Check, type Field, fault, integer, isObject, list, may, must, object, oneOf, pattern, string } from './schema.ts';

// Limits of this file: https://docs.slack.dev/reference/block-kit/block-elements
type Also = (value: Json, at: string, found: string[]) => void;

const element = (type: string, fields: Record<string, Field>, also?: Also): Check =>
  object({ type: must(oneOf(type)), action_id: may(actionId), ...fields }, also);

const common = { confirm: may(confirm), focus_on_load: may(boolean) };
const menu = { ...common, placeholder: may(plainText(150)) };

const button = element('button', {
  text: must(plainText(75)),
  url: may(url),
  value: may(string(2000)),
  style: may(oneOf('primary', 'danger')),
  confirm: may(confirm),
  accessibility_label: may(string(75)),
});

const optionsOrGroups: Also = (value, at, found) => {
  const has = [value.options, value.option_groups].filter((one) => one !== undefined).length;
  if (has !== 1) fault(found, at, 'must define exactly one of `options` or `option_groups`');
  initialIsOffered(value, at, found);
};

const staticFields = { ...menu, options: may(list(option, 100, 1)), option_groups: may(list(optionGroup, 100, 1)) };
const staticSelect = element('static_select', { ...staticFields, initial_option: may(option) }, optionsOrGroups);
const multiStaticSelect = element(
  'multi_static_select',
  { ...staticFields, initial_options: may(list(option, 100)), max_selected_items: may(integer(1, 100)) },
  optionsOrGroups,
);
const externalSelect = element('external_select', { ...menu, initial_option: may(option), min_query_length: may(integer(0, 100)) });
const usersSelect = element('users_select', { ...menu, initial_user: may(string(255)) });
const multiUsersSelect = element('multi_users_select', {
  ...menu,
  initial_users: may(list(string(255), 100)),
  max_selected_items: may(integer(1, 100)),
});
const overflow = element('overflow', { options: must(list(option, 5, 1)), confirm: may(confirm) });
const date = pattern(/^\d{4}-\d{2}-\d{2}$/, 'must be a date in the format YYYY-MM-DD');
const datepicker = element('datepicker', { ...menu, initial_date: may(date) });
const timepicker = element('timepicker', {
  ...menu,
  initial_time: may(pattern(/^\d{2}:\d{2}$/, 'must be a time in the format HH:mm')),
  timezone: may(string(255)),
});
const checkboxes = element(
  'checkboxes',
  { ...common, options: must(list(richOption, 10, 1)), initial_options: may(list(richOption, 10, 1)) },
  initialIsOffered,
);
const radioButtons = element(
  'radio_buttons',
  { ...common, options: must(list(richOption, 10, 1)), initial_option: may(richOption) },
  initialIsOffered,
);

/** An image inside a section or a context. */
export const imageElement: Check = object({ type: must(oneOf('image')), image_url: must(url), alt_text: must(string(2000, 1)) });

const lengths: Also = (value, at, found) => {
  if (Number(value.min_length ?? 0) > Number(value.max_length ?? 3000)) fault(found, at, '`min_length` must be at most `max_length`');
};
const plainTextInput = element(
  'plain_text_input',
  {
    placeholder: may(plainText(150)),
    initial_value: may(string(3000)),
    multiline: may(boolean),
    min_length: may(integer(0, 3000)),
    max_length: may(integer(1, 3000)),
    focus_on_load: may(boolean),
    dispatch_action_config: may(object({ trigger_actions_on: must(list(oneOf('on_enter_pressed', 'on_character_entered'), 2, 1)) })),
  },
  lengths,
);

const choices = {
  static_select: staticSelect,
  external_select: externalSelect,
  users_select: usersSelect,
  multi_static_select: multiStaticSelect,
  multi_users_select: multiUsersSelect,
  datepicker,
  timepicker,
  checkboxes,
  radio_buttons: radioButtons,
};

/** What may stand in an actions block. Multi-selects may not. */
export const actionsElement: Check = byType({
  button,
  overflow,
  static_select: staticSelect,
  external_select: externalSelect,
  users_select: usersSelect,
  datepicker,
  timepicker,
  checkboxes,
  radio_buttons: radioButtons,
});

/** What may stand beside a section's text. */
export const accessory: Check = byType({ ...choices, button, overflow, image: imageElement });

/** What may stand in an input block. */
export const inputElement: Check = byType({ ...choices, plain_text_input: plainTextInput });

/** What may stand in a context block: texts and images. */
export const contextElement: Check = (value, at, found) => {
  if (isObject(value) && value.type === 'image') imageElement(value, at, found);
  else text(3000)(value, at, found);
};
