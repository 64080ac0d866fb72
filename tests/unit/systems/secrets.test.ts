import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { secretsIn } from '../../../src/systems/secrets.ts';

const root = new URL('../../../', import.meta.url).pathname;
const of = (alphabet: string, length: number) => fc.string({ unit: fc.constantFrom(...alphabet), minLength: length, maxLength: length });
const [upper, lower, digits] = ['ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz', '0123456789'];
const word = upper + lower + digits;
/** Random, and seen to be so. */
const random = (length: number) => of(word, length - 3).map((text) => `${text}aB7`);

/** Made up here, piece by piece, so that no scanner takes this file for one that holds secrets. */
const made: Readonly<Record<string, fc.Arbitrary<string>>> = {
  'GitHub token': random(36).map((text) => `ghp${'_'}${text}`),
  'fine-grained GitHub token': random(60).map((text) => `github${'_'}pat_${text}`),
  'GitLab token': random(20).map((text) => `glpat${'-'}${text}`),
  'Slack bot token': random(24).map((text) => `xoxb${'-'}123456789012-${text}`),
  'Slack webhook': random(24).map((text) => `https://hooks.slack.com/${'services'}/T0ABCDEF/B0ABCDEF/${text}`),
  'Teams webhook': random(30).map((text) => `https://acme.webhook.office.com/webhookb2/${text}`),
  'AWS key id': of(upper + digits, 16).map((text) => `AKIA${text}`),
  'AWS secret key by name': random(40).map((text) => `aws_secret_access_key = ${text}`),
  'AWS secret key by shape': random(40).map((text) => `aws: "${text}"`),
  'Google key': random(35).map((text) => `AIza${text}`),
  'Stripe key': random(24).map((text) => `sk${'_'}live_${text}`),
  'npm token': random(36).map((text) => `npm${'_'}${text}`),
  JWT: fc.tuple(random(20), random(40), random(43)).map(([head, body, seal]) => `eyJ${head}.eyJ${body}.${seal}`),
  'PEM key': fc.constantFrom('', 'RSA ', 'EC ', 'OPENSSH ', 'ENCRYPTED ').map((kind) => `-----BEGIN ${kind}PRIVATE${' '}KEY-----`),
  'PEM key in base64': random(20).map((text) => `LS0tLS1CRUdJTi${text}`),
  'password in a URL': random(12).map((text) => `postgres://bot:${text}@db.example/trades`),
  'password in a URL without a user': random(12).map((text) => `redis://:${text}@redis.example`),
  'token in a URL': random(20).map((text) => `https://ci.example/run?job=deploy&token=${text}`),
  'signature in a URL': random(30).map((text) => `https://flows.example/invoke?api-version=1&sig=${text}`),
  'basic authentication': random(20).map((text) => `Authorization: Basic ${text}`),
  bearer: random(30).map((text) => `curl -H 'authorization: Bearer ${text}' https://ci.example`),
  'login of curl': random(12).map((text) => `curl -u deploy:${text} https://ci.example`),
  password: random(12).map((text) => `password: ${text}`),
  'password in JSON': random(12).map((text) => `"db_password": "${text}"`),
  'password in a variable': random(12).map((text) => `PGPASSWORD=${text} psql`),
  'API key': random(16).map((text) => `EXCHANGE_API_KEY=${text}`),
  'password in a block': random(14).map((text) => `password: |\n  ${text}`),
};

/** What stands in system files, and is nobody's secret. */
const path = fc.array(of(lower + digits, 6), { minLength: 1, maxLength: 6 }).map((parts) => `/${parts.join('/')}`);
const innocent = fc.oneof(
  fc.constantFrom(
    '# Tokens and secrets are in the environment of the bot.',
    'token: GITHUB_TOKEN',
    'run: docker exec --user deploy:www-data app ls',
    'run: install -u app:appgroup x',
    '  secret: DEPLOY_TOKEN',
    'github: { token: GITHUB_TOKEN_2 }',
  ),
  fc.constantFrom(
    'api_key: $API_KEY',
    `run: curl -H "token=$${'{TOKEN}'}" x`,
    'password: <yours>',
    'run: deploy --token "$DEPLOY_TOKEN"',
    'password_file: /run/secrets/db',
  ),
  fc.constantFrom(
    'deploy ALL=(root) NOPASSWD: /usr/bin/systemctl stop sac-agent-service',
    'hosts: [deploy@prod-1:2222]',
    'redis://bot:PASSWORD@redis.example',
  ),
  fc.constantFrom(
    '{ name: sac_pnl_1h, metric: sac_pnl_1h, at: "http://localhost:8080/metrics" }',
    'ports: ["8000:8000"]',
    'symptoms: not described yet',
  ),
  fc.constantFrom(
    'repository: git@github.com:acme/trade-agent.git',
    'repository: ssh://deploy@prod-1:2222/opt/x.git',
    'run: docker run --user 1000:1000 x',
  ),
  of('0123456789abcdef', 40).map((sha) => `commit: ${sha}`),
  of('0123456789abcdef', 64).map((sum) => `image: agentrader@sha256:${sum}`),
  random(43).map((text) => `key: "SHA256:${text}"`),
  path.map((text) => `dir: ${text}`),
  fc.tuple(path, of(lower, 8)).map(([where, name]) => `run: python ${where.slice(1)}.py --config ${name}.json`),
  fc.tuple(of(digits, 1), of(digits, 2)).map(([major, minor]) => `- { id: ${major}.${minor}, name: Code, git.restore: code }`),
);

describe('what looks like a secret in a system file', () => {
  test.each(Object.keys(made))('%s is found wherever it stands, once, and not repeated', (name) => {
    fc.assert(
      fc.property(
        fc.array(innocent, { maxLength: 3 }),
        made[name] as fc.Arbitrary<string>,
        fc.array(innocent, { maxLength: 3 }),
        (before, secret, after) => {
          const text = [...before, secret, ...after].join('\n');
          const start = before.join('\n').length + (before.length > 0 ? 1 : 0);
          const found = secretsIn(text);
          expect(found).toHaveLength(1);
          expect(found[0]?.offset).toBeGreaterThanOrEqual(start);
          expect(found[0]?.offset).toBeLessThan(start + secret.length);
          expect(JSON.stringify(found)).not.toContain('aB7');
        },
      ),
      { numRuns: 40 },
    );
  });

  test('what is none is not refused', () => {
    fc.assert(
      fc.property(fc.array(innocent, { minLength: 1, maxLength: 12 }), (lines) => {
        expect(secretsIn(lines.join('\n'))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  test('the two systems, their audiences, and what the documents show are none', () => {
    const files = execFileSync('git', ['ls-files', 'systems', 'docs', 'README.md', 'lab/samples/sudoers-deploy'], { cwd: root, encoding: 'utf8' });
    const texts = files
      .trim()
      .split('\n')
      .filter((file) => /\.(ya?ml|md|json)$|sudoers/.test(file));
    expect(texts.length).toBeGreaterThan(20);
    for (const file of texts) expect({ file, found: secretsIn(readFileSync(`${root}${file}`, 'utf8')) }).toEqual({ file, found: [] });
  });

  test('a text of a megabyte without any is read in a moment', () => {
    for (const line of ['token', 'a-_', 'eyJ', 'https://x:', 'password ', 'x.y']) {
      const text = line.repeat(1_000_000 / line.length);
      const startedMs = performance.now();
      secretsIn(text);
      expect(performance.now() - startedMs, line).toBeLessThan(5000);
    }
  }, 60_000);
});
