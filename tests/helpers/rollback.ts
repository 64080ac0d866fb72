import { Redis } from 'ioredis';
import { textsOf } from '../../lab/workspace/blockkit/texts.ts';
import { controlsOf, wordsOf } from '../../lab/workspace/driver.ts';
import type { Json, Message, View } from '../../lab/workspace/model.ts';
import { CHANNELS } from '../../lab/workspace/people/channels.ts';
import { PEOPLE } from '../../lab/workspace/people/people.ts';
import type { World } from '../../lab/world.ts';
import type { Event } from '../../src/domain/event.ts';
import type { Plan } from '../../src/domain/plan.ts';
import { keys } from '../../src/store/keys.ts';

export const incident = CHANNELS['inc-trading'];
export { PEOPLE };

const planWithinMs = 180_000;
const endWithinMs = 240_000;

/** A rollback as people follow it: by its card. */
export interface Followed {
  readonly ts: string;
  /** `sac-42` */
  readonly id: string;
  card(): Message;
  buttons(): string[];
  click(person: string, action: string): Promise<void>;
  /** Waits until the card has this button. */
  until(action: string, withinMs?: number): Promise<Message>;
  /** Waits until the card's first line fits. */
  says(words: RegExp, withinMs?: number): Promise<Message>;
  thread(): string;
}

/** Types `/rollback …` as the requester and follows the card that appears. */
export const ask = (world: World, text: string): Promise<Followed> =>
  nextCard(world, () => world.workspace.command(PEOPLE.requester, incident, `/rollback ${text}`), `the card of /rollback ${text}`);

/** Does something that asks for a rollback, and follows its card. */
export async function nextCard(world: World, act: () => Promise<unknown>, what = 'a new card'): Promise<Followed> {
  const { workspace } = world;
  const before = workspace.messages(incident).map((message) => message.ts);
  await act();
  const isCard = (message: Message): boolean => !before.includes(message.ts) && message.metadata?.event_payload.message === 'card';
  const { ts } = await workspace.waitFor(() => workspace.messages(incident).find(isCard), what);
  return follow(world, ts);
}

/** Follows the card that is there. */
export function follow(world: World, ts: string): Followed {
  const { workspace } = world;
  const card = (): Message => {
    const found = workspace.message(incident, ts);
    if (!found) throw new Error('the card is gone');
    return found;
  };
  const buttons = (): string[] => controlsOf(card()).map((control) => control.actionId);
  return {
    ts,
    id: String(card().metadata?.event_payload.rollback ?? ''),
    card,
    buttons,
    click: async (person, action) => void (await workspace.click(person, incident, ts, action)),
    until: (action, withinMs = planWithinMs) =>
      workspace.waitFor(() => buttons().includes(action) && card(), `the button ${action}`, withinMs).catch((error) => failing(error, card())),
    says: (words, withinMs = endWithinMs) =>
      workspace.waitFor(() => words.test(card().text) && card(), `the card to say ${words}`, withinMs).catch((error) => failing(error, card())),
    thread: () =>
      workspace
        .replies(incident, ts)
        .map((reply) => reply.text)
        .join('\n\n'),
  };
}

function failing(error: Error, card: Message): never {
  throw new Error(`${error.message} It says:\n${card.text}`);
}

/** Waits until a rollback is complete, and answers its card; throws when it comes to anything else. */
export async function completed(rollback: Followed): Promise<Message> {
  const card = await rollback.says(/^\S+ (complete|needs a decision|was left|was handed over)/);
  if (!card.text.startsWith(`${rollback.id} complete`)) throw new Error(`${card.text}\n\n${rollback.thread()}`);
  return card;
}

/** Waits until the thread of a rollback holds these words: it is told after the card. */
export const toldInThread = (world: World, { ts }: Followed, words: string): Promise<unknown> =>
  world.workspace.waitFor(() => world.workspace.replies(incident, ts).map(wordsOf).join('\n').includes(words), `the thread to say ${words}`, 60_000);

/** Everything that was said privately to this person. */
export const toldPrivately = (world: World, person: string): string =>
  world.workspace
    .ephemerals(person)
    .map((message) => message.text)
    .join('\n');

/** A host's files below a directory, as `mode sha256 path` lines: read from outside, not through the product. */
export async function listing(world: World, host: string, dir: string, without = ''): Promise<string> {
  const skip = without === '' ? '' : `! -path '${without}'`;
  const { stdout } = await world.hosts.exec(
    host,
    `cd ${dir} && find . -type f ${skip} -printf '%m %p\\n' | sort -k2 | while read -r mode path; do printf '%s %s %s\\n' "$mode" "$(sha256sum <"$path" | cut -d' ' -f1)" "$path"; done`,
  );
  return stdout;
}

/** The same lines for a directory of a release, unpacked from the repository on a host. */
export async function released(world: World, host: string, repository: string, tag: string, dir: string): Promise<string> {
  const unpack = `rm -rf /tmp/released && mkdir /tmp/released && git --git-dir=${repository} archive ${tag} -- ${dir} | tar -x -C /tmp/released --no-same-permissions`;
  const { exitCode, stderr } = await world.hosts.exec(host, `umask 022; ${unpack}`);
  if (exitCode !== 0) throw new Error(stderr);
  return listing(world, host, `/tmp/released/${dir}`);
}

/** Everything that happened to a rollback, oldest first. */
export async function eventsOf(world: World, id: string): Promise<Event[]> {
  const redis = new Redis(world.redis.url);
  try {
    return (await redis.lrange(keys.log(id), 0, -1)).map((text) => JSON.parse(text) as Event);
  } finally {
    redis.disconnect();
  }
}

/** The plan of a rollback as it is kept: what is approved, and what runs. */
export async function planOf(world: World, id: string): Promise<Plan> {
  const planned = (await eventsOf(world, id)).findLast((event) => event.type === 'planned');
  const redis = new Redis(world.redis.url);
  try {
    return JSON.parse((await redis.hget(keys.plan(id), planned?.digest ?? '')) ?? 'null') as Plan;
  } finally {
    redis.disconnect();
  }
}

/** Clicks a button that opens a modal, and answers the modal. */
export async function opened(world: World, rollback: Followed, person: string, action: string): Promise<View> {
  const before = world.workspace.views(person).map(({ id }) => id);
  await rollback.click(person, action);
  return world.workspace.waitFor(() => world.workspace.views(person).find(({ id }) => !before.includes(id)), `the modal of ${action}`);
}

/** Show plan, page by page as a person turns them: the text of every block, without the line that names plan and page. */
export async function planTexts(world: World, rollback: Followed, person: string): Promise<string[]> {
  const { workspace } = world;
  const { id } = await opened(world, rollback, person, 'plan');
  const texts: string[] = [];
  for (let page = 0; ; page++) {
    const pageOf = (view: View | undefined): number => Number(JSON.parse(String(view?.payload.private_metadata ?? '{}')).page);
    const shown = (): View | undefined => workspace.views(person).find((view) => view.id === id && pageOf(view) === page);
    const blocks = ((await workspace.waitFor(shown, `page ${page + 1} of the plan`)).payload.blocks as Json[]).filter(
      ({ type }) => type === 'section',
    );
    texts.push(...textsOf(blocks.slice(1)).map(({ text }) => text));
    if (!JSON.stringify(shown()?.payload).includes('"plan-page"')) break;
    await workspace.clickView(person, id, 'plan-page');
  }
  await workspace.close(id, person);
  return texts;
}

/**
 * Every file, link and directory below these places with type, mode, owner and content, read from outside as root. Left out: what Python and pytest
 * make by running, and what git keeps for itself, which has times in it; {@link gitOf} has what that means.
 */
export async function wholeOf(world: World, host: string, places: readonly string[]): Promise<string> {
  const prune = ['__pycache__', '.pytest_cache', '.git'].map((name) => `-name ${name}`).join(' -o ');
  const find = `find "$place" \\( ${prune} \\) -prune -o`;
  return must(
    world,
    host,
    `for place in ${places.join(' ')}; do ${find} -printf '%p %y %m %U:%G %l\\n'; ${find} -type f -exec sha256sum {} +; done | LC_ALL=C sort`,
  );
}

/** What is checked out in a clone, and what is not committed in it. */
export const gitOf = (world: World, host: string, dir: string): Promise<string> =>
  must(world, host, `cd ${dir} && git rev-parse HEAD && git status --porcelain && git ls-files --stage && git stash list && git branch`, 'deploy');

async function must(world: World, host: string, command: string, user = 'root'): Promise<string> {
  const { exitCode, stdout, stderr } = await world.hosts.exec(host, command, { user });
  if (exitCode !== 0) throw new Error(`${host}: ${stderr}`);
  return stdout;
}
