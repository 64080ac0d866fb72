import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { slackPath } from '../../../src/bot/http.ts';

const root = new URL('../../../', import.meta.url);

interface Manifest {
  readonly features: { readonly slash_commands: readonly { readonly command: string; readonly should_escape: boolean }[] };
  readonly oauth_config: { readonly scopes: { readonly bot: readonly string[] } };
  readonly settings: Record<string, unknown>;
}
const manifest = parse(readFileSync(new URL('slack-app-manifest.yaml', root), 'utf8')) as Manifest;
const scopes = manifest.oauth_config.scopes.bot;

/** What Slack asks for: public and private channels and direct messages each have their own. https://docs.slack.dev/reference/methods */
const needs: Readonly<Record<string, readonly string[]>> = {
  'chat.delete': ['chat:write'],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'conversations.history': ['channels:history', 'groups:history', 'im:history'],
  'conversations.replies': ['channels:history', 'groups:history', 'im:history'],
  'conversations.list': ['channels:read', 'groups:read'],
  'conversations.members': ['channels:read', 'groups:read'],
  'conversations.open': ['im:write'],
  'usergroups.list': ['usergroups:read'],
  'usergroups.users.list': ['usergroups:read'],
  'users.conversations': ['channels:read', 'groups:read'],
  'users.info': ['users:read'],
  'users.list': ['users:read'],
  'views.open': [],
  'views.update': [],
};

/** Every Web API method that the product's source calls on a client. */
function methodsUsed(): string[] {
  const files = readdirSync(new URL('src/', root), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  const text = files.map((name) => readFileSync(new URL(`src/${name}`, root), 'utf8')).join('\n');
  const calls = text.matchAll(
    /\bclient\s*\.\s*((?:chat|conversations|users|usergroups|views|reactions|pins|files|auth|apps|bots|team)(?:\.\w+)+)\s*\(/g,
  );
  return [...new Set([...calls].map(([, method]) => method ?? ''))].sort();
}

describe('the Slack app manifest', () => {
  it('asks for the scopes of every method that is called, and for no others', () => {
    const used = methodsUsed();
    expect(used).toContain('chat.postMessage');
    expect(used.filter((method) => !Object.hasOwn(needs, method))).toEqual([]);
    const wanted = new Set(['commands', ...used.flatMap((method) => needs[method] ?? [])]);
    expect([...scopes].sort()).toEqual([...wanted].sort());
  });

  it('HTTP mode: what docs/install.md changes in it, sends everything to where the bot listens', () => {
    const changes = /```yml\n([\s\S]*?)```/.exec(readFileSync(new URL('docs/install.md', root), 'utf8'))?.[1] ?? '';
    const { features, settings } = parse(changes) as {
      features: { slash_commands: { command: string; url: string }[] };
      settings: { interactivity: { request_url: string }; socket_mode_enabled: boolean };
    };
    expect(features.slash_commands.map(({ command }) => command)).toEqual(['/rollback']);
    for (const url of [features.slash_commands[0]?.url ?? '', settings.interactivity.request_url]) expect(new URL(url).pathname).toBe(slackPath);
    expect(settings.socket_mode_enabled).toBe(false);
  });

  it('has what the app listens to', () => {
    expect(manifest.features.slash_commands).toEqual([expect.objectContaining({ command: '/rollback', should_escape: false })]);
    expect(manifest.settings).toMatchObject({ socket_mode_enabled: true, interactivity: { is_enabled: true }, token_rotation_enabled: false });
  });
});
