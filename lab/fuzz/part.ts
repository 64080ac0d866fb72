import fc from 'fast-check';

/** What became of a case: it was let through, or refused as it should be. */
export type Outcome = 'accepted' | 'refused';

/** How many cases of a part ended how. */
export type Tally = Record<Outcome, number>;

/** A part that is ready to be tried, with what it opened. */
export interface OpenPart {
  /** Tries a case, and counts how it ended. */
  readonly property: (tally: Tally) => fc.IAsyncProperty<[unknown]>;
  /** Puts everything away. */
  close(): Promise<void>;
}

/** One way in, tried with whatever may come through it. */
export interface Part {
  readonly name: string;
  /** Of so many runs of the whole, how many in a thousand are this part's. */
  readonly perMille: number;
  open(): Promise<OpenPart>;
}

/** What a part is made of: its cases, and how one is tried. `try` throws where a promise is broken. */
export interface Making<T> {
  readonly name: string;
  readonly perMille: number;
  open(): Promise<Trying<T>>;
}

/** How the cases of a part are tried. */
export interface Trying<T> {
  readonly cases: fc.Arbitrary<T>;
  try(one: T): Promise<Outcome> | Outcome;
  close?(): Promise<void>;
}

/** Longer than this, in milliseconds, no case may take: input that keeps the bot busy is an attack too. Slack waits for 3 s. */
const longestMs = 3000;

/** A part of these cases. */
export const partOf = <T>({ name, perMille, open }: Making<T>): Part => ({
  name,
  perMille,
  open: async () => {
    const trying = await open();
    return {
      property: (tally) =>
        fc.asyncProperty(trying.cases as fc.Arbitrary<unknown>, async (one) => {
          tally[await timed(trying, one as T)] += 1;
        }),
      close: async () => trying.close?.(),
    };
  },
});

async function timed<T>(trying: Trying<T>, one: T): Promise<Outcome> {
  const { user, system } = process.cpuUsage();
  const outcome = await trying.try(one);
  const spent = process.cpuUsage({ user, system }); // not by the clock: the machine may have other work
  const ms = (spent.user + spent.system) / 1000;
  if (ms > longestMs) throw new Error(`it took ${ms.toFixed(0)} ms of work`);
  mustBeUnpolluted();
  return outcome;
}

const ownNames = Object.getOwnPropertyNames(Object.prototype).length;

function mustBeUnpolluted(): void {
  if (Object.getOwnPropertyNames(Object.prototype).length !== ownNames) throw new Error('a property was added to every object');
}
