import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { playStory } from './story.ts';
import { type SystemName, startWorld } from './world.ts';

const { values } = parseArgs({
  options: { auto: { type: 'boolean', default: false }, system: { type: 'string' }, help: { type: 'boolean', default: false } },
});
const all: readonly SystemName[] = ['sac', 'agentrader'];

if (values.help) {
  console.log(
    'npm run demo                          the page to play with; Ctrl-C ends it\nnpm run demo -- --auto                the whole story as a transcript\nnpm run demo -- --auto --system NAME  of one system: sac or agentrader',
  );
  process.exit(0);
}
const systems = values.system === undefined ? all : all.filter((name) => name === values.system);
if (systems.length === 0) {
  console.error(`There is no sample system ${JSON.stringify(values.system)}. There are: ${all.join(', ')}.`);
  process.exit(2);
}
const lastWords: string[] = [];
process.exitCode = await run();
say(lastWords.join('\n').replaceAll('*', ''));

/** The proof is the last that is read: set-up, where it waits for us to put everything back, says it after that. */
function say(text: string): void {
  const { LAST_WORDS } = process.env;
  if (text !== '' && LAST_WORDS) writeFileSync(LAST_WORDS, `${text}\n`);
  else if (text !== '') console.log(`\n${text}`);
}

/** Starts everything, then plays the story or waits for Ctrl-C. Whatever happens, everything is stopped. */
async function run(): Promise<number> {
  const interrupted = new Promise<'interrupted'>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve('interrupted'));
  });
  const starting = startWorld({ systems, say: (text) => console.error(text), watchFor: values.auto ? '3s' : '10s' });
  const first = await Promise.race([starting, interrupted]);
  const world = await starting;
  if (first === 'interrupted') return stopped(world, 130);
  try {
    await world.start();
    if (values.auto) return (await Promise.race([play(world), interrupted.then(() => 130)])) ?? 1;
    console.log(
      `\nOpen ${world.workspace.url}\n\n  1. As Riley, in #inc-trading, type:   /rollback ${systems[0]} v0.1.0\n  2. Switch to Ada and press Approve.\n  3. Watch the card and its thread. Noor signs the numbers at the end.\n\nThe hosts are real: ${world.hosts.hosts.map(({ name }) => name).join(', ')}. Watches last 10 s instead of 2 min; progress goes out every 20 s instead of every 4 h. Ctrl-C ends everything.`,
    );
    await interrupted;
    return 0;
  } finally {
    console.error('Stopping: hosts, workspace, Redis.');
    await world.stop();
  }
}

async function stopped(world: Awaited<ReturnType<typeof startWorld>>, code: number): Promise<number> {
  await world.stop();
  return code;
}

async function play(world: Awaited<ReturnType<typeof startWorld>>): Promise<number> {
  for (const system of systems) {
    const { isProven, proof } = await playStory(world, system, console.log);
    lastWords.push(`${system}, ${isProven ? 'proven' : 'NOT proven'}:`, proof);
    if (!isProven) return 1;
  }
  return 0;
}
