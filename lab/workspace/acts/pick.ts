import { isObject } from '../blockkit/schema.ts';
import { interactive } from '../blockkit/unique.ts';
import type { Json } from '../model.ts';

/** What a person chose or typed: one value, or several for checkboxes and multi-selects. */
export type Given = string | string[];

/** Options that external selects offered lately, by action_id. */
export type Suggested = ReadonlyMap<string, Json[]>;

const one = (given: Given | undefined): string | undefined => (Array.isArray(given) ? given[0] : given);
const many = (given: Given | undefined): string[] => (given === undefined ? [] : Array.isArray(given) ? given : [given]);

function optionsOf(element: Json, suggested: Suggested): Json[] {
  const groups = Array.isArray(element.option_groups) ? element.option_groups : [];
  const inGroups = groups.flatMap((group) => (isObject(group) && Array.isArray(group.options) ? group.options : []));
  const own = Array.isArray(element.options) ? element.options : inGroups;
  return [...own, ...(suggested.get(String(element.action_id)) ?? [])].filter(isObject);
}

function optionNamed(element: Json, value: string | undefined, suggested: Suggested): Json | null {
  if (value === undefined || value === '') return null;
  const found = optionsOf(element, suggested).find((option) => option.value === value);
  if (!found) throw new Error(`Element "${String(element.action_id)}" does not offer the option "${value}".`);
  return found;
}

const initialValues = (element: Json): Given | undefined => {
  const options = Array.isArray(element.initial_options) ? element.initial_options : [];
  if (options.length > 0) return options.map((option) => String(isObject(option) ? option.value : ''));
  if (isObject(element.initial_option)) return String(element.initial_option.value);
  const scalar = element.initial_value ?? element.initial_user ?? element.initial_users ?? element.initial_date ?? element.initial_time;
  return scalar === undefined ? undefined : (scalar as Given);
};

/** The fields Slack sends for this element when this was given: `selected_option`, `value`, … Nothing given: its initial value. */
export function pick(element: Json, given: Given | undefined, suggested: Suggested): Json {
  const chosen = given ?? initialValues(element);
  switch (element.type) {
    case 'button':
      return element.value === undefined ? {} : { value: element.value };
    case 'plain_text_input':
      return { value: one(chosen) === '' ? null : (one(chosen) ?? null) };
    case 'users_select':
      return { selected_user: one(chosen) ?? null };
    case 'multi_users_select':
      return { selected_users: many(chosen) };
    case 'datepicker':
      return { selected_date: one(chosen) ?? null };
    case 'timepicker':
      return { selected_time: one(chosen) ?? null };
    case 'checkboxes':
    case 'multi_static_select':
      return { selected_options: many(chosen).map((value) => optionNamed(element, value, suggested)) };
    default:
      return { selected_option: optionNamed(element, one(chosen), suggested) };
  }
}

/** The state of every input of a view, by block_id and action_id; `given` is keyed by either. */
export function stateOf(blocks: Json[], given: Record<string, Given>, suggested: Suggested): Json {
  const values: Json = {};
  for (const block of blocks) {
    for (const { element } of interactive(block)) {
      if (element.type === 'button' || element.type === 'overflow') continue;
      const [blockId, actionId] = [String(block.block_id), String(element.action_id)];
      const before = isObject(values[blockId]) ? values[blockId] : {};
      values[blockId] = { ...before, [actionId]: { type: element.type, ...pick(element, given[blockId] ?? given[actionId], suggested) } };
    }
  }
  return values;
}

/** What the client itself refuses to submit, by block_id: empty required inputs, texts too short or too long. */
export function unfilled(blocks: Json[], values: Json): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const block of blocks) {
    if (block.type !== 'input' || !isObject(block.element)) continue;
    const problem = problemOf(block, block.element, values);
    if (problem !== undefined) errors[String(block.block_id)] = problem;
  }
  return errors;
}

function problemOf(block: Json, element: Json, values: Json): string | undefined {
  const inBlock = values[String(block.block_id)];
  const value = isObject(inBlock) ? inBlock[String(element.action_id)] : undefined;
  const content = isObject(value) ? Object.entries(value).find(([key]) => key !== 'type')?.[1] : undefined;
  const isEmpty = content === null || content === undefined || (Array.isArray(content) && content.length === 0);
  if (isEmpty) return block.optional === true ? undefined : 'Please complete this required field.';
  if (typeof content !== 'string') return undefined;
  if (content.length < Number(element.min_length ?? 0)) return `Please enter at least ${String(element.min_length)} characters.`;
  if (content.length > Number(element.max_length ?? 3000)) return `Please enter at most ${String(element.max_length ?? 3000)} characters.`;
  return undefined;
}
