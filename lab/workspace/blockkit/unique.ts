import type { Json } from '../model.ts';
import { fault, isObject } from './schema.ts';

/** Every interactive element of a block with where it stands: elements of actions, a section's accessory, an input's element. */
export function interactive(block: Json, at = ''): { element: Json; at: string }[] {
  const places: [unknown, string][] = [
    [block.accessory, `${at}/accessory`],
    [block.element, `${at}/element`],
  ];
  const elements = block.type === 'actions' && Array.isArray(block.elements) ? block.elements : [];
  elements.forEach((element, index) => {
    places.push([element, `${at}/elements/${index}`]);
  });
  return places.flatMap(([element, place]) => (isObject(element) && element.type !== 'image' ? [{ element, at: place }] : []));
}

/**
 * block_id and action_id may be used once in a message or view. Slack itself refuses a repeated action_id only within one
 * block; here it is refused in the whole message, because a click that names an action must mean one button.
 */
export function checkUnique(blocks: unknown[], at: string, found: string[]): void {
  const blockIds = new Set<unknown>();
  const actionIds = new Set<unknown>();
  blocks.forEach((block, index) => {
    if (!isObject(block)) return;
    const place = `${at}/${index}`;
    repeated(block.block_id, blockIds, `${place}/block_id`, 'block_id', found);
    for (const one of interactive(block, place)) repeated(one.element.action_id, actionIds, `${one.at}/action_id`, 'action_id', found);
  });
}

function repeated(id: unknown, seen: Set<unknown>, at: string, name: string, found: string[]): void {
  if (id !== undefined && seen.has(id)) fault(found, at, `\`${name}\` must be unique: "${String(id)}" is used twice`);
  seen.add(id);
}
