import type { Block } from '../../domain/message.ts';
import { plainText } from '../blocks.ts';
import { cut } from '../cut.ts';

/** One thing to choose: its label is cut to be read, its value is what comes back and is left out where Slack would cut it. */
export interface Choice {
  readonly label: string;
  readonly value: string;
}

/** An input of a modal; its block and its action bear its name, by which the answer is found. */
export const input = (name: string, label: string, element: Block, hint?: string): Block => ({
  type: 'input',
  block_id: name,
  optional: true,
  label: plainText(label, 2000),
  ...(hint === undefined ? {} : { hint: plainText(hint, 2000) }),
  element,
});

// https://docs.slack.dev/reference/block-kit/composition-objects/option-object
const max = { options: 100, value: 150 };

/** A menu of choices; nothing is chosen where `initial` is none of them. Undefined when there is nothing to choose, since Slack refuses that. */
export function menu(name: string, choices: readonly Choice[], initial: string, placeholder?: string): Block | undefined {
  const fitting = choices.filter(({ value }) => value !== '' && value.length <= max.value).slice(0, max.options);
  const options = fitting.map(({ label, value }) => ({ text: plainText(cut(label, 75), 75), value }));
  const chosen = options.find((option) => option.value === initial);
  if (options.length === 0) return undefined;
  return {
    type: 'static_select',
    action_id: name,
    options,
    ...(placeholder === undefined ? {} : { placeholder: plainText(placeholder, 150) }),
    ...(chosen && { initial_option: chosen }),
  };
}
