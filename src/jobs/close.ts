import { setTimeout } from 'node:timers/promises';
import type { State } from '../domain/state.ts';
import { isClosable } from '../domain/work.ts';
import { cutJournal } from '../store/cut.ts';
import type { Context } from './context.ts';

const dayMs = 86_400_000;
/** How long hosts are waited for that are cleaned, in milliseconds: the next rollback cleans them too. */
const cleanedWithinMs = 20_000;

/** Takes a rollback that is over off the list: its log is exported, its hosts are rid of what is too old, and Redis keeps the rest for a time. */
export async function closeRollback(context: Context, id: string): Promise<void> {
  const state = await context.log.load(id);
  if (!state || !isClosable(state, context.now())) return;
  await cleanHosts(context, state);
  const file = await context.archive.keep(id, await context.log.texts(id), Object.values(await context.plans.texts(id)));
  await context.log.close(state, context.keptMs);
  await cutJournal(context.journal, context.archive, context.now() - context.keptMs, await context.log.open());
  context.logger.info({ rollback: id, file }, 'exported and closed');
}

/** Old receipts and kept files of whatever rollback; a host that is away keeps them until the next time. */
async function cleanHosts(context: Context, state: State): Promise<void> {
  if (!state.digest || state.startedAt === undefined) return;
  const plan = await context.plans.load(state.id, state.digest);
  const late = new AbortController();
  const clean = Object.values(plan.hosts).map(async ({ address }) => {
    const gone = await context.hosts.get(address).sweep(Math.ceil(context.keptMs / dayMs));
    if (gone > 0) context.logger.info({ host: address.name, receipts: gone }, 'old receipts removed');
  });
  const all = Promise.all(
    clean.map((one) => one.catch((error: Error) => context.logger.info({ rollback: state.id, err: error.message }, 'not cleaned'))),
  );
  await Promise.race([all, setTimeout(cleanedWithinMs, undefined, { signal: late.signal }).catch(() => undefined)]);
  late.abort();
}
