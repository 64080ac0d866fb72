interface SecretFound {
  readonly offset: number;
  readonly message: string;
  readonly advice: string;
}

const shapes: readonly (readonly [what: string, pattern: RegExp])[] = [
  ['a GitHub token', /\b(gh[pousr]_[A-Za-z0-9]{10,}|github_pat_\w{10,})/g],
  ['a Slack token', /\bx(?:ox[abeprs]|app)-[A-Za-z0-9-]{8,}/g],
  ['an AWS key', /\b(?:AKIA|ASIA)[A-Z0-9]{12,}/g],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/g],
  ['a password in a URL', /\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@'"]*:[^\s/@'"{}$]+@/g],
  [
    'a secret',
    /(?:\b|_)(?:[Tt]oken|TOKEN|[Ss]ecret|SECRET|[Pp]assw(?:or)?d|PASSW(?:OR)?D|[Aa]pi[_-]?[Kk]ey|API_?KEY)["']?\s*[=:]\s*["']?(?![A-Z][A-Z0-9_]*\b|[${<"'])[^\s"',}]{8,}/g,
  ],
];

/**
 * Text that looks like a secret, anywhere in a file, comments too. What is found is never repeated in the message.
 * A name of an environment variable (`token: GITHUB_TOKEN`) is none.
 */
export function secretsIn(text: string): SecretFound[] {
  return shapes.flatMap(([what, pattern]) =>
    [...text.matchAll(pattern)].map((match) => ({
      offset: match.index,
      message: `This looks like ${what}`,
      advice: 'Put it in an environment variable and write its name here; what was ever committed must be revoked',
    })),
  );
}
