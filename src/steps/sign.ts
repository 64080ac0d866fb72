import { z } from 'zod';
import type { StepKind } from '../domain/step.ts';
import { line } from './schema.ts';

interface Params {
  readonly by: string;
  readonly shown: readonly string[];
}

const schema = z.strictObject({
  by: line.describe('Who signs: a name of `people`, @user or @group.'),
  shown: z.array(line).min(1).describe('Names of measured values that are shown to be signed.'),
});

/** One person signs measured numbers. Nothing waits for it. */
export const sign: StepKind<Params> = {
  key: 'sign',
  version: 1,
  about: 'One person signs the measured numbers; nothing waits for it.',
  place: 'bot',
  schema,
  plan: (params) => ({ work: { type: 'sign', by: params.by, shown: params.shown } }),
};
