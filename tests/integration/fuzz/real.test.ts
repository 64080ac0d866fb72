import { expect, it } from 'vitest';
import { fuzz } from '../../../lab/fuzz/fuzz.ts';
import { realParts } from '../../../lab/fuzz/parts.ts';

/** A removal and its undo take some twenty processes. */
const fewer: Readonly<Record<string, number>> = { removal: 12 };

it.each(realParts.map((part) => [part.name, part] as const))('%s: a sample of whatever comes in, for real', async (name, part) => {
  const [result] = await fuzz({ runs: fewer[name] ?? 60, seed: 20_261, parts: [part], say: () => undefined });
  expect(result?.failure).toBeUndefined();
  expect(result?.tally.accepted).toBeGreaterThan(5);
});
