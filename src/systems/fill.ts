import Handlebars from 'handlebars';
import { nearest } from '../domain/nearest.ts';
import { didYouMean } from './problem.ts';

/** What `{{…}}` in a step's params may name. Releases come from the repository's whitelisted names, the rest from the system file: never from a person. */
export interface FillValues {
  readonly release: {
    readonly tag: string | undefined;
    readonly version: string;
    readonly commit: string;
    readonly package_version: string | undefined;
  };
  readonly host: { readonly name: string };
  readonly role: { readonly name: string; readonly dir: string };
}

/** All names that may stand in `{{…}}`. */
export const fillNames = [
  'release.tag',
  'release.version',
  'release.commit',
  'release.package_version',
  'host.name',
  'role.name',
  'role.dir',
] as const;

/** `{{…}}` that cannot be filled: not a known name, or this release has no such thing. */
export class FillError extends Error {
  readonly code: 'name-unknown' | 'value-missing';
  readonly advice: string;
  constructor(code: FillError['code'], message: string, advice: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FillError';
    this.code = code;
    this.advice = advice;
  }
}

/** Fills `{{…}}` in every string of `params`, keys excepted. Pure. Throws FillError. */
export function fillParams<T>(params: T, values: FillValues): T {
  return fillAny(params, values) as T;
}

function fillAny(value: unknown, values: FillValues): unknown {
  if (typeof value === 'string') return fillText(value, values);
  if (Array.isArray(value)) return value.map((item) => fillAny(item, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, fillAny(item, values)]));
}

function fillText(text: string, values: FillValues): string {
  if (!text.includes('{{')) return text;
  const wrong = checkFill(text);
  if (wrong) throw new FillError('name-unknown', wrong.message, wrong.advice);
  try {
    return Handlebars.compile(text, { strict: true, noEscape: true, knownHelpersOnly: true })(withoutUndefined(values));
  } catch (cause) {
    const [, name] = /"([^"]+)" not defined/.exec(String(cause)) ?? [];
    const message = `This release has no ${name ?? 'such value'}, which ${text} needs`;
    throw new FillError('value-missing', message, 'Name a release that has it (a tag), or change the step in the system file', { cause });
  }
}

/** Strict mode lets an undefined value pass as nothing; only a missing one is an error. */
function withoutUndefined(values: FillValues): unknown {
  return JSON.parse(JSON.stringify(values));
}

/** What is wrong with the `{{…}}` in a text; undefined when it can be filled. */
export function checkFill(text: string): { message: string; advice: string } | undefined {
  let body: hbs.AST.Statement[];
  try {
    body = Handlebars.parse(text).body;
  } catch (error) {
    const reason = String(error instanceof Error ? error.message : error).split('\n')[0];
    return { message: `{{…}} cannot be read here (${reason})`, advice: 'Write \\{{ for braces that are not to be filled' };
  }
  return body.map(checkStatement).find((wrong) => wrong !== undefined);
}

function checkStatement(statement: hbs.AST.Statement): { message: string; advice: string } | undefined {
  if (statement.type === 'ContentStatement') return undefined;
  const { path, params, hash } = statement as hbs.AST.MustacheStatement;
  if (statement.type !== 'MustacheStatement' || !('original' in path) || params.length > 0 || hash) {
    return { message: 'Only a name may stand in {{…}}', advice: `${didYouMean([], fillNames)}; ${literally}` };
  }
  const name = String(path.original);
  if (fillNames.some((known) => known === name)) return undefined;
  return { message: `{{${name}}} is not known`, advice: `${didYouMean(nearest(name, fillNames), fillNames)}; ${literally}` };
}

const literally = 'write \\{{ for braces that are not to be filled';
