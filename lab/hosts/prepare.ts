import { ensureHostImage, hostImageTag, imageExists } from './image.ts';
import { removeLeftovers } from './leftovers.ts';

const say = (text: string) => process.stderr.write(`${text}\n`);

/** Run by set-up before the real work, so that no test or demo waits for an image: says how long each part took. */
async function prepare(): Promise<void> {
  const leftovers = await removeLeftovers();
  if (leftovers.length > 0) say(`Removed hosts that an earlier run left behind: ${leftovers.join(', ')}.`);
  const startedMs = Date.now();
  const known = await imageExists(await hostImageTag());
  await ensureHostImage(say);
  if (!known) say(`  the host image is there, after ${((Date.now() - startedMs) / 1000).toFixed(0)} s.`);
}

prepare().catch((error: Error) => {
  say(`The image of the target hosts could not be made.\n${error.message}`);
  process.exitCode = 1;
});
