import { readFileSync } from 'node:fs';

const page = readFileSync(new URL('../../../docs/operate.md', import.meta.url), 'utf8');

/** The ACL line of docs/operate.md, with another password and, where asked for, more rules behind it. */
export function aclLine(password: string, user = 'bot', ...more: readonly string[]): string {
  const line = /^user bot on >\S+ .*$/m.exec(page)?.[0];
  if (!line) throw new Error('docs/operate.md has no ACL line');
  return [line.replace(/^user bot on >\S+/, `user ${user} on >${password}`), ...more].join(' ');
}
