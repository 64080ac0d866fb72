import { z } from 'zod';
import { duration } from '../../../src/domain/duration.ts';
import type { AnyProofKind } from '../../../src/domain/proof.ts';
import type { AnyStepKind } from '../../../src/domain/step.ts';

const step = (key: string, place: AnyStepKind['place'], schema: z.ZodType): [string, AnyStepKind] => [
  key,
  { key, version: 1, about: `Does ${key}.`, place, schema, plan: () => ({ work: { type: 'announce', template: 'initial' } }) },
];

const proof = (key: string, schema: z.ZodType): [string, AnyProofKind] => [
  key,
  { key, version: 1, about: `Proves ${key}.`, identifies: true, schema, judge: () => ({ found: '', expected: '', ok: true }) },
];

/** A few small kinds of each place, so that reading system files is tested without the real ones. */
export const kinds = {
  steps: Object.fromEntries([
    step('run', 'host', z.string().min(1).describe('A command')),
    step('git.restore', 'host', z.union([z.string().transform((group) => ({ group })), z.strictObject({ group: z.string() })])),
    step('backup.restore', 'host', z.string()),
    step('watch', 'host', z.strictObject({ unit: z.string().describe('The unit'), for: duration.prefault('2m').describe('How long') })),
    step('remove', 'host', z.strictObject({ groups: z.array(z.string()), keep: duration })),
    step('systemd.stop', 'host', z.string()),
    step('systemd.start', 'host', z.string()),
    step('check', 'hosts', z.array(z.enum(['state', 'backups', 'disk']))),
    step('announce', 'bot', z.enum(['initial', 'progress', 'completion'])),
    step('sign', 'bot', z.strictObject({ by: z.string(), shown: z.array(z.string()) })),
  ]),
  proofs: Object.fromEntries([
    proof('commit', z.strictObject({ commit: z.literal('head') })),
    proof('tree', z.strictObject({ tree: z.string(), at: z.string().optional() })),
    proof('gone', z.strictObject({ gone: z.string() })),
    proof('http', z.strictObject({ http: z.string(), version: z.string().optional() })),
  ]),
};
