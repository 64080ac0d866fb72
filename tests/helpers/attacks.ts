import { connect } from 'node:net';
import { type Signed, sign } from '../../lab/workspace/http/sign.ts';

/** Where the bot listens, and the secret that only Slack and the bot know. */
export interface Target {
  readonly port: number;
  readonly signingSecret: string;
}

/** A request that is not Slack's, and the status that it must be answered with. */
export interface Attack {
  readonly name: string;
  readonly status: number;
  /** Sends it; answers the status. */
  send(target: Target): Promise<number>;
}

/** Stands in every body: nothing of a body may be in the log. */
export const inBody = 'body-of-an-attack';

const path = '/slack/events';
const form = 'application/x-www-form-urlencoded';
const maxBodyBytes = 1024 * 1024;
const command = (text: string): string =>
  new URLSearchParams({
    command: '/rollback',
    text,
    user_id: 'U0RILEYRE',
    user_name: 'riley',
    channel_id: 'C0INCTRAD',
    team_id: 'T0ACME',
    trigger_id: `attack.${Math.random()}`,
    response_url: `http://127.0.0.1:1/${inBody}`,
  }).toString();

const nowS = (): number => Math.floor(Date.now() / 1000);

/** POSTs what is given; answers the status. */
export async function post({ port }: Target, body: string, headers: Partial<Signed> & Record<string, string>, to = path): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}${to}`, { method: 'POST', headers: { 'content-type': form, ...headers }, body });
  return response.status;
}

/** Writes this text to the port as it is, piece by piece, until an answer comes; answers its status. */
export function raw({ port }: Target, head: string, pieces: Iterable<string> = [], everyMs = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', async () => {
      socket.write(head);
      for (const piece of pieces) {
        if (socket.destroyed || answer !== '') break;
        await new Promise<void>((go) => socket.write(piece, () => setTimeout(go, everyMs)));
      }
    });
    const end = (): void => {
      const status = /^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1];
      if (status === undefined) reject(new Error(`no answer: ${JSON.stringify(answer)}`));
      else resolve(Number(status));
    };
    socket.on('data', (data) => {
      answer += String(data);
    });
    socket.on('error', () => undefined); // cut off while writing: what counts is what was answered before
    socket.on('close', end);
  });
}

function* chunks(count: number, bytes: number): Generator<string> {
  for (let i = 0; i < count; i++) yield `${bytes.toString(16)}\r\n${'x'.repeat(bytes)}\r\n`;
}

function* forEver(): Generator<string> {
  for (;;) yield 'x';
}

const head = (lines: Record<string, string>, method = 'POST'): string =>
  `${method} ${path} HTTP/1.1\r\nHost: bot\r\nContent-Type: ${form}\r\n${Object.entries(lines)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;

const signed = ({ signingSecret }: Target, body: string, atS = nowS()): Signed & Record<string, string> => ({ ...sign(signingSecret, body, atS) });

/** Every request that must be turned away, but the replays: those need one that was let in. `text` is what the forged commands ask for. */
export function attacks(text: string): readonly Attack[] {
  const body = command(text);
  return [
    { name: 'no signature', status: 401, send: (target) => post(target, body, {}) },
    { name: 'a signature made with another secret', status: 401, send: (target) => post(target, body, { ...sign('f'.repeat(32), body) }) },
    { name: 'a signature cut short', status: 401, send: (target) => post(target, body, cut(signed(target, body))) },
    {
      name: 'a signature of another version',
      status: 401,
      send: (target) => {
        const headers = signed(target, body);
        return post(target, body, { ...headers, 'x-slack-signature': headers['x-slack-signature'].replace('v0', 'v1') });
      },
    },
    { name: 'rightly signed, five minutes and a little old', status: 401, send: (target) => post(target, body, signed(target, body, nowS() - 303)) },
    { name: 'rightly signed, from the future', status: 401, send: (target) => post(target, body, signed(target, body, nowS() + 303)) },
    {
      name: 'a time stamp changed after signing',
      status: 401,
      send: (target) => post(target, body, { ...signed(target, body, nowS() - 900), 'x-slack-request-timestamp': String(nowS()) }),
    },
    {
      name: 'a time stamp that is no number',
      status: 401,
      send: (target) => post(target, body, { ...signed(target, body), 'x-slack-request-timestamp': '1e9' }),
    },
    { name: 'the signature of another body', status: 401, send: (target) => post(target, body, signed(target, `${body}&x=1`)) },
    { name: 'ssl_check with a command beside it', status: 200, send: (target) => post(target, `ssl_check=1&${body}`, {}) },
    {
      name: 'a body over the limit, by its length',
      status: 413,
      send: (target) => raw(target, head({ 'Content-Length': String(maxBodyBytes + 1) })),
    },
    {
      name: 'a body over the limit, in chunks without a length',
      status: 413,
      send: (target) => raw(target, head({ 'Transfer-Encoding': 'chunked' }), chunks(40, 64 * 1024)),
    },
    {
      name: 'a body that never ends, a byte at a time',
      status: 408,
      send: (target) => raw(target, head({ 'Content-Length': '100000' }), forEver(), 200),
    },
    { name: 'headers that never end', status: 408, send: (target) => raw(target, `POST ${path} HTTP/1.1\r\nX-Slow: `, forEver(), 200) },
    { name: 'headers over the limit', status: 431, send: (target) => raw(target, head({ 'X-Large': 'x'.repeat(20_000) })) },
    { name: 'no HTTP at all', status: 400, send: (target) => raw(target, 'rollback sac v0.1.0\r\n\r\n') },
    { name: 'GET', status: 405, send: (target) => raw(target, head({ Connection: 'close' }, 'GET')) },
    { name: 'PUT, rightly signed', status: 405, send: (target) => put(target, body) },
    { name: 'another path, rightly signed', status: 404, send: (target) => post(target, body, signed(target, body), '/slack/events/') },
    { name: 'a secret in the query', status: 401, send: (target) => post(target, body, {}, `${path}?token=${inBody}`) },
    { name: 'the path of an installer', status: 404, send: (target) => post(target, body, signed(target, body), '/slack/install') },
    {
      name: 'a command as JSON that is none, rightly signed',
      status: 400,
      send: (target) => post(target, body, { ...signed(target, body), 'content-type': 'application/json' }),
    },
    {
      name: 'another content type, rightly signed',
      status: 415,
      send: (target) => post(target, body, { ...signed(target, body), 'content-type': 'text/plain' }),
    },
    {
      name: 'a payload that is not JSON, rightly signed',
      status: 400,
      send: (target) => {
        const broken = `payload=%7B${inBody}`;
        return post(target, broken, signed(target, broken));
      },
    },
  ];
}

const cut = (headers: Signed & Record<string, string>) => ({ ...headers, 'x-slack-signature': headers['x-slack-signature'].slice(0, -1) });

async function put(target: Target, body: string): Promise<number> {
  const url = `http://127.0.0.1:${target.port}${path}`;
  return (await fetch(url, { method: 'PUT', headers: { 'content-type': form, ...signed(target, body) }, body })).status;
}
