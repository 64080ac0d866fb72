import { parseArgs } from 'node:util';
import { fuzz } from './fuzz.ts';
import { pureParts, realParts } from './parts.ts';

const all = [...pureParts, ...realParts];
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    only: { type: 'string', multiple: true },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(
    `npm run fuzz -- --runs N --seed S    N cases, one in a hundred of them through real sh, git and a workspace; the seed says which. What fails prints its seed and the smallest case.\n                                     --only PART: ${all.map(({ name }) => name).join(', ')}`,
  );
  process.exit(0);
}
const [runs, seed] = [Number(values.runs), Number(values.seed)];
const parts = values.only === undefined ? all : all.filter(({ name }) => values.only?.includes(name));
if (!Number.isInteger(runs) || runs < 1 || !Number.isInteger(seed) || parts.length === 0) {
  console.error(`--runs and --seed are whole numbers, --runs at least 1; --only is one of ${all.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    console.error('Stopping after the batch under way.');
    interrupted.abort();
  });
const results = await fuzz({ runs, seed, parts, say: (text) => console.log(text), signal: interrupted.signal });
process.exitCode = interrupted.signal.aborted ? 130 : results.some(({ failure }) => failure !== undefined) ? 1 : 0;
