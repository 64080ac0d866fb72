import { parseArgs } from 'node:util';
import { chaos } from './chaos.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    'go-on': { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(
    'npm run chaos -- --rounds N --seed S    N rollbacks, in each of which something is killed or cut; the seed says what and when. A round that fails prints its own seed, and ends it.\n                                        With --go-on, rounds go on after one that failed.',
  );
  process.exit(0);
}
const [rounds, seed] = [Number(values.rounds), Number(values.seed)];
if (!Number.isInteger(rounds) || rounds < 1 || !Number.isInteger(seed)) {
  console.error('--rounds and --seed are whole numbers, --rounds at least 1.');
  process.exit(2);
}
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => {
    console.error('Stopping: processes, hosts, workspace, Redis.');
    interrupted.abort();
  });
console.log(`${rounds} rounds from seed ${seed} on. The seed fixes what breaks, when and for how long; the machine's own timing is not replayed.`);
const results = await chaos({ rounds, seed, say: (text) => console.log(text), goOn: values['go-on'], signal: interrupted.signal });
process.exit(interrupted.signal.aborted ? 130 : results.some(({ wrong }) => wrong.length > 0) ? 1 : 0); // an interrupted round may still wait for something
