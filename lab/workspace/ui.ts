import type { IncomingMessage, ServerResponse } from 'node:http';
import { click, clickInView, suggest } from './acts/click.ts';
import { command, openHome, say } from './acts/command.ts';
import type { Desk } from './acts/desk.ts';
import { isWithBot } from './acts/desk.ts';
import type { Given } from './acts/pick.ts';
import { close, submit } from './acts/submit.ts';
import { sendJson } from './api.ts';
import { isObject } from './blockkit/schema.ts';
import { parseJson, readBody } from './body.ts';
import type { Json } from './model.ts';
import { BOT } from './people/people.ts';

const text = (body: Json, name: string): string => (typeof body[name] === 'string' ? body[name] : '');
const given = (body: Json): Given | undefined => (body.value === undefined ? undefined : (body.value as Given));
const values = (body: Json): Record<string, Given> => (isObject(body.values) ? (body.values as Record<string, Given>) : {});

type Act = (desk: Desk, userId: string, body: Json) => unknown;

const ACTS: Record<string, Act> = {
  command: (desk, user, body) => command(desk, user, text(body, 'channel'), text(body, 'text')),
  say: (desk, user, body) => say(desk, user, text(body, 'channel'), text(body, 'text'), text(body, 'threadTs') || undefined),
  click: (desk, user, body) => click(desk, user, text(body, 'channel'), text(body, 'ts'), text(body, 'actionId'), given(body)),
  'click-view': (desk, user, body) => clickInView(desk, user, text(body, 'viewId'), text(body, 'actionId'), given(body), values(body)),
  suggest: (desk, user, body) => suggest(desk, user, whereOf(body), text(body, 'actionId'), text(body, 'typed')),
  submit: (desk, user, body) => submit(desk, text(body, 'viewId'), user, values(body)),
  close: (desk, user, body) => close(desk, text(body, 'viewId'), user, body.all === true),
  dismiss: (desk, user, body) => dismiss(desk, user, body),
  direct: (desk, user) => openDirect(desk, user),
};

const whereOf = (body: Json): Parameters<typeof suggest>[2] =>
  body.viewId === undefined ? { channelId: text(body, 'channel'), ts: text(body, 'ts') } : { viewId: text(body, 'viewId') };

function dismiss(desk: Desk, userId: string, body: Json): Json {
  const message = desk.state.ephemerals.find((one) => one.ephemeralTo === userId && one.ts === text(body, 'ts'));
  if (message) desk.state.remove(message);
  return { ok: true };
}

function openDirect(desk: Desk, userId: string): Json {
  const channel = desk.state.direct(BOT.userId, userId);
  if (isWithBot(channel)) openHome(desk, userId);
  return { channel };
}

/** Does what a page asks for its person: `/ui/<act>`. A body that is not JSON, or from another site's page, is refused. */
export async function answerUi(desk: Desk, name: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const act = Object.hasOwn(ACTS, name) ? ACTS[name] : undefined;
  if (!act) return sendJson(response, 404, { ok: false, error: 'unknown_act' });
  const isOurs = request.headers['content-type'] === 'application/json' && isSameOrigin(request);
  if (!isOurs) return sendJson(response, 403, { ok: false, error: 'forbidden' });
  const body = parseJson(await readBody(request));
  try {
    sendJson(response, 200, (await act(desk, text(body, 'user'), body)) ?? { ok: true });
  } catch (error) {
    sendJson(response, 400, { ok: false, error: error instanceof Error ? error.message : String(error) });
  }
}

/** True unless a page of another site asks. */
export function isSameOrigin(request: IncomingMessage): boolean {
  const { origin, host } = request.headers;
  return origin === undefined || origin === `http://${host ?? ''}`;
}
