import { z } from 'zod';
import { type Kinds, stepSchema } from './kinds.ts';
import { systemSchema } from './schema.ts';

/** The JSON Schema by which editors complete and check system files: the same zod schemas that read them, with all kinds. */
export function jsonSchemaOf(kinds: Kinds): Record<string, unknown> {
  const step = z.union(Object.values(kinds.steps).map((kind) => stepSchema(kind).describe(kind.about)));
  const proofItem = z.union(Object.values(kinds.proofs).map((kind) => kind.schema.describe(kind.about)));
  const schema = z.toJSONSchema(systemSchema(step, proofItem), { io: 'input', unrepresentable: 'any' });
  return { ...schema, title: 'A system that rollback-bot can roll back' };
}
