import { App, LogLevel } from '@slack/bolt';
import type { Workspace } from '../../../lab/workspace/start.ts';

/** A Bolt app that talks to this workspace as it would to Slack; quiet, and without retries that would hide a refusal. */
export const boltApp = (workspace: Workspace): App =>
  new App({
    token: workspace.botToken,
    appToken: workspace.appToken,
    socketMode: true,
    logLevel: LogLevel.ERROR,
    logger: { debug() {}, info() {}, warn() {}, error() {}, setLevel() {}, getLevel: () => LogLevel.ERROR, setName() {} },
    clientOptions: { slackApiUrl: workspace.apiUrl, retryConfig: { retries: 0 } },
  });

/** One raw answer of the Web API. */
export interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { ok: boolean; error?: string };
}

/** Calls a Web API method as a form, objects as JSON strings, as Slack's client does. */
export async function call(
  workspace: Workspace,
  method: string,
  args: Record<string, unknown> = {},
  token: string | null = workspace.botToken,
): Promise<Answer> {
  const entries = Object.entries(args).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]);
  const response = await fetch(workspace.apiUrl + method, {
    method: 'POST',
    body: new URLSearchParams(Object.fromEntries(entries) as Record<string, string>),
    headers: token === null ? {} : { authorization: `Bearer ${token}` },
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
}

/** Posts to a response_url. */
export async function respond(url: string, body: object): Promise<{ status: number; text: string }> {
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return { status: response.status, text: await response.text() };
}

/** A section of mrkdwn. */
export const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });

/** A block with these buttons, by action_id. */
export const buttons = (...ids: string[]) => ({
  type: 'actions',
  elements: ids.map((id) => ({ type: 'button', action_id: id, value: `${id}-value`, text: { type: 'plain_text', text: id } })),
});

/** A modal with one input. */
export const modal = (extra: object = {}) => ({
  type: 'modal',
  callback_id: 'reason',
  title: { type: 'plain_text', text: 'Reject' },
  submit: { type: 'plain_text', text: 'Reject' },
  blocks: [{ type: 'input', block_id: 'why', label: { type: 'plain_text', text: 'Why?' }, element: { type: 'plain_text_input', action_id: 'text' } }],
  ...extra,
});
