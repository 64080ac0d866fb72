import { expect, test } from 'vitest';
import { jsonSchemaOf } from '../../../src/systems/jsonschema.ts';
import { referenceOf } from '../../../src/systems/reference.ts';
import { kinds } from './kinds.ts';

test('editors know every step kind with its params', () => {
  const text = JSON.stringify(jsonSchemaOf(kinds));
  for (const key of [...Object.keys(kinds.steps), ...Object.keys(kinds.proofs)]) expect(text).toContain(`"${key}":`);
  expect(text).toContain('"The unit"');
  expect(jsonSchemaOf(kinds)).toMatchObject({
    type: 'object',
    additionalProperties: false,
    required: expect.arrayContaining(['system', 'runbook', 'proof']),
  });
});

test('editors know variants and halts with the kinds that they may have', () => {
  const root = jsonSchemaOf(kinds);
  const halt = fieldsAt(root, 'halt');
  expect(Object.keys(halt)).toEqual(expect.arrayContaining(['name', 'on', 'warn', 'back', 'systemd.stop', 'run']));
  expect(Object.keys(halt)).not.toContain('announce');
  expect(Object.keys(fieldsAt(root, 'halt', 'back'))).toEqual(expect.arrayContaining(['name', 'systemd.start']));
  const { additionalProperties } = follow(root, fieldsAt(root).variants);
  expect(Object.keys(follow(root, additionalProperties).properties ?? {})).toEqual(expect.arrayContaining(['about', 'order', 'runbook', 'proof']));
});

interface Node {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Node>>;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly additionalProperties?: Node;
}

/** What a reference inside the schema stands for. */
function follow(root: Node, node: Node | undefined): Node {
  const name = node?.$ref?.replace('#/$defs/', '');
  return name === undefined ? (node ?? {}) : follow(root, root.$defs?.[name]);
}

const fieldsAt = (root: Node, ...path: readonly string[]): Readonly<Record<string, Node>> =>
  path.reduce<Node>((node, key) => follow(root, node.properties?.[key]), root).properties ?? {};

test('the reference has every field, kind, unit and default', () => {
  const text = referenceOf(kinds);
  for (const kind of Object.values(kinds.steps)) expect(text).toContain(`### \`${kind.key}\`\n\n${kind.about}`);
  expect(text).toContain('| `for` | How long (time) | `2m` |');
  expect(text).toContain('| `policy.approve.stands` |');
  expect(text).toContain('| `roles.NAME.hosts`* |');
  expect(text).toContain('state, backups, disk');
  expect(text).toContain('| `variants.NAME.about`* |');
  expect(text).toContain('| `halt.back.name`* |');
  expect(text).toContain('| `release.keep` | How many past releases are kept on each host (whole number) | `5` |');
  expect(text).not.toMatch(/\bany\)|undefined|\[object|string,/);
});
