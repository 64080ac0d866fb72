import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mentionsIn } from '../../../lab/workspace/mentions.ts';
import { code, escaped, link, md, plain, spoken } from '../../../src/templates/escape.ts';
import { fenced, tail } from '../../../src/templates/fence.ts';

const nobody = { here: false, channel: false, everyone: false, users: [], groups: [] };
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        '<',
        '>',
        '&',
        '!',
        '@',
        'here',
        'channel',
        'everyone',
        '<!here>',
        '<@U1>',
        '`',
        '```',
        '*',
        '_',
        '~',
        '\n',
        '\u202e',
        '\u2028',
        '|',
        ':x:',
        ' ',
      ),
    )
    .map((parts) => parts.join('')),
);

describe('escaped', () => {
  it.each([
    ['<!here>', '&lt;!here&gt;'],
    ['@here look', '＠here look'],
    ['@Channel', '＠Channel'],
    ['a & b', 'a &amp; b'],
    ['*bold* and ~gone~', '∗bold∗ and ∼gone∼'],
    ['_slanted_', 'ˍslantedˍ'],
    ['sac_agent.py', 'sac_agent.py'],
    ['`code`', 'ˋcodeˋ'],
    [':white_check_mark: done', '∶white_check_mark: done'],
    ['at 10:20:30', 'at 10:20:30'],
    ['> quoted', '› quoted'],
    ['one\ntwo\r\n  three', 'one two three'],
    ['\u001b[31mred\u001b[0m\u0007', 'red'],
    ['abc\u202edef\u200b', 'abcdef'],
    ['\ud800x', '\ufffdx'],
    ['v0.1.0-rc_1', 'v0.1.0-rc_1'],
  ])('%j is said as %j', (text, said) => {
    expect(escaped(text)).toBe(said);
  });

  it('leaves no markup, no mention and no second line, whatever it is given', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const said = escaped(text);
        expect(said).not.toMatch(/[<>\n\r*~`\u2028\u202e]/);
        expect(said.replace(/&(amp|lt|gt);/g, '')).not.toContain('&');
        expect(mentionsIn(said, [{ type: 'section', text: { type: 'mrkdwn', text: said } }], true)).toEqual(nobody);
      }),
      { numRuns: 1000 },
    );
  });

  it('is nowhere needed twice: plain_text gets the text itself', () => {
    expect(plain('a & <b>\n_c_')).toBe('a & <b> _c_');
  });
});

describe('code, link and spoken', () => {
  it('keeps a name in the code font as it is', () => expect(code('__init__.py')).toBe('`__init__.py`'));
  it('lets nothing out of the code font', () => {
    fc.assert(fc.property(hostile, (text) => void expect(code(text).slice(1, -1)).not.toMatch(/[`<>\n]/)));
  });
  it('links to the web only', () => {
    expect(link('https://ci.example/runs/1?a=1&b=2', 'run')).toBe('<https://ci.example/runs/1?a=1&amp;b=2|run>');
    expect(link('javascript:alert(1)', 'run')).toBe('run');
    expect(link('https://x|y> <!here>', 'run')).toBe('run');
  });
  it('is spoken without marks, dates in UTC', () => {
    expect(spoken(md`*a* ${code('b')} <!date^0^{time}|1970-01-01 00:00 UTC>`)).toBe('a b 1970-01-01 00:00 UTC');
  });
});

describe('code blocks', () => {
  const fence = '```';
  it('cannot be ended from within', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const said = tail(text, 20);
        if (said === undefined) return;
        expect(said.slice(4, -4)).not.toContain(fence);
        expect(said.slice(4, -4)).not.toMatch(/[<>]/);
        expect(said.length).toBeLessThanOrEqual(2900);
      }),
    );
  });
  it('shows the last lines', () => {
    const output = Array.from({ length: 30 }, (_, i) => `line ${i}`).join('\n');
    expect(tail(`${output}\n`, 20)?.split('\n').slice(1, -1)).toEqual(output.split('\n').slice(-20));
  });
  it('says nothing of nothing', () => expect(tail(' \n\n', 20)).toBeUndefined());
  it('keeps a command whole however long it is', () => {
    const command = 'cp a b && <x>\n'.repeat(1000);
    const pieces = fenced(command);
    expect(pieces.length).toBeGreaterThan(4);
    expect(Math.max(...pieces.map((piece) => piece.length))).toBeLessThanOrEqual(2900);
    const read = pieces.map((piece) => piece.slice(4, -4)).join('');
    expect(read.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')).toBe(command);
  });
  it('shows signs that would turn a command around', () => expect(fenced('rm \u202eabc').join('')).toContain('‹U+202E›'));
});
