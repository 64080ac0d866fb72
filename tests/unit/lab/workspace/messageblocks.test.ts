import { describe, expect, it } from 'vitest';
import { checkMessageBlocks } from '../../../../lab/workspace/blockkit/check.ts';

const of = (length: number) => 'x'.repeat(length);
const plain = (length: number) => ({ type: 'plain_text', text: of(length) });
const mrkdwn = (length: number) => ({ type: 'mrkdwn', text: of(length) });
const section = (extra: object) => ({ type: 'section', ...extra });
const button = (extra: object = {}) => ({ type: 'button', action_id: 'go', text: plain(4), ...extra });
const actions = (...elements: object[]) => ({ type: 'actions', elements });
const option = (label: number, value = 'v') => ({ text: plain(label), value });
const many = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => make(index));
const select = (extra: object) => actions({ type: 'static_select', action_id: 's', options: [option(3)], ...extra });
const confirm = (extra: object = {}) => ({ title: plain(10), text: mrkdwn(10), confirm: plain(3), deny: plain(3), ...extra });
const dividers = (count: number) => many(count, () => ({ type: 'divider' }));
const first = '[json-pointer:/blocks/0/elements/0';

describe('what Slack takes', () => {
  it.each<[string, object[]]>([
    ['50 blocks', dividers(50)],
    ['section text of 3,000', [section({ text: mrkdwn(3000) })]],
    ['10 fields of 2,000', [section({ fields: many(10, () => mrkdwn(2000)) })]],
    ['header of 150', [{ type: 'header', text: plain(150) }]],
    ['10 context elements', [{ type: 'context', elements: many(10, () => mrkdwn(20)) }]],
    ['25 buttons', [actions(...many(25, (n) => button({ action_id: `a${n}` })))]],
    ['button text 75, value 2,000, url 3,000', [actions(button({ text: plain(75), value: of(2000), url: `https://e.org/${of(2986)}` }))]],
    ['action_id and block_id of 255', [{ ...actions(button({ action_id: of(255) })), block_id: of(255) }]],
    ['100 options of 75', [select({ options: many(100, (n) => option(75, `v${n}`)) })]],
    [
      'a confirm at its limits',
      [actions(button({ confirm: confirm({ title: plain(100), text: mrkdwn(300), confirm: plain(30), deny: plain(30) }) }))],
    ],
    ['overflow with 5 options', [actions({ type: 'overflow', action_id: 'o', options: many(5, (n) => option(5, `v${n}`)) })]],
    ['an image', [{ type: 'image', image_url: 'https://e.org/a.png', alt_text: 'a' }]],
    ['verbatim mrkdwn', [section({ text: { ...mrkdwn(5), verbatim: true } })]],
    ['rich_text', [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'a', style: { bold: true } }] }] }]],
    ['pickers', [actions({ type: 'datepicker', action_id: 'd', initial_date: '2026-01-31' }, { type: 'users_select', action_id: 'u' })]],
    ['the same option value in two selects', [select({}), select({ action_id: 's2' })]],
  ])('%s', (_name, blocks) => {
    expect(checkMessageBlocks(blocks)).toEqual([]);
  });
});

describe('what Slack refuses, with its sentence and place', () => {
  it.each<[string, unknown, string]>([
    ['51 blocks', dividers(51), 'no more than 50 items allowed [json-pointer:/blocks]'],
    ['section text of 3,001', [section({ text: mrkdwn(3001) })], 'must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
    ['empty text', [section({ text: mrkdwn(0) })], 'must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
    ['section of nothing', [section({})], 'must define either `text` or `fields` [json-pointer:/blocks/0/type]'],
    ['11 fields', [section({ fields: many(11, () => mrkdwn(5)) })], 'no more than 10 items allowed [json-pointer:/blocks/0/fields]'],
    ['field of 2,001', [section({ fields: [mrkdwn(2001)] })], 'must be less than 2001 characters [json-pointer:/blocks/0/fields/0/text]'],
    ['header of 151', [{ type: 'header', text: plain(151) }], 'must be less than 151 characters [json-pointer:/blocks/0/text/text]'],
    ['mrkdwn header', [{ type: 'header', text: mrkdwn(5) }], 'failed to match all allowed schemas [json-pointer:/blocks/0/text]'],
    [
      '11 context elements',
      [{ type: 'context', elements: many(11, () => mrkdwn(5)) }],
      'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
    ],
    ['no context elements', [{ type: 'context', elements: [] }], 'must provide at least 1 items [json-pointer:/blocks/0/elements]'],
    ['26 buttons', [actions(...many(26, (n) => button({ action_id: `a${n}` })))], 'no more than 25 items allowed [json-pointer:/blocks/0/elements]'],
    ['button text of 76', [actions(button({ text: plain(76) }))], `must be less than 76 characters ${first}/text/text]`],
    ['mrkdwn on a button', [actions(button({ text: mrkdwn(4) }))], `failed to match all allowed schemas ${first}/text]`],
    ['value of 2,001', [actions(button({ value: of(2001) }))], `must be less than 2001 characters ${first}/value]`],
    ['value that is a number', [actions(button({ value: 7 }))], `must be a string ${first}/value]`],
    ['url of 3,001', [actions(button({ url: `https://e.org/${of(2987)}` }))], `must be less than 3001 characters ${first}/url]`],
    ['url of javascript', [actions(button({ url: 'javascript:alert(1)' }))], `must be a valid URL ${first}/url]`],
    ['style of its own', [actions(button({ style: 'warning' }))], `must be one of: primary, danger ${first}/style]`],
    ['disabled button', [actions(button({ disabled: true }))], `invalid additional property: disabled ${first}]`],
    ['emoji in mrkdwn', [section({ text: { ...mrkdwn(3), emoji: true } })], 'invalid additional property: emoji [json-pointer:/blocks/0/text]'],
    ['action_id of 256', [actions(button({ action_id: of(256) }))], `must be less than 256 characters ${first}/action_id]`],
    ['block_id of 256', [{ type: 'divider', block_id: of(256) }], 'must be less than 256 characters [json-pointer:/blocks/0/block_id]'],
    ['101 options', [select({ options: many(101, (n) => option(3, `v${n}`)) })], `no more than 100 items allowed ${first}/options]`],
    ['no options', [select({ options: [] })], `must provide at least 1 items ${first}/options]`],
    ['option text of 76', [select({ options: [option(76)] })], `must be less than 76 characters ${first}/options/0/text/text]`],
    ['option value of 151', [select({ options: [option(3, of(151))] })], `must be less than 151 characters ${first}/options/0/value]`],
    ['initial option not offered', [select({ initial_option: option(3, 'no') })], `initial option was not found in options ${first}/initial_option]`],
    [
      'confirm title of 101',
      [actions(button({ confirm: confirm({ title: plain(101) }) }))],
      `must be less than 101 characters ${first}/confirm/title/text]`,
    ],
    [
      'confirm text of 301',
      [actions(button({ confirm: confirm({ text: mrkdwn(301) }) }))],
      `must be less than 301 characters ${first}/confirm/text/text]`,
    ],
    ['confirm without deny', [actions(button({ confirm: { ...confirm(), deny: undefined } }))], `missing required field: deny ${first}/confirm]`],
    [
      '6 overflow options',
      [actions({ type: 'overflow', options: many(6, (n) => option(3, `v${n}`)) })],
      `no more than 5 items allowed ${first}/options]`,
    ],
    ['plain_text_input in actions', [actions({ type: 'plain_text_input', action_id: 'p' })], `unsupported type: plain_text_input ${first}/type]`],
    ['a block nobody knows', [{ type: 'sections' }], 'unsupported type: sections [json-pointer:/blocks/0/type]'],
    ['a block of the prototype', [{ type: 'constructor' }], 'unsupported type: constructor [json-pointer:/blocks/0/type]'],
    ['a block without type', [{ text: 'a' }], 'missing required field: type [json-pointer:/blocks/0]'],
    ['image without alt text', [{ type: 'image', image_url: 'https://e.org/a.png' }], 'missing required field: alt_text [json-pointer:/blocks/0]'],
    [
      'a date that is none',
      [actions({ type: 'datepicker', initial_date: 'today' })],
      `must be a date in the format YYYY-MM-DD ${first}/initial_date]`,
    ],
  ])('%s', (_name, blocks, sentence) => {
    expect(checkMessageBlocks(blocks)).toContain(sentence);
  });

  it('a block_id or action_id used twice', () => {
    const block = checkMessageBlocks(many(2, () => ({ type: 'divider', block_id: 'b' })));
    expect(block).toEqual(['`block_id` must be unique: "b" is used twice [json-pointer:/blocks/1/block_id]']);
    const action = checkMessageBlocks([actions(button(), button()), section({ text: mrkdwn(1), accessory: button() })]);
    expect(action).toEqual([
      '`action_id` must be unique: "go" is used twice [json-pointer:/blocks/0/elements/1/action_id]',
      '`action_id` must be unique: "go" is used twice [json-pointer:/blocks/1/accessory/action_id]',
    ]);
  });
});
