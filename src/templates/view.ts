import type { KeptOutput } from '../domain/output.ts';
import type { RunKey } from '../domain/plan.ts';
import type { State } from '../domain/state.ts';

/** All that messages are made of. */
export interface MessagesView {
  readonly state: State;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Beginning and end of what runs printed that did not end well; secrets are removed already. */
  readonly outputs: Readonly<Record<RunKey, KeptOutput>>;
  /** What a person is to run, by run, of the runs with status `asked`. Without an entry the card points to the plan. */
  readonly hands?: Readonly<Record<RunKey, string>>;
  /** What pages somebody, by name: `@sac-leads` → `<!subteam^S1>`. A name without an entry is shown as plain text. */
  readonly mentions: Readonly<Record<string, string>>;
}
