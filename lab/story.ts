import { controlsOf, wordsOf } from './workspace/driver.ts';
import type { Message } from './workspace/model.ts';
import { CHANNELS, GROUPS } from './workspace/people/channels.ts';
import { PEOPLE } from './workspace/people/people.ts';
import type { SystemName, World } from './world.ts';

const channel = CHANNELS['inc-trading'];
const planWithinMs = 60_000;
const endWithinMs = 15 * 60_000;

/** Who may approve, and who signs, in the sample systems. */
const cast = { sac: { approver: PEOPLE.approver, signer: PEOPLE.oncall }, agentrader: { approver: PEOPLE.approver, signer: undefined } } as const;

/** How a story ended: whether the hosts are proven, and the proof's own words. */
export interface Ended {
  readonly isProven: boolean;
  readonly proof: string;
}

/** Plays a whole rollback as people would, at the workspace, and prints what they see. */
export async function playStory(world: World, system: SystemName, print: (line: string) => void): Promise<Ended> {
  const { workspace } = world;
  const teller = new Teller(world, print);
  const stop = teller.listen();
  try {
    teller.say(`Riley types: /rollback ${system} v0.1.0 orders rejected`);
    const asked = workspace.messages(channel).length;
    await workspace.command(PEOPLE.requester, channel, `/rollback ${system} v0.1.0 orders rejected`);
    const card = await workspace.waitFor(
      () =>
        workspace
          .messages(channel)
          .slice(asked)
          .find((message) => hasButton(message, 'approve')),
      'the complete card',
      planWithinMs,
    );
    teller.say('Ada presses Approve.');
    await workspace.click(cast[system].approver, channel, card.ts, 'approve');
    const ended = await workspace.waitFor(() => endOf(workspace.message(channel, card.ts)), 'the end of the rollback', endWithinMs);
    const signer = cast[system].signer;
    if (ended === 'complete' && signer) await sign(world, teller, card.ts, signer);
    return { isProven: ended === 'complete', proof: await proofOf(world, card.ts, ended === 'complete') };
  } finally {
    stop();
  }
}

async function proofOf(world: World, ts: string, isProven: boolean): Promise<string> {
  const { workspace } = world;
  const said = () =>
    workspace.replies(channel, ts).findLast((reply) => reply.text.startsWith('Proof') && (!isProven || !reply.text.includes('to be proven')));
  return isProven ? wordsOf(await workspace.waitFor(said, 'the proof', planWithinMs)) : (workspace.message(channel, ts)?.text ?? '');
}

async function sign(world: World, teller: Teller, ts: string, signer: string): Promise<void> {
  const { workspace } = world;
  await workspace.waitFor(() => hasButton(workspace.message(channel, ts), 'sign'), 'the Sign button');
  teller.say('Noor signs the business numbers.');
  await workspace.click(signer, channel, ts, 'sign');
  const view = await workspace.waitFor(() => workspace.views(signer).at(-1), 'the numbers to sign');
  await workspace.submit(view.id, signer);
  await workspace.waitFor(() => !hasButton(workspace.message(channel, ts), 'sign'), 'the signature');
}

const hasButton = (message: Message | undefined, action: string): boolean =>
  message !== undefined && controlsOf(message).some((control) => control.actionId === action);

function endOf(card: Message | undefined): 'complete' | 'trouble' | undefined {
  if (card && /\bcomplete\b/.test(card.text.split('\n')[0] ?? '')) return 'complete';
  return hasButton(card, 'retry') ? 'trouble' : undefined;
}

/** Slack's own marks as words: names instead of ids, times as they would be shown. */
function readable(text: string): string {
  const names = new Map<string, string>([...Object.entries(PEOPLE), ...Object.entries(GROUPS)].map(([name, id]) => [id, `@${name}`]));
  return text
    .replace(/<!date\^[^|>]*\|([^>]*)>/g, '$1')
    .replace(/<@(\w+)>|<!subteam\^(\w+)>/g, (all, user: string | undefined, group: string | undefined) => names.get(user ?? group ?? '') ?? all)
    .replace(/<[^|>]*\|([^>]*)>/g, '$1');
}

const buttonsOf = (message: Message): string =>
  controlsOf(message)
    .map((control) => `[${control.label}]`)
    .join(' ');

/** Prints what appears in the workspace, each thing once as it changes. */
class Teller {
  readonly #world: World;
  readonly #print: (line: string) => void;
  readonly #told = new Map<string, string>();
  readonly #startedAt = Date.now();

  constructor(world: World, print: (line: string) => void) {
    this.#world = world;
    this.#print = print;
  }

  listen(): () => void {
    for (const id of Object.values(CHANNELS))
      for (const message of this.#world.workspace.messages(id)) this.#told.set(`${id} ${message.ts}`, message.text);
    const stops = [
      this.#world.workspace.on('message', ({ message }) => this.#tell(message)),
      this.#world.workspace.on('changed', ({ message }) => this.#tell(message)),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }

  say(text: string): void {
    this.#print(`\n${this.#clock()} ── ${text}`);
  }

  #tell(message: Message): void {
    const key = `${message.channel} ${message.ts}`;
    const earlier = this.#told.get(key);
    if (earlier === message.text) return;
    const isNew = earlier === undefined;
    this.#told.set(key, message.text);
    const lines = [...readable(message.text).split('\n'), buttonsOf(message)].filter((line) => line.trim() !== '');
    const before = new Set(isNew ? [] : (earlier?.split('\n') ?? []));
    this.#print(`${this.#clock()} ${this.#place(message)}${isNew ? '' : ' (updated)'}`);
    for (const line of lines.filter((one) => !before.has(one))) this.#print(`        ${line}`);
  }

  #place(message: Message): string {
    const name = Object.entries(CHANNELS).find(([, id]) => id === message.channel)?.[0];
    return `${name ? `#${name}` : 'direct message'}${message.threadTs === undefined ? '' : ' · thread'}`;
  }

  #clock(): string {
    const seconds = Math.floor((Date.now() - this.#startedAt) / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  }
}
