import type { z } from 'zod';
import type { ProofItem } from '../domain/system.ts';
import { type Book, booksIn, phasesIn, proofsIn, stepsOf } from './books.ts';
import { type KindRead, type Kinds, readKind, readProof } from './kinds.ts';
import type { Mistake } from './problem.ts';
import { haltBackFields, haltFields, stepFields } from './runbooks.ts';
import { fieldsOf } from './values.ts';

/** A step that was read. */
export type StepRead = KindRead<z.output<z.ZodObject<typeof stepFields>>>;

/** A runbook that was read: its steps by phase, its proof by role. */
export interface BookRead {
  readonly steps: readonly (readonly StepRead[])[];
  readonly proof: Readonly<Record<string, readonly ProofItem[]>>;
}

/** The containment that was read, and its way back. */
export interface HaltRead {
  readonly halt: KindRead<z.output<z.ZodObject<typeof haltFields>>>;
  readonly back: KindRead<z.output<z.ZodObject<typeof haltBackFields>>>;
}

/** All of a file that is read by kinds. What is in it is whole where there are no mistakes. */
export interface ByKinds {
  readonly normal: BookRead;
  readonly variants: Readonly<Record<string, BookRead>>;
  readonly halt?: HaltRead;
  readonly mistakes: readonly Mistake[];
}

/** Reads steps, proof and halt by the kinds that they name. */
export function readByKinds(file: unknown, kinds: Kinds): ByKinds {
  const mistakes: Mistake[] = [];
  const books = booksIn(file).map((book) => [book.variant, readBook(book, kinds, mistakes)] as const);
  const [[, normal] = [undefined, { steps: [], proof: {} }], ...others] = books;
  const variants = Object.fromEntries(others.map(([name, book]) => [name ?? '', book]));
  const halt = fieldsOf(file).halt === undefined ? undefined : readHalt(fieldsOf(file).halt, kinds, mistakes);
  return { normal, variants, ...(halt && { halt }), mistakes };
}

function readBook(book: Book, kinds: Kinds, mistakes: Mistake[]): BookRead {
  const steps = phasesIn(book).map((phase) =>
    stepsOf(phase).flatMap(({ value, path }) => {
      const one = readKind(value, stepFields, kinds.steps, path);
      mistakes.push(...one.mistakes);
      return one.read ? [one.read] : [];
    }),
  );
  return { steps, proof: readProofs(book, kinds, mistakes) };
}

function readProofs(book: Book, kinds: Kinds, mistakes: Mistake[]): Record<string, ProofItem[]> {
  const proof = new Map<string, ProofItem[]>();
  for (const { role, value, path } of proofsIn(book)) {
    const read = readProof(value, kinds.proofs, path);
    mistakes.push(...read.mistakes);
    if (read.kind !== undefined) proof.set(role, [...(proof.get(role) ?? []), { kind: read.kind, params: value }]);
  }
  return Object.fromEntries(proof);
}

/** A halt is a step on hosts, and what takes it back is another. */
function readHalt(value: unknown, kinds: Kinds, mistakes: Mistake[]): HaltRead | undefined {
  const onHosts = Object.fromEntries(Object.entries(kinds.steps).filter(([, kind]) => kind.place === 'host'));
  const { back: backValue, ...own } = fieldsOf(value);
  const halt = readKind(own, haltFields, onHosts, ['halt']);
  mistakes.push(...halt.mistakes);
  if (backValue === undefined) {
    mistakes.push({
      path: ['halt'],
      at: 'key',
      message: 'Nothing takes the halt back',
      advice: 'Add back: { name: Resume, … } with the opposite step',
    });
    return undefined;
  }
  const back = readKind(backValue, haltBackFields, onHosts, ['halt', 'back']);
  mistakes.push(...back.mistakes);
  return halt.read && back.read && { halt: halt.read, back: back.read };
}
