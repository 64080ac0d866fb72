import { type Control, controlsOf } from '../../lab/workspace/driver.ts';
import type { Message } from '../../lab/workspace/model.ts';
import { CHANNELS } from '../../lab/workspace/people/channels.ts';
import { PEOPLE } from '../../lab/workspace/people/people.ts';
import type { World } from '../../lab/world.ts';

export const incident = CHANNELS['inc-trading'];
export { PEOPLE };

const planWithinMs = 60_000;
const endWithinMs = 240_000;

/** A rollback as people follow it: by its card. */
export interface Followed {
  readonly ts: string;
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
export async function ask(world: World, text: string): Promise<Followed> {
  const { workspace } = world;
  const before = workspace.messages(incident).map((message) => message.ts);
  await workspace.command(PEOPLE.requester, incident, `/rollback ${text}`);
  const isCard = (message: Message): boolean =>
    !before.includes(message.ts) && controlsOf(message).some((control: Control) => control.actionId === 'withdraw');
  const { ts } = await workspace.waitFor(() => workspace.messages(incident).find(isCard), `the card of /rollback ${text}`);
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
