import { describe, expect, it } from 'vitest';
import { checkView } from '../../../../lab/workspace/blockkit/check.ts';

const of = (length: number) => 'x'.repeat(length);
const plain = (length: number) => ({ type: 'plain_text', text: of(length) });
const dividers = (count: number) => Array.from({ length: count }, () => ({ type: 'divider' }));
const field = { type: 'plain_text_input', action_id: 'a' };
const input = (extra: object = {}) => ({ type: 'input', label: plain(5), element: field, ...extra });
const modal = (extra: object = {}) => ({ type: 'modal', title: plain(24), submit: plain(24), close: plain(24), blocks: [input()], ...extra });

describe('views', () => {
  it('takes a modal at its limits, and a home view', () => {
    const atLimits = modal({ blocks: dividers(100), private_metadata: of(3000), callback_id: of(255), external_id: of(255) });
    expect(checkView(atLimits, ['modal'])).toEqual([]);
    expect(checkView({ type: 'home', blocks: dividers(1) }, ['home'])).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['title of 25', modal({ title: plain(25) }), 'must be less than 25 characters [json-pointer:/view/title/text]'],
    ['submit of 25', modal({ submit: plain(25) }), 'must be less than 25 characters [json-pointer:/view/submit/text]'],
    ['close of 25', modal({ close: plain(25) }), 'must be less than 25 characters [json-pointer:/view/close/text]'],
    ['101 blocks', modal({ blocks: dividers(101) }), 'no more than 100 items allowed [json-pointer:/view/blocks]'],
    ['private_metadata of 3,001', modal({ private_metadata: of(3001) }), 'must be less than 3001 characters [json-pointer:/view/private_metadata]'],
    ['callback_id of 256', modal({ callback_id: of(256) }), 'must be less than 256 characters [json-pointer:/view/callback_id]'],
    ['no title', { type: 'modal', blocks: [] }, 'missing required field: title [json-pointer:/view]'],
    ['no type', { title: plain(3), blocks: [] }, 'missing required field: type [json-pointer:/view]'],
    [
      'input without submit',
      modal({ submit: undefined }),
      'must define `submit` to use an `input` block in modals [json-pointer:/view/blocks/0/input]',
    ],
    ['home opened as a modal', { type: 'home', blocks: [] }, 'must be one of: modal [json-pointer:/view/type]'],
    ['unknown field', modal({ width: 5 }), 'invalid additional property: width [json-pointer:/view]'],
    [
      'block_id twice',
      modal({ blocks: [input({ block_id: 'b' }), { type: 'divider', block_id: 'b' }] }),
      '`block_id` must be unique: "b" is used twice [json-pointer:/view/blocks/1/block_id]',
    ],
    [
      'crossed lengths',
      modal({ blocks: [input({ element: { ...field, min_length: 9, max_length: 3 } })] }),
      '`min_length` must be at most `max_length` [json-pointer:/view/blocks/0/element]',
    ],
    [
      'a button as an input',
      modal({ blocks: [input({ element: { type: 'button' } })] }),
      'unsupported type: button [json-pointer:/view/blocks/0/element/type]',
    ],
    ['not an object', 'modal', 'must be an object [json-pointer:/view]'],
  ])('refuses: %s', (_name, view, sentence) => {
    expect(checkView(view, ['modal'])).toContain(sentence);
  });
});
