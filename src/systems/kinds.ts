import { type ZodRawShape, type ZodType, z } from 'zod';
import { nearest } from '../domain/nearest.ts';
import type { AnyProofKind } from '../domain/proof.ts';
import type { AnyStepKind } from '../domain/step.ts';
import { readBy } from './issues.ts';
import { didYouMean, type Mistake, shown } from './problem.ts';
import { fieldsOf } from './values.ts';

/** The kinds there are, by their key in the YAML. */
export interface Kinds {
  readonly steps: Readonly<Record<string, AnyStepKind>>;
  readonly proofs: Readonly<Record<string, AnyProofKind>>;
}

/** Something of a kind as it is written: its kind is its key, beside these fields. */
export const kindSchema = (fields: ZodRawShape, kind: AnyStepKind): ZodType => z.strictObject({ ...fields, [kind.key]: kind.schema });

/** Something of a kind that was read; `params` are as written, for `{{…}}` is filled in before the kind's own schema reads them. */
export interface KindRead<F> {
  readonly fields: F;
  readonly kind: string;
  readonly params: unknown;
}

/** What was read, when there is no mistake in it. */
export interface Read<T> {
  readonly read?: T;
  readonly mistakes: readonly Mistake[];
}

/** Reads a step, or a halt, by the one kind that it names; `fields` are those that it has beside it. */
export function readKind<S extends ZodRawShape>(
  value: unknown,
  fields: S,
  kinds: Kinds['steps'],
  path: readonly PropertyKey[],
): Read<KindRead<z.output<z.ZodObject<S>>>> {
  const keys = Object.keys(fieldsOf(value)).filter((key) => !(key in fields));
  const named = keys.filter((key) => Object.hasOwn(kinds, key));
  const plain = readBy(z.object(fields), value, path);
  const [key] = named;
  const kind = key === undefined ? undefined : kinds[key];
  if (key === undefined || kind === undefined) return { mistakes: [...plain.mistakes, ...noKind(keys, kinds, fields, path)] };
  if (named.length > 1) return { mistakes: [...plain.mistakes, twoKinds(named, path)] };
  const { mistakes } = readBy(kindSchema(fields, kind), value, path);
  if (mistakes.length > 0 || plain.data === undefined) return { mistakes };
  return { read: { fields: plain.data, kind: key, params: fieldsOf(value)[key] }, mistakes: [] };
}

function noKind(keys: readonly string[], known: Kinds['steps'], fields: ZodRawShape, path: readonly PropertyKey[]): Mistake[] {
  const kinds = Object.keys(known);
  if (keys.length === 0) return [{ path, message: 'This step does nothing', advice: `Add what it does. ${didYouMean([], kinds)}` }];
  return keys.map((key) => ({
    path: [...path, key],
    at: 'key' as const,
    message: `${shown(key)} is no kind of step`,
    advice: didYouMean(nearest(key, [...kinds, ...Object.keys(fields)]), kinds),
  }));
}

const twoKinds = (named: readonly string[], path: readonly PropertyKey[]): Mistake => ({
  path: [...path, named[1] ?? ''],
  at: 'key',
  message: `One step does ${named.join(' and ')}`,
  advice: 'Make a step of each',
});

/** Reads one line of proof: its kind is the first of its keys that names one; it is read as a whole, as written. */
export function readProof(value: unknown, kinds: Kinds['proofs'], path: readonly PropertyKey[]): { kind?: string; mistakes: readonly Mistake[] } {
  const keys = Object.keys(fieldsOf(value));
  const key = keys.find((one) => Object.hasOwn(kinds, one));
  const kind = key === undefined ? undefined : kinds[key];
  if (key !== undefined && kind !== undefined) {
    const { mistakes } = readBy(kind.schema, value, path);
    return { kind: key, mistakes };
  }
  const near = keys.flatMap((one) => nearest(one, Object.keys(kinds)));
  return { mistakes: [{ path, message: `${shown(keys.join(', '))} is no kind of proof`, advice: didYouMean(near, Object.keys(kinds)) }] };
}
