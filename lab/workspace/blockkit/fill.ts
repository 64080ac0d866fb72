import { newBlockId } from '../ids.ts';
import type { Json } from '../model.ts';
import { interactive } from './unique.ts';

/** A copy of the blocks in which every block has a block_id and every interactive element an action_id, as Slack returns them. */
export function fillIds(blocks: Json[]): Json[] {
  const copies: Json[] = structuredClone(blocks);
  for (const block of copies) {
    block.block_id ??= newBlockId();
    for (const { element } of interactive(block)) element.action_id ??= newBlockId();
  }
  return copies;
}
