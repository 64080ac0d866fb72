import { z } from 'zod';
import { type Kinds, kindSchema } from './kinds.ts';
import { haltBackFields, haltFields, stepFields } from './runbooks.ts';
import { systemSchema } from './schema.ts';

/** The JSON Schema by which editors complete and check system files: the same zod schemas that read them, with all kinds. */
export function jsonSchemaOf(kinds: Kinds): Record<string, unknown> {
  const step = z.union(Object.values(kinds.steps).map((kind) => kindSchema(stepFields, kind).describe(kind.about)));
  const proofItem = z.union(Object.values(kinds.proofs).map((kind) => kind.schema.describe(kind.about)));
  const schema = z.toJSONSchema(systemSchema({ step, proofItem, halt: haltSchema(kinds) }), { io: 'input', unrepresentable: 'any', reused: 'ref' });
  return { ...schema, title: 'A system that rollback-bot can roll back' };
}

/** With each kind as a field that may be there: one shape for every pair of kinds would be hundreds. Reading a file says what is wrong exactly. */
function haltSchema(kinds: Kinds): z.ZodType {
  const onHosts = Object.values(kinds.steps).filter((kind) => kind.place === 'host');
  const fields = Object.fromEntries(onHosts.map((kind) => [kind.key, kind.schema.optional().describe(kind.about)]));
  return z.strictObject({ ...haltFields, ...fields, back: z.strictObject({ ...haltBackFields, ...fields }) });
}
