import { boolean, byType, type Check, fault, isObject, list, may, must, object, oneOf, pattern, string } from './schema.ts';

/** An http or https address of at most 3,000 characters. */
export const url: Check = (value, at, found) => {
  string(3000, 1)(value, at, found);
  pattern(/^(https?|mailto|slack):/i, 'must be a valid URL')(value, at, found);
};

const plain = (max: number): Check => object({ type: must(oneOf('plain_text')), text: must(string(max, 1)), emoji: may(boolean) });

const mrkdwn = (max: number): Check => object({ type: must(oneOf('mrkdwn')), text: must(string(max, 1)), verbatim: may(boolean) });

// Slack says of a bad text object first that no schema fits, then what is wrong.
function inText(check: Check): Check {
  return (value, at, found) => {
    const inner: string[] = [];
    check(value, at, inner);
    if (inner.length > 0) fault(found, at, 'failed to match all allowed schemas');
    found.push(...inner);
  };
}

/** A text object of type plain_text only, 1 to `max` characters. */
export const plainText = (max: number): Check => inText(plain(max));

/** A text object of either type, 1 to `max` characters. */
export const text = (max: number): Check => inText(byType({ plain_text: plain(max), mrkdwn: mrkdwn(max) }));

/** An action_id: 1 to 255 characters. */
export const actionId: Check = string(255, 1);

/** A block_id: 1 to 255 characters. */
export const blockId: Check = string(255, 1);

/** The dialog asked before an action. Limits: https://docs.slack.dev/reference/block-kit/composition-objects/confirmation-dialog-object */
export const confirm: Check = object({
  title: must(plainText(100)),
  text: must(text(300)),
  confirm: must(plainText(30)),
  deny: must(plainText(30)),
  style: may(oneOf('primary', 'danger')),
});

const optionFields = (label: Check) => ({ text: must(label), value: must(string(150, 1)), description: may(text(75)), url: may(url) });

/** An option of a select menu or an overflow menu. https://docs.slack.dev/reference/block-kit/composition-objects/option-object */
export const option: Check = object(optionFields(plainText(75)));

/** An option of checkboxes and radio buttons, which may be mrkdwn. */
export const richOption: Check = object(optionFields(text(75)));

/** A group of options. */
export const optionGroup: Check = object({ label: must(plainText(75)), options: must(list(option, 100, 1)) });

/** What an element's initial option must be: one of its options. */
export function initialIsOffered(value: Record<string, unknown>, at: string, found: string[]): void {
  const initials = value.initial_options ?? (value.initial_option === undefined ? [] : [value.initial_option]);
  const groups = Array.isArray(value.option_groups) ? value.option_groups : [];
  const offered = [value.options, ...groups.map((group) => (isObject(group) ? group.options : []))].flat();
  for (const initial of Array.isArray(initials) ? initials : []) {
    const isOffered = offered.some((one) => isObject(one) && isObject(initial) && one.value === initial.value);
    if (!isOffered) fault(found, `${at}/initial_option`, 'initial option was not found in options');
  }
}
