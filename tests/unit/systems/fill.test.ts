import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkFill, FillError, type FillValues, fillNames, fillParams } from '../../../src/systems/fill.ts';

const values: FillValues = {
  release: { tag: 'v0.1.0', version: 'v0.1.0', commit: 'c'.repeat(40), package_version: '0.1.0' },
  host: { name: 'prod-1' },
  role: { name: 'prod', dir: '/opt/app' },
};

describe('filling', () => {
  test('every string, however deep, and nothing else', () => {
    const params = { a: ['{{release.tag}}', 7, null, true], b: { c: 'x=={{release.package_version}}; {{host.name}}:{{role.dir}}' } };
    expect(fillParams(params, values)).toEqual({ a: ['v0.1.0', 7, null, true], b: { c: 'x==0.1.0; prod-1:/opt/app' } });
    expect(fillParams('{{role.name}} {{release.version}} {{release.commit}}', values)).toBe(`prod v0.1.0 ${'c'.repeat(40)}`);
  });

  test('nothing is escaped, nor filled twice', () => {
    const odd = { ...values, host: { name: `<&>"'{{release.tag}}` } };
    expect(fillParams('{{host.name}}', odd)).toBe(`<&>"'{{release.tag}}`);
    expect(fillParams('\\{{release.tag}}', values)).toBe('{{release.tag}}');
  });

  test('text without braces stays as it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => !text.includes('{{')),
        (text) => fillParams(text, values) === text,
      ),
    );
  });

  test('what a release does not have is an error with the name', () => {
    const commit = { ...values, release: { ...values.release, tag: undefined } };
    expect(() => fillParams({ ref: '{{release.tag}}' }, commit)).toThrow('This release has no tag, which {{release.tag}} needs');
    expect(() => fillParams('{{release.tag}}', commit)).toThrow(FillError);
  });

  test.each([
    '{{release}}',
    '{{constructor}}',
    '{{release.constructor}}',
    '{{release.tag.length}}',
    '{{this}}',
    '{{log release.tag}}',
    '{{lookup release "tag"}}',
  ])('no other name: %s', (text) => {
    expect(checkFill(text)).toBeDefined();
    expect(() => fillParams(text, values)).toThrow(FillError);
  });

  test.each(['{{#if release.tag}}x{{/if}}', '{{> x}}', '{{!-- x --}}', '{{release.tag', '{{release.tag x=1}}'])('no little language: %s', (text) => {
    expect(() => fillParams(text, values)).toThrow(FillError);
  });

  test('all names are filled', () => {
    for (const name of fillNames) expect(fillParams(`{{${name}}}`, values)).not.toContain('{{');
  });
});
