import { z } from 'zod';
import { duration } from '../domain/duration.ts';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { StepKind } from '../domain/step.ts';
import { orShort, webAddress } from './schema.ts';
import { die, shellWork } from './shell.ts';

interface Params {
  readonly url: string;
  readonly expect?: number | undefined;
  readonly contains?: string | undefined;
  readonly within?: number | undefined;
}

const url = webAddress.describe('The address, as the host itself reaches it.');
const expect = z.int().min(100).max(599).optional().describe('The status that is right. Default: 200.');
const contains = z.string().min(1).optional().describe('Text that the body must hold.');
const within = duration.optional().describe('For how long it is asked again until it answers rightly. Default: 30s.');

/** Asks an address until it answers rightly or the time is over. Changes nothing. */
export const http: StepKind<Params> = {
  key: 'http',
  version: 1,
  about: 'Asks a web address from the host until its status and body are right.',
  place: 'host',
  schema: orShort('url', url, z.strictObject({ url, expect, contains, within })),
  plan(params, _facts, where) {
    const withinMs = params.within ?? 30_000;
    return { work: shellWork(where, { command: ask(params, Math.ceil(withinMs / 1000)), from: '', to: '', atLeastMs: withinMs + 15_000 }) };
  },
};

/** curl without the user's curlrc, patterns in URLs, or a proxy for the host itself. */
export function curl(address: string, maxSeconds: number): Sh {
  const own = /^https?:\/\/(localhost|127\.[\d.]+|\[::1\])([:/?#]|$)/i.test(address);
  return sh`curl -q -g -sS --max-time ${maxSeconds} ${raw(own ? "--noproxy '*' " : '')}--url ${address}`;
}

function ask(params: Params, seconds: number): Sh {
  const status = String(params.expect ?? 200);
  const holds = params.contains === undefined ? sh`:` : sh`grep -qF -e ${params.contains} "$body"`;
  return script(
    die,
    sh`body=$(mktemp) || die 'no temporary file can be made'; trap 'rm -f -- "$body"' EXIT; trap 'exit 143' TERM INT HUP`,
    sh`end=$(($(date +%s) + ${seconds}))`,
    sh`while :; do
  : > "$body"
  status=$(${raw(curl(params.url, 10))} -o "$body" -w '%{http_code}' 2>"$body.err"); why=$(cat "$body.err"); rm -f -- "$body.err"
  [ "$status" = ${status} ] && ${raw(holds)} && right=yes && break
  right=no
  [ "$(date +%s)" -lt "$end" ] || break
  sleep 1
done`,
    sh`echo ${`${params.url}:`}" $status $why"; head -c 1024 -- "$body"; echo`,
    sh`[ "$right" = yes ] || die ${`the answer is not ${status}${params.contains === undefined ? '' : ` with ${params.contains}`}`}`,
  );
}
