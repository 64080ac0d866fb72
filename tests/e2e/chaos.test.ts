import { describe, expect, it } from 'vitest';
import { chaos } from '../../lab/chaos/chaos.ts';
import { goesOn, percentile } from '../../lab/chaos/report.ts';

const rounds = 20;

describe('anything is killed or cut at any moment', () => {
  it(`${rounds} rollbacks in a row end as they should, with every effect once and every message once and in order`, async () => {
    const said: string[] = [];
    const results = await chaos({ rounds, seed: 20_000, say: (text) => said.push(text) });
    console.log(said.join('\n'));
    expect(results.flatMap(({ schedule, wrong }) => wrong.map((text) => `seed ${schedule.seed}: ${text}`))).toEqual([]);
    expect(results).toHaveLength(rounds);
    expect(new Set(results.map(({ version }) => version)).size).toBe(2);
    const times = goesOn(results);
    expect(times.length).toBeGreaterThan(0);
    expect(percentile(times, 0.95)).toBeLessThan(20_000); // beside other tests; alone it is measured by npm run chaos
  }, 1_500_000);
});
