import { z } from 'zod';
import type { StepKind } from '../domain/step.ts';
import { orShort } from './schema.ts';

interface Params {
  readonly template: 'initial' | 'progress' | 'completion';
}

const template = z.enum(['initial', 'progress', 'completion']).describe('The message that the audiences are owed from here on.');

/** From this step on the audiences are owed a message. Nothing waits for its delivery. */
export const announce: StepKind<Params> = {
  key: 'announce',
  version: 1,
  about: 'From here on the audiences are owed a message: initial, progress or completion.',
  place: 'bot',
  schema: orShort('template', template, z.strictObject({ template })),
  plan: (params) => ({ work: { type: 'announce', template: params.template } }),
};
