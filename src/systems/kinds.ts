import { type ZodType, z } from 'zod';
import { nearest } from '../domain/nearest.ts';
import type { AnyProofKind } from '../domain/proof.ts';
import type { AnyStepKind } from '../domain/step.ts';
import { readBy } from './issues.ts';
import { didYouMean, type Mistake, shown } from './problem.ts';
import { stepFields } from './schema.ts';
import { fieldsOf } from './values.ts';

/** The kinds there are, by their key in the YAML. */
export interface Kinds {
  readonly steps: Readonly<Record<string, AnyStepKind>>;
  readonly proofs: Readonly<Record<string, AnyProofKind>>;
}

const plainStep = z.object(stepFields);

/** The fields of a step beside its kind. */
export type StepFields = z.output<typeof plainStep>;

/** A step of this kind as it is written: its kind is its key. */
export const stepSchema = (kind: AnyStepKind): ZodType => z.strictObject({ ...stepFields, [kind.key]: kind.schema });

/** A step that was read; `params` are as written, for `{{…}}` is filled in before the kind's own schema reads them. */
export interface StepRead {
  readonly fields: StepFields;
  readonly kind: string;
  readonly params: unknown;
}

/** Reads one step by the kind that it names. */
export function readStep(value: unknown, kinds: Kinds['steps'], path: readonly PropertyKey[]): { step?: StepRead; mistakes: readonly Mistake[] } {
  const keys = Object.keys(fieldsOf(value)).filter((key) => !(key in stepFields));
  const named = keys.filter((key) => Object.hasOwn(kinds, key));
  const plain = readBy(plainStep, value, path);
  const [key] = named;
  const kind = key === undefined ? undefined : kinds[key];
  if (key === undefined || kind === undefined) return { mistakes: [...plain.mistakes, ...noKind(keys, Object.keys(kinds), path)] };
  if (named.length > 1) return { mistakes: [...plain.mistakes, twoKinds(named, path)] };
  const { mistakes } = readBy(stepSchema(kind), value, path);
  if (mistakes.length > 0 || plain.data === undefined) return { mistakes };
  return { step: { fields: plain.data, kind: key, params: fieldsOf(value)[key] }, mistakes: [] };
}

function noKind(keys: readonly string[], kinds: readonly string[], path: readonly PropertyKey[]): Mistake[] {
  if (keys.length === 0) return [{ path, message: 'This step does nothing', advice: `Add what it does. ${didYouMean([], kinds)}` }];
  return keys.map((key) => ({
    path: [...path, key],
    at: 'key' as const,
    message: `${shown(key)} is no kind of step`,
    advice: didYouMean(nearest(key, [...kinds, ...Object.keys(stepFields)]), kinds),
  }));
}

const twoKinds = (named: readonly string[], path: readonly PropertyKey[]): Mistake => ({
  path: [...path, named[1] ?? ''],
  at: 'key',
  message: `One step does ${named.join(' and ')}`,
  advice: 'Make a step of each',
});

/** Reads one line of proof: its kind is the one of its keys that names one, its params are the whole line as written. */
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
