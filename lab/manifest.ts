import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** The scopes that the Slack app's manifest asks for: the local workspace grants these and no others. */
export function manifestScopes(): string[] {
  const text = readFileSync(new URL('../slack-app-manifest.yaml', import.meta.url), 'utf8');
  return (parse(text) as { oauth_config: { scopes: { bot: string[] } } }).oauth_config.scopes.bot;
}
