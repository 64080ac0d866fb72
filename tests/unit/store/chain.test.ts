import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOfTexts, type Fault, firstFault } from '../../../src/store/chain.ts';
import { chained, noSealing, Seal, sealedText, unsealed } from '../../../src/store/seal.ts';
import { testKey } from '../../helpers/sealing.ts';
import { storyAt } from '../../helpers/story.ts';

const seal = new Seal(testKey);
const stranger = new Seal('another key, of somebody who has the password of Redis');

const bodies = (count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, i) =>
    JSON.stringify({ v: 1, seq: from + i, at: 1000 * (from + i), type: 'described', by: { id: 'U1' }, answers: { n: `${i}` } }),
  );
const log = (count = 8, chain = 'sac-1', by = seal): string[] => [...chained(by, by.begin(chain), bodies(count)).texts];

/** The log after `change`, as the verification sees it. */
function faultAfter(change: (texts: string[]) => void, chain = 'sac-1'): Fault | undefined {
  const texts = log();
  change(texts);
  return firstFault(seal, chain, texts, { others: ['sac-1', 'sac-2', 'sac-3'] });
}

describe('a sealed log', () => {
  it('is whole as it was written, also while it grows', () => {
    for (let count = 0; count <= 8; count++) expect(firstFault(seal, 'sac-1', log(count))).toBeUndefined();
  });

  it('an entry is its text to the byte; its seal is the last field', () => {
    const [text = ''] = log(1);
    const { body, mac } = unsealed(text);
    expect(body).toBe(bodies(1)[0]);
    expect(sealedText(body, mac ?? '')).toBe(text);
    expect(JSON.parse(text)).toEqual({ ...JSON.parse(body), mac });
  });

  it('an entry that was edited is named, with type and time', () => {
    const fault = faultAfter((texts) => texts.splice(4, 1, (texts[4] ?? '').replace('"n":"4"', '"n":"5"')));
    expect(fault).toEqual({ entry: 5, type: 'described', at: 5000, what: 'it was changed after it was sealed' });
  });

  it('the last entry too, and one of which only a space was changed', () => {
    expect(faultAfter((texts) => texts.splice(7, 1, (texts[7] ?? '').replace('U1', 'U2')))?.entry).toBe(8);
    expect(faultAfter((texts) => texts.splice(2, 1, (texts[2] ?? '').replace('"v":1', '"v": 1')))).toMatchObject({
      entry: 3,
      what: expect.stringContaining('changed'),
    });
  });

  it('entries that were removed: which are missing', () => {
    expect(faultAfter((texts) => texts.splice(3, 1))).toMatchObject({ entry: 4, what: expect.stringContaining('entry 4 was removed') });
    expect(faultAfter((texts) => texts.splice(3, 3))).toMatchObject({ entry: 4, what: expect.stringContaining('entries 4 to 6 were removed') });
    expect(faultAfter((texts) => texts.splice(0, 1))).toMatchObject({ entry: 1, what: expect.stringContaining('entry 1 was removed') });
  });

  it('an entry that was inserted: a copy, or one that was made up, with and without a seal', () => {
    expect(faultAfter((texts) => texts.splice(5, 0, texts[2] ?? ''))).toMatchObject({
      entry: 6,
      what: expect.stringContaining('inserted or moved here'),
    });
    const made = bodies(1, 6)[0] ?? '';
    expect(faultAfter((texts) => texts.splice(5, 0, made))).toMatchObject({ entry: 6, what: expect.stringContaining('carries no seal') });
    expect(faultAfter((texts) => texts.splice(5, 0, sealedText(made, stranger.mac('', made))))).toMatchObject({
      entry: 6,
      what: expect.stringContaining('inserted'),
    });
  });

  it('entries that changed places', () => {
    expect(faultAfter((texts) => texts.splice(2, 2, texts[3] ?? '', texts[2] ?? ''))).toMatchObject({
      entry: 3,
      what: expect.stringContaining('not in their order'),
    });
  });

  it('the log of another rollback in its place: whose', () => {
    expect(faultAfter((texts) => texts.splice(0, 8, ...log(8, 'sac-3')))).toMatchObject({
      entry: 1,
      what: expect.stringContaining('first entry of sac-3'),
    });
  });

  it('the end of another log put on the beginning of this one', () => {
    expect(faultAfter((texts) => texts.splice(5, 3, ...log(8, 'sac-3').slice(5)))?.entry).toBe(6);
  });

  it('the whole chain sealed anew by somebody without the key, from the beginning or from the middle', () => {
    expect(faultAfter((texts) => texts.splice(0, 8, ...log(8, 'sac-1', stranger)))).toMatchObject({
      entry: 1,
      what: expect.stringContaining('without the key'),
    });
    const head = unsealed(log()[3] ?? '').mac ?? '';
    const forged = chained(stranger, head, bodies(4, 5)).texts;
    expect(faultAfter((texts) => texts.splice(4, 4, ...forged))).toMatchObject({ entry: 5, what: expect.stringContaining('without the key') });
  });

  it('seals that were taken away, from all or from some', () => {
    const bare = (text: string): string => unsealed(text).body;
    expect(faultAfter((texts) => texts.splice(0, 8, ...texts.map(bare)))).toMatchObject({
      entry: 1,
      what: expect.stringContaining('carries no seal'),
    });
    expect(faultAfter((texts) => texts.splice(6, 2, ...texts.slice(6).map(bare)))).toMatchObject({
      entry: 7,
      what: expect.stringContaining('carries no seal'),
    });
  });

  it('what is no JSON, or no entry at all', () => {
    for (const text of ['', '{', 'null', '[]', '{"mac":"x"}', '\u0000']) expect(faultAfter((texts) => texts.splice(3, 1, text))?.entry).toBe(4);
  });
});

it('an entry that is sealed and no JSON is named, where it stands before sealing began too', () => {
  const torn = bodies(4).with(1, '{"v":1,"at":•••}');
  expect(firstFault(seal, 'sac-1', chained(seal, seal.begin('sac-1'), torn).texts)).toMatchObject({
    entry: 2,
    what: expect.stringContaining('no JSON'),
  });
  expect(firstFault(seal, 'sac-1', torn, { adopted: { entries: 4, sha256: digestOfTexts(torn) } })?.entry).toBe(2);
});

describe('any edit of any log', () => {
  const kinds = ['byte', 'remove', 'insert', 'swap', 'replace', 'reseal', 'bare'] as const;
  const edits = fc.record({ kind: fc.constantFrom(...kinds), at: fc.nat(), other: fc.nat(), byte: fc.integer({ min: 1, max: 255 }) });

  /** The same texts with one edit; answers the place of the first text that is another one. */
  function edited(
    texts: readonly string[],
    { kind, at, other, byte }: { kind: (typeof kinds)[number]; at: number; other: number; byte: number },
  ): string[] {
    const [i, j] = [at % texts.length, other % texts.length];
    const text = texts[i] ?? '';
    const copy = [...texts];
    const place = other % text.length;
    if (kind === 'byte') copy[i] = text.slice(0, place) + String.fromCharCode(text.charCodeAt(place) ^ byte) + text.slice(place + 1);
    if (kind === 'remove') copy.splice(i, 1 + (other % 3));
    if (kind === 'insert') copy.splice(i, 0, texts[j] ?? '');
    if (kind === 'swap') [copy[i], copy[j]] = [texts[j] ?? '', text];
    if (kind === 'replace') copy.splice(i, texts.length, ...log(texts.length, 'sac-2').slice(i));
    if (kind === 'reseal')
      copy.splice(
        i,
        texts.length,
        ...chained(
          stranger,
          unsealed(texts[i - 1] ?? '').mac ?? stranger.begin('sac-1'),
          texts.slice(i).map((one) => unsealed(one).body),
        ).texts,
      );
    if (kind === 'bare') copy[i] = unsealed(text).body;
    return copy;
  }

  it('is found, and exactly the first entry that is another one is named; only a cut at the end cannot be seen in the log itself', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.array(edits, { minLength: 1, maxLength: 3 }), (count, list) => {
        const texts = log(count);
        const now = list.reduce((before, edit) => (before.length === 0 ? before : edited(before, edit)), texts);
        const first = now.findIndex((text, i) => text !== texts[i]);
        expect(firstFault(seal, 'sac-1', now, { others: ['sac-2'] })?.entry).toBe(first < 0 ? undefined : first + 1);
        for (const { kind } of list) seen.add(`${kind} ${first >= 0}`);
      }),
      { numRuns: 2000 },
    );
    for (const kind of kinds) expect([...seen]).toContain(`${kind} true`);
  });
});

describe('a log that an older bot began', () => {
  const old = bodies(3);
  const grown = [...old, ...chained(seal, seal.begin('sac-1', old), bodies(4, 4)).texts];
  const adopted = { entries: 3, sha256: digestOfTexts(old) };

  it('is whole with what the journal says of it, before and after the first sealed entry', () => {
    expect(firstFault(seal, 'sac-1', old, { adopted })).toBeUndefined();
    expect(firstFault(seal, 'sac-1', grown, { adopted })).toBeUndefined();
  });

  it('and not without, nor when an old entry was changed or removed', () => {
    expect(firstFault(seal, 'sac-1', grown)).toMatchObject({ entry: 1, what: expect.stringContaining('carries no seal') });
    const changed = grown.with(1, (grown[1] ?? '').replace('U1', 'U2'));
    expect(firstFault(seal, 'sac-1', changed, { adopted })).toMatchObject({ entry: 1, what: expect.stringContaining('of the first 3') });
    expect(firstFault(seal, 'sac-1', old.slice(0, 2), { adopted })).toMatchObject({ entry: 3, what: expect.stringContaining('missing') });
  });

  it('the seal of the first entry after them is for them and for no others, whatever the journal said', () => {
    const other = [...bodies(2), JSON.stringify({ seq: 3, type: 'approved' })];
    const moved = [...other, ...grown.slice(3)];
    expect(firstFault(seal, 'sac-1', moved, { adopted: { entries: 3, sha256: digestOfTexts(other) } })?.entry).toBe(4);
  });

  it('an older bot that went on beside a newer one is named', () => {
    expect(firstFault(seal, 'sac-1', [...log(3), ...bodies(1, 4)])).toMatchObject({
      entry: 4,
      what: expect.stringContaining('a bot older than sealing'),
    });
  });
});

describe('a chain whose beginning is elsewhere', () => {
  it('is checked from the seal on that it follows', () => {
    const texts = log(8, 'journal');
    const after = { entries: 5, head: unsealed(texts[4] ?? '').mac ?? '' };
    expect(firstFault(seal, 'journal', texts.slice(5), { after })).toBeUndefined();
    expect(firstFault(seal, 'journal', texts.slice(6), { after })).toMatchObject({ entry: 6 });
    expect(firstFault(seal, 'journal', texts.slice(5), { after: { ...after, head: '0'.repeat(64) } })?.entry).toBe(6);
  });
});

describe('the key', () => {
  it('is told from another, and is nowhere in what it seals', () => {
    expect(seal.id).toMatch(/^[0-9a-f]{16}$/);
    expect(seal.id).not.toBe(stranger.id);
    expect(JSON.stringify([seal, log()])).not.toContain(testKey);
  });

  it('without it nothing is sealed, with the error that says why', () => {
    const none = noSealing(new Error('there is no key'));
    expect(() => none.begin('sac-1')).toThrow('there is no key');
    expect(() => none.mac('', '{}')).toThrow('there is no key');
  });
});

it('every event of a whole rollback is sealed, read back and checked; so is text that looks like a seal', () => {
  const { events } = storyAt('complete');
  const told = [...events, { type: 'x', seq: events.length + 1, text: `\u2028 😀 ","mac":"${'a'.repeat(64)}"}` }].map((event) =>
    JSON.stringify(event),
  );
  const { texts } = chained(seal, seal.begin('sac-42'), told);
  expect(firstFault(seal, 'sac-42', texts)).toBeUndefined();
  expect(texts.map((text) => unsealed(text).body)).toEqual(told);
});
