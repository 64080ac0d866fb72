import { z } from 'zod';
import { fillNames } from './fill.ts';
import type { Kinds } from './kinds.ts';
import { haltBackFields, haltFields, stepFields } from './runbooks.ts';
import { announcementsSchema, systemSchema } from './schema.ts';

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
  readonly pattern?: string;
}

const where = {
  host: 'on each host of its role (needs `on`)',
  hosts: 'on each host of its role, or of the whole system without `on`',
  bot: 'by the bot, once',
  either: 'by the bot, once; with `on`, once for each host of the role',
};

/** The reference of system files as Markdown: every field, step kind and proof kind with units and defaults, from the schemas themselves. */
export function referenceOf(kinds: Kinds): string {
  const steps = Object.values(kinds.steps).sort((a, b) => a.key.localeCompare(b.key));
  const proofs = Object.values(kinds.proofs).sort((a, b) => a.key.localeCompare(b.key));
  return [
    '# Reference of system files',
    '<!-- Made by scripts/docs.ts from the schemas; do not edit. -->',
    'A system is one YAML file in `systems/`. Times are a number and `ms`, `s`, `m`, `h` or `d`: `90s`, `30m`, `4h`. Fields with a * must be there.',
    '## The file',
    'Beside its own fields, `halt` has the key of one kind of step that is done on hosts, and so has `halt.back`.',
    fieldsTable(jsonOf(systemSchema({ step: z.unknown(), proofItem: z.unknown(), halt }))),
    '## Announcements',
    'A file of its own, named by `announcements`: a list, each item with exactly one of `within`, `every`, `affected_over`.',
    fieldsTable(jsonOf(announcementsSchema).items ?? {}),
    '## Steps',
    `The kind of a step is its key: \`{ id: 4, name: Code, git.restore: code }\`. In what follows the key, \`{{…}}\` is filled in for each host: ${fillNames.map((name) => `\`{{${name}}}\``).join(', ')}.`,
    'Every step has these fields too:',
    fieldsTable(jsonOf(z.strictObject(stepFields))),
    ...steps.flatMap((kind) => [`### \`${kind.key}\``, `${kind.about} Done ${where[kind.place]}.`, shapes(jsonOf(kind.schema))]),
    '## Proof',
    'The kind of a line of proof is the one of its keys that names one of these.',
    ...proofs.flatMap((kind) => [`### \`${kind.key}\``, kind.about, shapes(jsonOf(kind.schema))]),
    '',
  ].join('\n\n');
}

const halt = z.strictObject({ ...haltFields, back: z.strictObject(haltBackFields).describe('What takes it back') });

const jsonOf = (schema: z.ZodType): JsonSchema => z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;

/** A kind may be written in several ways: each is one paragraph or table. */
function shapes(schema: JsonSchema): string {
  return (schema.anyOf ?? [schema]).map(shape).join('\n\nor\n\n');
}

function shape(way: JsonSchema): string {
  if (way.properties) return Object.keys(way.properties).length === 0 ? '`{}`: it has no fields.' : fieldsTable(way);
  const items = way.items?.properties || way.items?.anyOf ? `A list, each item:\n\n${shapes(way.items)}` : `\`${typeOf(way)}\``;
  return way.description ? `${items}: ${way.description}` : items;
}

function fieldsTable(schema: JsonSchema): string {
  return ['| field | what | default |', '| --- | --- | --- |', ...rows(schema, '')].join('\n');
}

function rows(schema: JsonSchema, above: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const must = schema.required?.includes(name) ? '*' : '';
    const preset = field.default === undefined || typeof field.default === 'object' ? '' : `\`${field.default}\``;
    const path = `${above}${name}`;
    return [`| \`${path}\`${must} | ${cell(field)} | ${preset} |`, ...inner(field, path)];
  });
}

function inner(field: JsonSchema, path: string): string[] {
  const map = typeof field.additionalProperties === 'object' ? field.additionalProperties : undefined;
  if (field.properties) return rows(field, `${path}.`);
  if (map) return rows(map, `${path}.NAME.`);
  return field.items ? [...rows(field.items, `${path}[].`), ...(field.items.anyOf ?? []).flatMap((way) => rows(way, `${path}[].`))] : [];
}

const cell = (field: JsonSchema): string => `${field.description ?? ''} (${typeOf(field)})`.trim().replaceAll('|', '\\|').replaceAll('\n', ' ');

const typeNames: Readonly<Record<string, string>> = { string: 'text', object: 'fields', integer: 'whole number', boolean: 'true or false' };

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum) return schema.enum.map(String).join(', ');
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(' or ');
  if (schema.type === 'array') return `list of ${schema.items?.type || schema.items?.anyOf ? typeOf(schema.items) : 'what stands below'}`;
  if (schema.pattern?.includes('ms|s|m|h|d')) return 'time';
  const types = [schema.type ?? 'anything'].flat();
  return types.map((type) => typeNames[type] ?? type).join(' or ');
}
