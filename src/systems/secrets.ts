interface SecretFound {
  readonly offset: number;
  readonly message: string;
  readonly advice: string;
}

/** A shape that secrets have; where the whole match is not what decides, `isInnocent` looks at its last group. */
type Shape = readonly [what: string, pattern: RegExp, isInnocent?: (value: string) => boolean];

const called = '(?:token|secret|passw(?:or)?d|passphrase|api[_-]?key|(?:secret|private)[_-]?(?:access[_-]?)?key|credentials?)';

/** Shapes of services' own keys are as GitHub's secret scanning and gitleaks know them; the last ones go by the name that stands before a value. Every repetition is bounded, or read once. */
const shapes: readonly Shape[] = [
  ['a GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{10,}|github_pat_\w{10,})/g],
  ['a GitLab token', /\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[\w-]{16,}/g],
  ['a Slack token', /\bx(?:ox[abceoprs]|app)-[A-Za-z0-9-]{8,}/g],
  ['the address of a webhook, which is a secret', /\bhttps:\/\/hooks\.slack(?:-gov)?\.com\/(?:services|workflows|triggers)\/[\w/]{8,}/g],
  ['the address of a webhook, which is a secret', /\bhttps:\/\/(?:[\w.-]+\.webhook\.office\.com|discord(?:app)?\.com\/api\/webhooks)\/[^\s"']{12,}/g],
  ['an AWS key', /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}/g],
  ['an AWS secret key', /(?:[=:][ \t]*|["'])([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/g, isNoRandomKey],
  ['a Google key', /\bAIza[\w-]{35}/g],
  [
    'a key of a service',
    /\b(?:[rs]k_(?:live|test)_|sk-(?:ant-|proj-)?)[\w-]{20,}|\bnpm_[A-Za-z0-9]{30,}|\bpypi-[\w-]{30,}|\bSG\.[\w-]{16,}\.[\w-]{16,}/g,
  ],
  ['a JSON Web Token', /(?<![\w-])eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}/g],
  ['a private key', /-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\bLS0tLS1CRUdJTi[\w+/]{8,}|\bPuTTY-User-Key-File-\d/g],
  ['a password in a URL', /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s/:@'"]{0,200}:([^\s/@'"{}$]{1,400})@/g, isName],
  ['a secret in a URL', new RegExp(`[?&][\\w.-]{0,40}?(?:${called}|access[_-]?key|sig(?:nature)?|code|auth)=([^\\s&"'#]{8,})`, 'gi'), isName],
  ['a login', /\bauthorization["']?[ \t]*[=:][ \t]*["']?(?:basic|bearer|token)[ \t]+([^\s"',}]{8,})/gi, isName],
  ['a login', /\b(?:curl|wget|https?)\b[^\n]{0,300}?\s(?:-u|--user|--proxy-user)[ =]?["']?[\w.@-]+:([^\s"':/]{6,})/gm, isName],
  [
    'a secret',
    new RegExp(`(?<![\\w-])[\\w-]{0,40}?${called}["']?[ \\t]*[=:][ \\t]*(?:[|>][+-]?[ \\t]*\\n[ \\t]*)?["']?([^\\s"',}]{8,})`, 'gi'),
    isName,
  ],
];

/** The name of a variable (`GITHUB_TOKEN`, `$TOKEN`, `${{ … }}`, `<token>`) or of a file (`/run/secrets/token`) in a secret's place is none. */
function isName(value: string): boolean {
  return /^(?:[A-Z][A-Z_]*(?:[0-9]{0,2}_?[A-Z_]*)(?![\w+/=-])|[${<|>&*!%]|\.{0,2}\/[\w.-]+\/)/.test(value);
}

/** Forty signs of base64 that are a path, words, or the digits of a commit. */
function isNoRandomKey(value: string): boolean {
  const isMixed = /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value);
  return !isMixed || /^[0-9a-f]+$/i.test(value) || (value.match(/\//g)?.length ?? 0) > 3;
}

/**
 * Text that looks like a secret, anywhere in a file, comments too. What is found is never repeated in the message.
 * A name of an environment variable (`token: GITHUB_TOKEN`) is none. One place is told once.
 */
export function secretsIn(text: string): SecretFound[] {
  const all = shapes.flatMap(([what, pattern, isInnocent]) =>
    [...text.matchAll(pattern)].flatMap((match) =>
      isInnocent?.(match[1] ?? '') ? [] : [{ from: match.index, to: match.index + match[0].length, what }],
    ),
  );
  const apart = all.filter((one, i) => !all.slice(0, i).some((other) => one.from < other.to && other.from < one.to));
  return apart.map(({ from, what }) => ({
    offset: from,
    message: `This looks like ${what}`,
    advice: 'Put it in an environment variable and write its name here; what was ever committed must be revoked',
  }));
}
