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

test('the reference has every field, kind, unit and default', () => {
  const text = referenceOf(kinds);
  for (const kind of Object.values(kinds.steps)) expect(text).toContain(`### \`${kind.key}\`\n\n${kind.about}`);
  expect(text).toContain('| `for` | How long (time) | `2m` |');
  expect(text).toContain('| `policy.approve.stands` |');
  expect(text).toContain('| `roles.NAME.hosts`* |');
  expect(text).toContain('state, backups, disk');
  expect(text).not.toMatch(/\bany\)|undefined|\[object|string,/);
});
