import type { ProofItem, RunbookPhase, RunbookStep, Variant } from '../domain/system.ts';
import type { Kinds } from './kinds.ts';
import { reordered } from './order.ts';
import type { BookRead, StepRead } from './read.ts';
import type { PhaseLine, SystemFile, VariantLine } from './schema.ts';
import { fieldsOf, given, mapped } from './values.ts';

/** A person as the workspace writes it, looked up in `people`. */
export const personOf = (name: string, file: SystemFile): string => (Object.hasOwn(file.people, name) ? (file.people[name] ?? name) : name);

/** The phases of a runbook with the steps that were read, each on its role. */
export function phasesOf(phases: readonly PhaseLine[], book: BookRead, file: SystemFile, kinds: Kinds): RunbookPhase[] {
  return phases.map((phase, i) => ({
    name: phase.phase,
    estimateMs: phase.estimate,
    testsFromTarget: phase.tests_from === 'target',
    steps: (book.steps[i] ?? []).map((step) => stepOf(step, phase.on, file, kinds)),
  }));
}

function stepOf({ fields, kind, params }: StepRead, phaseOn: string | undefined, file: SystemFile, kinds: Kinds): RunbookStep {
  const { id, name, timeout, verify, cannot_undo } = fields;
  const on = kinds.steps[kind]?.place === 'bot' ? undefined : (fields.on ?? phaseOn);
  const own = kind === 'sign' ? signedBy(params, file) : params;
  return given({ id, name, kind, params: own, on, timeoutMs: timeout, verify, cannotUndo: cannot_undo });
}

function signedBy(params: unknown, file: SystemFile): unknown {
  const { by } = fieldsOf(params);
  return typeof by === 'string' ? { ...fieldsOf(params), by: personOf(by, file) } : params;
}

/** The runbook and proof that a variant falls back to. */
export interface Normal {
  readonly runbook: readonly RunbookPhase[];
  readonly proof: Readonly<Record<string, readonly ProofItem[]>>;
}

/** All variants of a file: their own runbook and proof where they have some, else the normal ones, in their order. */
export function variantsOf(file: SystemFile, books: Readonly<Record<string, BookRead>>, normal: Normal, kinds: Kinds): Record<string, Variant> {
  return mapped(file.variants, (line, name): Variant => {
    const book = books[name] ?? { steps: [], proof: {} };
    return {
      name,
      about: line.about,
      target: line.version,
      byHand: line.by_hand,
      runbook: runbookOf(line, book, normal, file, kinds),
      proof: line.proof === undefined ? normal.proof : book.proof,
    };
  });
}

function runbookOf(line: VariantLine, book: BookRead, normal: Normal, file: SystemFile, kinds: Kinds): readonly RunbookPhase[] {
  if (line.runbook !== undefined) return phasesOf(line.runbook, book, file, kinds);
  return line.order === undefined ? normal.runbook : reordered(normal.runbook, line.order);
}
