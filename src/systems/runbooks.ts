import { type ZodType, z } from 'zod';
import { duration } from '../domain/duration.ts';
import { line, plainName, someone, word } from './fields.ts';

/** The document's own number of a step. */
const stepId = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((id) => /^[A-Za-z0-9][A-Za-z0-9.-]{0,19}$/.test(id), 'an id is digits, letters, dots and dashes, at most 20: 11.2');

/** The fields of every step beside the one that is its kind. */
export const stepFields = {
  id: stepId.describe('The document’s own number'),
  name: line.describe('What people call the step'),
  on: word.optional().describe('The role it runs on; the phase’s when absent'),
  timeout: duration.optional().describe('After this time it is stopped and has failed'),
  verify: line.optional().describe('A command in the role’s directory that must succeed afterwards'),
  cannot_undo: line.optional().describe('Why undo cannot bring back what the step does'),
};

/** The fields of a halt beside its kind. `back` is read by its own kind. */
export const haltFields = {
  name: line.describe('What the button says: Stop trading'),
  on: word.describe('The role on whose hosts it is done'),
  by: someone.optional().describe('Who may; who approves when absent'),
  warn: line.describe('What it does not do: Open positions stay open.'),
};

/** The fields of a halt's way back beside its kind. */
export const haltBackFields = { name: line.describe('What the button says: Resume trading') };

const phase = (step: ZodType) =>
  z.strictObject({
    phase: line.describe('Name of the phase'),
    estimate: duration.describe('How long it takes, as the document says'),
    on: word.optional().describe('The role its steps run on'),
    tests_from: z.literal('target').optional().describe('`target`: commands run in the tree of the release that goes in'),
    steps: z.array(step).min(1).describe('In this order'),
  });

/** Phases in order. */
export const runbook = (step: ZodType) => z.array(phase(step)).min(1);

/** By role: what proves that a host is as it should be. */
export const proof = (item: ZodType) => z.record(word, z.array(item).min(1));

/** Another runbook of the system; `phases` and `proofs` are the schemas of its own. */
const variant = <R extends ZodType, P extends ZodType>(phases: R, proofs: P) =>
  z.strictObject({
    about: line.describe('What it does otherwise than the normal runbook, in a sentence'),
    version: z
      .enum(['asked', 'last-proven', 'none'])
      .default('asked')
      .describe('Which release: the one that was typed; last known good unless one was typed; or it has none'),
    by_hand: z.boolean().default(false).describe('People run the commands and tick them off; the bot only proves'),
    order: z.array(stepId).min(1).optional().describe('The normal runbook’s steps in another order; `11` means 11, 11.1, 11.2 …'),
    runbook: phases.optional().describe('Its own phases, as above; the normal ones when absent'),
    proof: proofs.optional().describe('Its own proof, as below; the normal one when absent'),
  });

/** All variants by name. */
export const variants = <R extends ZodType, P extends ZodType>(phases: R, proofs: P) => z.record(plainName, variant(phases, proofs));

/** What an answer to the question `scenario` selects. */
export const scenario = z.strictObject({
  variant: plainName.optional().describe('The variant it is handled by; the normal runbook when absent'),
  roles: z.array(word).min(1).optional().describe('Only these roles are changed and proven; all when absent'),
  without: z.array(stepId).default([]).describe('Steps that are left out; `11` means 11.1 too'),
});
