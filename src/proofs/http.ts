import { z } from 'zod';
import type { ProofKind } from '../domain/proof.ts';
import type { Release } from '../domain/release.ts';
import { raw, script, sh } from '../domain/sh.ts';
import { curl } from '../steps/http.ts';
import { webAddress } from '../steps/schema.ts';
import { complaint } from '../steps/shell.ts';

interface Params {
  readonly http: string;
  readonly version?: string | undefined;
}

const schema = z.strictObject({
  http: webAddress.describe('The address, as the host itself reaches it; the answer must be 200.'),
  version: z.string().min(1).optional().describe("A field of the JSON answer that holds the release's version; a.b for a field inside another."),
});

/** The service answers 200 and, where a field is named, says the target's version. */
export const http: ProofKind<Params> = {
  key: 'http',
  version: 1,
  about: 'The service answers 200 and says the version that was asked for.',
  identifies: (params) => params.version !== undefined,
  schema,
  probes: (params) => [script(sh`${raw(curl(params.http, 10))} -w '\\n%{http_code}'`)],
  judge(params, { readings: [reading] }, where) {
    const { target } = where;
    const wanted = target.packageVersion ?? target.version;
    const expected = params.version === undefined ? '200' : `200, version ${wanted}`;
    const text = reading?.stdout ?? '';
    const cut = text.trimEnd().lastIndexOf('\n');
    const status = text.slice(cut + 1).trim();
    const ill = status === '200' ? {} : { ill: `${new URL(params.http).pathname} answers ${/^[1-9]\d{2}$/.test(status) ? status : 'nothing'}` };
    if (!/^\d{3}$/.test(status) || status === '000') return { found: `no answer: ${complaint(reading)}`, expected, ok: false, ...ill };
    if (params.version === undefined) return { found: status, expected, ok: status === '200', ...ill };
    const version = field(text.slice(0, cut), params.version);
    const found = `${status}, ${version === undefined ? `no field ${params.version}` : `version ${version}`}`;
    return {
      found,
      expected,
      ok: status === '200' && version !== undefined && isVersion(version, target),
      ...(version !== undefined && { version }),
      ...ill,
    };
  },
};

/** Any of the release's names, with or without a leading v. */
function isVersion(said: string, target: Release): boolean {
  const plain = (text: string) => text.replace(/^v(?=\d)/, '');
  return [target.packageVersion, target.version, target.tag].some((name) => name !== undefined && plain(name) === plain(said));
}

function field(body: string, name: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return undefined;
  }
  for (const part of name.split('.'))
    value = value !== null && typeof value === 'object' && Object.hasOwn(value, part) ? Reflect.get(value, part) : undefined;
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 100) : undefined;
}
