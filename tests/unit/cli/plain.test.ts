import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cardText, plainOf } from '../../../src/cli/plain.ts';
import { bold, code, escaped, link, md } from '../../../src/templates/escape.ts';
import { dateTime, day } from '../../../src/templates/times.ts';
import { statuses, storyAt } from '../../helpers/story.ts';

const zone = process.env.TZ;
beforeAll(() => {
  process.env.TZ = 'Asia/Kolkata';
});
afterAll(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

const look = { names: { U0RILEYCH: 'requester' }, hasStyle: false };
const at = Date.UTC(2026, 10, 21, 20, 0);

describe("the templates' mrkdwn in a terminal", () => {
  it('dates are in the time zone of the machine', () => {
    expect(plainOf(md`until ${dateTime(at)}, ${day(at)}`, look)).toBe('until 2026-11-22 01:30, 2026-11-22');
  });

  it('people by their names, links with their address, bold only where it shows', () => {
    expect(plainOf('<@U0RILEYCH> and <@U0NOBODY1>', look)).toBe('@requester and @U0NOBODY1');
    expect(plainOf(link('https://ci.example/run?a=1&b=2', 'pipeline'), look)).toBe('pipeline (https://ci.example/run?a=1&b=2)');
    expect(plainOf(md`${bold(md`Cannot`)} be`, look)).toBe('Cannot be');
    expect(plainOf(md`${bold(md`Cannot`)} be`, { ...look, hasStyle: true })).toBe('\u001b[1mCannot\u001b[22m be');
  });

  it.each([
    'a & b < c > d',
    '&lt;',
    '<!here>',
    '<@U0RILEYCH>',
    '*not bold* _not_ `code` ~gone~ :fire: > quote',
    '<https://x.example|y>',
    'v*.*',
    '@here',
  ])('a value says what it said: %s', (value) => {
    expect(plainOf(md`x ${escaped(value)} y`, look)).toBe(`x ${value} y`);
  });

  it('inside code nothing is obeyed', () => {
    expect(plainOf(md`tags ${code('v*.* <@U0RILEYCH> *')} and ${bold(md`more`)}`, look)).toBe('tags v*.* <@U0RILEYCH> * and more');
    expect(plainOf('before\n```\n*a*\n\nb\n```\nafter', look)).toBe('before\n*a*\n\nb\nafter');
  });

  it('no value reaches the terminal as a command to it', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal would obey is what is looked for
    expect(plainOf(escaped('\u001b[2Jgone\u0007\r\u009b31m'), look)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });
});

describe('the card in a terminal', () => {
  it.each(statuses)('%s: says what the card says, without a trace of mrkdwn', (status) => {
    const state = storyAt(status).state();
    const said = cardText(state, state.at, look);
    expect(said.length).toBeGreaterThan(40);
    expect(said).not.toMatch(/<!|<@|&amp;|&lt;|undefined|\*/);
  });
});
