import { fieldsOf, listOf } from './values.ts';

/** A runbook with its proof as it is written, right or wrong: the normal one, or that of a variant. */
export interface Book {
  /** Of the mapping that holds `runbook` and `proof`. */
  readonly path: readonly PropertyKey[];
  readonly fields: Readonly<Record<string, unknown>>;
  /** Absent for the normal one. */
  readonly variant?: string;
}

/** All runbooks of a file. */
export function booksIn(file: unknown): Book[] {
  const variants = Object.entries(fieldsOf(fieldsOf(file).variants));
  return [
    { path: [], fields: fieldsOf(file) },
    ...variants.map(([variant, fields]) => ({ path: ['variants', variant], fields: fieldsOf(fields), variant })),
  ];
}

/** A phase as it is written, with its path. */
export interface PlacedPhase {
  readonly path: readonly PropertyKey[];
  readonly fields: Readonly<Record<string, unknown>>;
}

/** All phases of a runbook. */
export function phasesIn(book: Book): PlacedPhase[] {
  return listOf(book.fields.runbook).map((phase, i) => ({ path: [...book.path, 'runbook', i], fields: fieldsOf(phase) }));
}

/** A step as it is written, with its path and the fields of its phase. */
export interface Placed {
  readonly path: readonly PropertyKey[];
  readonly value: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly phase: Readonly<Record<string, unknown>>;
}

/** All steps of a phase. */
export function stepsOf({ path, fields: phase }: PlacedPhase): Placed[] {
  return listOf(phase.steps).map((value, j) => ({ path: [...path, 'steps', j], value, fields: fieldsOf(value), phase }));
}

/** All steps of a runbook. */
export const stepsIn = (book: Book): Placed[] => phasesIn(book).flatMap(stepsOf);

/** A line of proof as it is written, with its path and role. */
export interface PlacedProof {
  readonly path: readonly PropertyKey[];
  readonly role: string;
  readonly value: unknown;
}

/** All lines of proof of a runbook. */
export function proofsIn(book: Book): PlacedProof[] {
  return Object.entries(fieldsOf(book.fields.proof)).flatMap(([role, lines]) =>
    listOf(lines).map((value, i) => ({ path: [...book.path, 'proof', role, i], role, value })),
  );
}
