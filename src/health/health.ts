import { within } from '../store/within.ts';

/** How one part is, in plain words. */
export interface Part {
  readonly ok: boolean;
  readonly says: string;
}

/** How a process is: well only when every part is. */
export interface Health {
  readonly ok: boolean;
  readonly parts: Readonly<Record<string, Part>>;
}

/** What is asked of each part; one that throws, or takes too long, is not well. */
export type Checks = Readonly<Record<string, () => Part | Promise<Part>>>;

/** How long a part may take to answer, in milliseconds: whoever asks (Docker, a load balancer) waits some seconds at most. */
const answersWithinMs = 1000;

/** Asks all parts at once. Never rejects. */
export async function lookAt(checks: Checks): Promise<Health> {
  const asked = Object.entries(checks).map(async ([name, check]) => [name, await asking(check)] as const);
  const parts = Object.fromEntries(await Promise.all(asked));
  return { ok: Object.values(parts).every((part) => part.ok), parts };
}

async function asking(check: () => Part | Promise<Part>): Promise<Part> {
  try {
    return await within(answersWithinMs, Promise.resolve(check()));
  } catch (error) {
    return { ok: false, says: `cannot be asked: ${(error as Error).message}` };
  }
}
