import type { Event } from '../../src/domain/event.ts';
import { controlsOf } from '../workspace/driver.ts';
import { CHANNELS } from '../workspace/people/channels.ts';
import { PEOPLE } from '../workspace/people/people.ts';
import type { ChaosWorld } from './world.ts';

const channel = CHANNELS['inc-trading'];
/** How long people wait for an effect of what they did before they do it again, in milliseconds. */
const patienceMs = 4000;

/** The people of a round: they look at the card, and press what is to be pressed, again where nothing happens. */
export class Person {
  readonly #world: ChaosWorld;
  #pressedAt = Number.NEGATIVE_INFINITY;

  constructor(world: ChaosWorld) {
    this.#world = world;
  }

  /** Types `/rollback …`; answers whether Slack says that it arrived. */
  async ask(text: string): Promise<boolean> {
    return (await this.#world.workspace.command(PEOPLE.requester, channel, `/rollback ${text}`)).ok;
  }

  /** Presses a button of the card if it is there and nothing was pressed just now. Answers whether it was pressed. */
  async press(rollback: string, action: string): Promise<boolean> {
    const card = this.#world.board.card(rollback);
    if (performance.now() - this.#pressedAt < patienceMs || !card || !controlsOf(card).some(({ actionId }) => actionId === action)) return false;
    this.#pressedAt = performance.now();
    await this.#world.workspace.click(PEOPLE.approver, channel, card.ts, action).catch(() => undefined); // the card has just changed
    return true;
  }
}

/** The runs that the trouble after these events is about, with how each ended last. */
export function badRuns(events: readonly Event[]): { run: string; outcome: string; words: string }[] {
  const last = new Map<string, Event & { type: 'step-finished' }>();
  for (const event of events) if (event.type === 'step-finished') last.set(event.run, event);
  return [...last.values()]
    .filter(({ result }) => result.outcome !== 'done')
    .map(({ run, result }) => ({
      run,
      outcome: result.outcome,
      words: `${run} ${result.outcome}${result.stage === undefined ? '' : ` in its ${result.stage}`}: ${result.why ?? `exit ${result.exitCode}`}`,
    }));
}
