import type { ZodType, z } from 'zod';
import { nearest } from '../domain/nearest.ts';
import { didYouMean, type Mistake, shown } from './problem.ts';
import { valueAt } from './values.ts';

type Issue = z.core.$ZodIssue;

const separator = '\u0000';

/** Reads a value by a schema; mistakes have paths from the root of the file, in words for people. */
export function readBy<T>(schema: ZodType<T>, value: unknown, base: readonly PropertyKey[] = []): { data?: T; mistakes: Mistake[] } {
  const result = schema.safeParse(value, { error: nameNearest });
  if (result.success) return { data: result.data, mistakes: [] };
  return { mistakes: result.error.issues.flatMap((issue) => mistakesOf(issue, value, [])).map((one) => ({ ...one, path: [...base, ...one.path] })) };
}

/** Zod's own message does not say which keys there are; its schema, known only while it parses, does. */
function nameNearest(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code !== 'unrecognized_keys') return undefined;
  const def = issue.inst?._zod.def as { shape?: object } | undefined;
  return Object.keys(def?.shape ?? {}).join(separator);
}

function mistakesOf(issue: Issue, root: unknown, above: readonly PropertyKey[]): Mistake[] {
  const path = [...above, ...issue.path];
  const value = valueAt(root, path);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, issue.message.split(separator), path));
  if (issue.code === 'invalid_union') return unionMistakes(issue, root, path);
  if (value === undefined) return [{ path, message: `${label(path)} is missing`, advice: `Add it: ${wanted(issue)}` }];
  if (issue.code === 'invalid_key') {
    return [{ path, at: 'key', message: `${shown(path.at(-1))} cannot be a name here`, advice: issue.issues[0]?.message ?? issue.message }];
  }
  if (issue.code === 'invalid_type') return [{ path, message: `${label(path)} is ${typeName(value)}`, advice: `Write ${wanted(issue)}` }];
  if (issue.code === 'invalid_value') return [oneOf(value, issue.values.map(String), path)];
  return [{ path, message: `${label(path)} cannot be ${shown(value)}`, advice: issue.message }];
}

function unknownKey(key: string, known: readonly string[], path: readonly PropertyKey[]): Mistake {
  return { path: [...path, key], at: 'key', message: `${shown(key)} is not known here`, advice: didYouMean(nearest(key, known), known) };
}

function oneOf(value: unknown, values: readonly string[], path: readonly PropertyKey[]): Mistake {
  return { path, message: `${label(path)} cannot be ${shown(value)}`, advice: didYouMean(nearest(String(value), values), values) };
}

/** Of several shapes, the one meant is the one of the right type with the fewest mistakes. */
function unionMistakes(issue: Issue & { code: 'invalid_union' }, root: unknown, path: readonly PropertyKey[]): Mistake[] {
  const fitting = issue.errors.filter((branch) => branch.length > 0 && !branch.some(wrongAtRoot)).sort((a, b) => weight(a) - weight(b));
  const [meant] = fitting;
  if (meant) return meant.flatMap((inner) => mistakesOf(inner, root, path));
  const value = valueAt(root, path);
  const choices = [...new Set(issue.errors.flatMap((branch) => branch.filter(wrongAtRoot).map(wanted)))].join(', or ');
  if (value === undefined) return [{ path, message: `${label(path)} is missing`, advice: `Add it: ${choices}` }];
  return [{ path, message: `${label(path)} is ${typeName(value)}`, advice: `Write ${choices || 'what the reference says'}` }];
}

const wrongAtRoot = (issue: Issue) => issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');
const weight = (issues: readonly Issue[]) => issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0);

/** `timeout`, or `hosts[2]` counted from 1. */
function label(path: readonly PropertyKey[]): string {
  const last = path.at(-1);
  if (last === undefined) return 'This';
  return typeof last === 'number' ? `${String(path.at(-2) ?? 'item')}[${last + 1}]` : String(last);
}

function wanted(issue: Issue): string {
  if (issue.code === 'invalid_value') return issue.values.map(String).join(', ');
  if (issue.code !== 'invalid_type') return issue.message;
  const names: Readonly<Record<string, string>> = {
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true or false',
    array: 'a list',
    object: 'fields',
    record: 'fields',
  };
  return names[issue.expected] ?? issue.expected;
}

function typeName(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a set of fields';
  return `the ${typeof value === 'string' ? 'text' : typeof value} ${shown(value)}`;
}
