import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { measure } from '../../../src/steps/measure.ts';
import { perform, planned, tempDir, whereOf, workOf } from './planner.ts';

let server: Server;
let at: string;
let dir: string;
let remove: () => Promise<void>;
/** What the server answers now: the Prometheus answer, and the page of metrics. */
let answers: { prometheus: string; status: number; metrics: string };
let asked: URL[] = [];

beforeAll(async () => {
  ({ dir, remove } = await tempDir());
  server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://x');
    asked.push(url);
    if (url.pathname === '/api/v1/query') response.writeHead(answers.status, { 'content-type': 'application/json' }).end(answers.prometheus);
    else response.end(answers.metrics);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await remove();
});
beforeEach(() => {
  asked = [];
  answers = { prometheus: vector(['0.5']), status: 200, metrics: 'sac_latency_p95_ms 912\n' };
});

const vector = (values: readonly string[], labels: object = {}): string =>
  JSON.stringify({
    status: 'success',
    data: { resultType: 'vector', result: values.map((value) => ({ metric: labels, value: [1763769600.1, value] })) },
  });
const where = () => whereOf({ dir, keep: `${dir}/keep` });
const measured = async (items: readonly object[]) => {
  const plan = await planned(measure, items, where());
  return { plan, work: workOf(plan), done: await perform(workOf(plan)) };
};
const query = 'sum(rate(errors{job="sac",msg=~"a&b=\'c\'"}[5m])) / 2 > 0';
const latency = () => ({ name: 'p95', metric: 'sac_latency_p95_ms', at: `${at}/metrics` });

describe('measure: prometheus', { timeout: 60_000 }, () => {
  it('sends the query as it is, and judges the first sample', async () => {
    answers.prometheus = vector(['0.5', '7'], { path: '"value":[1,"9"] \\', value: 'x[]', le: '"resultType":"scalar"' });
    const { done } = await measured([{ name: 'errors', prometheus: query, at, below: 1 }]);
    expect(done).toMatchObject({ exitCode: 0, output: 'measure errors 0.5\n' });
    expect(asked.map((url) => [url.pathname, url.searchParams.get('query')])).toEqual([['/api/v1/query', query]]);
    const wrong = await measured([{ name: 'errors', prometheus: query, at: `${at}/`, below: 0.5 }]);
    expect(wrong.done).toMatchObject({ exitCode: 1, output: expect.stringContaining('FAIL errors: 0.5 is not below 0.5') });
  });

  it('reads scalars, and answers with other spaces and lines', async () => {
    answers.prometheus = '{"status":"success","data":{"resultType":"scalar","result":[1763769600,"-1.5e-3"]}}';
    expect((await measured([{ name: 'a', prometheus: '1', at, below: 0 }])).done.output).toBe('measure a -1.5e-3\n');
    answers.prometheus = JSON.stringify(JSON.parse(vector(['12'])), undefined, 2);
    expect((await measured([{ name: 'a', prometheus: 'x', at: `${at}/api/v1` }])).done.output).toBe('measure a 12\n');
  });

  it.each([
    ['no sample', () => vector([]), 200, 'the query has no sample'],
    ['an error', () => '{"status":"error","errorType":"bad_data","error":"parse error"}', 400, 'parse error'],
    ['a page of something else', () => '<html>"value":[1,"2"]</html>', 200, 'Prometheus answers: <html>'],
    ['not a number', () => vector(['NaN']), 200, 'FAIL a: NaN is not a number'],
  ])('fails on %s, and says so', async (_name, text, status, expected) => {
    answers = { ...answers, prometheus: text(), status };
    const { done } = await measured([{ name: 'a', prometheus: 'x', at, below: 5 }]);
    expect(done).toMatchObject({ exitCode: 1, output: expect.stringContaining(expected) });
  });

  it('fails when nobody answers', async () => {
    const { done } = await measured([{ name: 'a', prometheus: 'x', at: 'http://127.0.0.1:9', below: 5 }]);
    expect(done).toMatchObject({ exitCode: 1, output: expect.stringContaining('FAIL a: no value') });
  });
});

describe('measure: baseline', { timeout: 60_000 }, () => {
  it('holds the value to the one that was there when the plan was made', async () => {
    const items = [
      { ...latency(), baseline: 0.5 },
      { name: 'cheap', run: 'echo 4', baseline: 1 },
    ];
    const plan = await planned(measure, items, where());
    const work = workOf(plan);
    expect(plan.warnings).toEqual([]);
    expect([work.from, work.to]).toEqual(['p95 912 before, cheap 4 before', 'p95 912 before, cheap 4 before']);
    answers.metrics = 'sac_latency_p95_ms 456\n';
    expect(await perform(work)).toMatchObject({ exitCode: 0, output: 'measure p95 456\nmeasure cheap 4\n' });
    answers.metrics = 'sac_latency_p95_ms 456.1\n';
    expect(await perform(work)).toMatchObject({ exitCode: 1, output: expect.stringContaining('FAIL p95: 456.1 is more than 456') });
  });

  it('is a lower limit for an item with above, and leaves the fixed limits standing', async () => {
    const plan = await planned(measure, [{ ...latency(), above: 100, baseline: 0.5 }], where());
    answers.metrics = 'sac_latency_p95_ms 456\n';
    expect(await perform(workOf(plan))).toMatchObject({ exitCode: 0 });
    answers.metrics = 'sac_latency_p95_ms 455\n';
    expect((await perform(workOf(plan))).output).toContain('is less than 456');
    answers.metrics = 'sac_latency_p95_ms 99\n';
    expect((await perform(workOf(plan))).output).toContain('is not above 100');
  });

  it('warns, and sets no limit, when it could not be measured before', async () => {
    answers.metrics = '';
    const plan = await planned(
      measure,
      [
        { ...latency(), baseline: 1.2 },
        { name: 'words', run: 'echo many', baseline: 1 },
      ],
      where(),
    );
    expect(plan.warnings).toEqual([
      'p95 could not be measured before (no answer): it has no limit from it',
      'words could not be measured before (many is not a number): it has no limit from it',
    ]);
    expect(workOf(plan).from).toBe('');
    answers.metrics = 'sac_latency_p95_ms 1\n';
    expect(await perform(workOf(plan))).toMatchObject({ exitCode: 0 });
  });

  it('is measured by Prometheus too', async () => {
    const plan = await planned(measure, [{ name: 'errors', prometheus: 'e', at, baseline: 2 }], where());
    answers.prometheus = vector(['1.01']);
    expect((await perform(workOf(plan))).output).toContain('FAIL errors: 1.01 is more than 1');
  });
});
