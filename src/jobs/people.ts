import type { SlackDirectory } from '../channels/directory.ts';
import type { System } from '../domain/system.ts';
import type { KnownGroup, KnownPeople, People } from '../store/people.ts';
import type { Context } from './context.ts';

/** How old the kept lists may get, in milliseconds. */
const keptForMs = 10 * 60_000;
/** When Slack did not answer, it is asked again after this time, in milliseconds. */
const againAfterMs = 30_000;

/** What is needed to keep who is who. */
export interface PeopleContext extends Pick<Context, 'systems' | 'logger' | 'now'> {
  readonly people: People;
  readonly directory: SlackDirectory;
}

/**
 * Keeps who is in each group that a system file names, so that people are known while Slack is away. May be called as often as one likes: Slack is
 * asked once in ten minutes, whoever calls, or when the system files name others. Where Slack does not say, what it said before stays. Rejects only
 * when Redis does not answer.
 */
export async function keepPeople(context: PeopleContext): Promise<void> {
  const { people } = context;
  const wanted = namesIn(Object.values(context.systems));
  if (wanted.length === 0 || !(await people.isDue(wanted.join(' '), keptForMs))) return;
  const before = await people.load();
  const groups: Record<string, KnownGroup> = {};
  let isWhole = true;
  for (const name of wanted) {
    const found = await asked(context, name);
    isWhole &&= found !== undefined;
    const group = found ?? (Object.hasOwn(before.groups, name) ? before.groups[name] : undefined);
    if (group) groups[name] = group;
  }
  await people.save({ groups, names: await namesOf(context, groups, before) });
  if (!isWhole) await people.askAgainIn(againAfterMs);
}

/** Who is in a group now; undefined when Slack does not say. */
async function asked({ directory, logger, now }: PeopleContext, name: string): Promise<KnownGroup | undefined> {
  try {
    return { members: await directory.memberIds(name), at: now() };
  } catch (error) {
    logger.warn({ name, err: (error as Error).message }, 'Slack does not say who is in a group; what it said before is kept');
    return undefined;
  }
}

async function namesOf(
  { directory }: PeopleContext,
  groups: Readonly<Record<string, KnownGroup>>,
  before: KnownPeople,
): Promise<Readonly<Record<string, string>>> {
  const ids = [...new Set(Object.values(groups).flatMap(({ members }) => members))];
  const names = await directory.namesOf(ids).catch(() => ({})); // those of before will do
  return { ...Object.fromEntries(Object.entries(before.names).filter(([id]) => ids.includes(id))), ...names };
}

/** Every `@user`, `@group` and `#channel` that stands anywhere in these system files, in order. */
export function namesIn(systems: readonly System[]): string[] {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value === 'string' && /^[@#][\p{L}\p{N}._-]+$/u.test(value)) found.add(value);
    else if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) look(one);
  };
  for (const system of systems) look(system);
  return [...found].sort();
}
