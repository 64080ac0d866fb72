import fc from 'fast-check';

/**
 * Stands in every hostile word that would do something, and never alone: where it is found between marks of formatting, or as the name of a file, the
 * word did what it should not.
 */
export const CANARY = 'q7x';
/** Text that would begin a line of its own, and look like one of ours. */
const fakeLine = (end: string): string => `AHEAD7${end}FAKE7 line`;
/** The same where it did. */
export const FAKED = /AHEAD7[^\S\n]*\n\s*FAKE7/;

const fence = '```';

/** Words that do something in Slack where they are not escaped. */
export const markup: readonly string[] = [
  '<!channel>',
  `<!here|${CANARY}>`,
  '<!everyone>',
  '@here',
  '@channel',
  '@everyone',
  '<@U0VICTIM1>',
  '<!subteam^S0VICTIM1>',
  '<#C0VICTIM1>',
  `<https://evil.example/${CANARY}|${CANARY}>`,
  `*${CANARY}*`,
  `_${CANARY}_`,
  `~${CANARY}~`,
  `\`${CANARY}\``,
  `:${CANARY}:`,
  fence,
  `${fence}\n<!here>\n${fence}`,
  fakeLine('\n'),
  fakeLine('\r\n'),
  fakeLine('\u2028'),
  `&${CANARY};`,
  '&lt;!channel&gt;',
  '&amp;',
  '|',
  '> ',
  '<',
  '>',
  '<!',
  '<@',
  '<!date^0^{time}|x>',
];

/** Words that do something in a shell where they are not quoted, or in an option list. */
export const shellWords: readonly string[] = [
  `$(touch ${CANARY})`,
  `\`touch ${CANARY}\``,
  `;touch ${CANARY};`,
  `|touch ${CANARY}`,
  `&touch ${CANARY}&`,
  `\ntouch ${CANARY}\n`,
  `>${CANARY}`,
  `';touch ${CANARY};'`,
  `";touch ${CANARY};"`,
  "'",
  '"',
  '\\',
  '*',
  '?',
  '~',
  `\${IFS}touch\${IFS}${CANARY}`,
  '$HOME',
  '%s%n',
  '!!',
  '#',
  '-',
  '--',
  '-rf',
  `--output=${CANARY}`,
  `-o${CANARY}`,
  `--upload-pack=touch ${CANARY}`,
  `--exec=touch ${CANARY}`,
  `-ccore.sshCommand=touch ${CANARY}`,
  `ext::sh -c touch% ${CANARY}`,
  '--help',
];

/** Words that mean something to git, to JavaScript, to a template or to a number parser. */
export const otherWords: readonly string[] = [
  'HEAD',
  'HEAD~1',
  '@{-1}',
  'main',
  ':/',
  '^{}',
  '..',
  'refs/heads/main',
  '../../etc/passwd',
  '/etc/passwd',
  '.lock',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'null',
  'undefined',
  '{{release.tag}}',
  '{{{x}}}',
  '{{#each}}',
  '1e309',
  '-1',
  '99999999999999999999',
  'NaN',
  '\0',
  '\u0007',
  '\u001b[31m',
  `\u001b]0;${CANARY}\u0007`,
  '\u202e',
  '\u2066',
  '\u200b',
  '\ufeff',
  '\ud800',
  '\udc00',
  '\u0085',
  'é',
  '😀',
  'ﷺ',
];

const anyWord = fc.constantFrom(...markup, ...shellWords, ...otherWords);
const huge = fc.constantFrom(
  'x'.repeat(5000),
  '&'.repeat(4000),
  '<'.repeat(3000),
  '`'.repeat(3100),
  '😀'.repeat(1600),
  'a '.repeat(2000),
  '\n'.repeat(900),
);

/** Pieces of text, put together with or without blanks between them. */
export const joinedOf = (piece: fc.Arbitrary<string>, maxLength = 8): fc.Arbitrary<string> =>
  fc.tuple(fc.array(piece, { minLength: 1, maxLength }), fc.constantFrom('', ' ')).map(([pieces, by]) => pieces.join(by));

/** Any text: words that would do harm, any signs of Unicode, much of it. */
export const hostile: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 6,
    arbitrary: joinedOf(fc.oneof({ weight: 4, arbitrary: anyWord }, { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) })),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 1, arbitrary: huge },
);

/** The same, never longer than a short line. */
export const hostileWord: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: joinedOf(anyWord, 3) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
);

/** Good text, now and then spoiled: what gets past a parser and does its harm behind it. */
export const mostly = (good: fc.Arbitrary<string>, weight = 4): fc.Arbitrary<string> =>
  fc.oneof(
    { weight, arbitrary: good },
    { weight: 1, arbitrary: hostileWord },
    { weight: 1, arbitrary: fc.tuple(good, hostileWord, fc.boolean()).map(([text, word, isBefore]) => (isBefore ? word + text : text + word)) },
  );

/** Any JSON, with names that JavaScript knows. */
export const anyJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, 0, -1, 1.5, 1e308, Number.MAX_SAFE_INTEGER, ''),
    hostileWord,
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(fc.constantFrom('__proto__', 'constructor', 'rollback', 'digest', 'run', 'host', 'page', 'toString'), tie('value')), {
        maxLength: 5,
      })
      .map((pairs) => JSON.parse(`{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`) as unknown),
  ),
})).value;

/** Any bytes, as a host may print them. */
export const anyBytes: fc.Arbitrary<Buffer> = fc.oneof(
  hostile.map((text) => Buffer.from(text)),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(hostile, fc.uint8Array({ maxLength: 20 }), hostile).map(([a, bytes, b]) => Buffer.concat([Buffer.from(a), bytes, Buffer.from(b)])),
);
