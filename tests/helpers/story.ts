import type { Actor, Event, Fact, StepResult } from '../../src/domain/event.ts';
import { fold } from '../../src/domain/fold.ts';
import { next } from '../../src/domain/next.ts';
import type { Outline, OutlineStep, RunKey } from '../../src/domain/plan.ts';
import type { Finding, Verdict } from '../../src/domain/proof.ts';
import type { State, Status } from '../../src/domain/state.ts';
import { outlineOf } from './outline.ts';

export const people = {
  requester: { id: 'U0RILEYCH', name: 'requester', via: 'slack' },
  approver: { id: 'U0ADAOKAF', name: 'approver', via: 'slack' },
  oncall: { id: 'U0NOORHAD', name: 'oncall', via: 'slack' },
} as const satisfies Record<string, Actor>;

export const digest = 'd'.repeat(64);
/** When the stories begin, in milliseconds since 1970: Saturday, 21 November 2026, 03:00 UTC. */
export const beginsAt = Date.UTC(2026, 10, 21, 3, 0);

/** What may be chosen of a story; the rest is the usual one. */
export interface Options {
  readonly id?: string;
  readonly version?: string;
  readonly answers?: Readonly<Record<string, string>>;
  readonly outline?: Partial<Outline>;
  /** Of the request: dry run, rehearsal, variant, what can be halted, what is undone. */
  readonly request?: Partial<Extract<Fact, { type: 'requested' }>>;
}

/** A rollback told event by event; each method adds what it says and returns the same story. Every event comes a second after the one before. */
export interface Story {
  readonly events: readonly Event[];
  readonly outline: Outline;
  /** The state after all that was told. Throws before `requested`. */
  state(): State;
  /** The time of the last event, with what was waited since. */
  now(): number;
  tell(...facts: readonly Fact[]): Story;
  wait(ms: number): Story;
  requested(): Story;
  planned(): Story;
  unplannable(): Story;
  started(): Story;
  /** Does what is next, every run well, until `isThere` says so, or nothing is left but proof. */
  work(isThere?: (state: State) => boolean): Story;
  /** Works up to a run, and begins it. */
  upTo(run: RunKey): Story;
  /** Works up to a run, lets it end so, and tells the trouble. */
  failing(run: RunKey, result?: Partial<StepResult>): Story;
  /** Works through all phases and proves the hosts; those named are found otherwise. */
  proven(verdicts?: Readonly<Record<string, Verdict>>): Story;
  completed(): Story;
}

/** Begins a story of one of the two systems. */
export function story(system: 'sac' | 'agentrader' = 'sac', options: Options = {}): Story {
  return new Told(system, options);
}

/** A story that has just come to this status. */
export function storyAt(status: Status, system: 'sac' | 'agentrader' = 'sac', options: Options = {}): Story {
  const isDry = status === 'shown';
  const told = story(system, isDry ? { ...options, request: { ...options.request, dryRun: true } } : options).requested();
  if (status === 'reading') return told;
  if (status === 'unplannable') return told.unplannable();
  told.planned();
  if (status === 'waiting' || status === 'shown') return told;
  if (status === 'rejected') return told.tell({ type: 'rejected', by: people.approver, reason: 'v0.1.0 has the same fault' });
  if (status === 'withdrawn') return told.tell({ type: 'withdrawn', by: people.requester });
  if (status === 'expired') return told.wait(1_800_000).tell({ type: 'expired' });
  told.started();
  if (status === 'running') return told.upTo(middle[system]);
  if (status === 'trouble') return told.failing(middle[system]);
  if (status === 'left') return told.failing(middle[system]).tell({ type: 'left', by: people.requester });
  if (status === 'handed-over') return told.failing(middle[system]).tell({ type: 'handed-over', to: `${told.outline.system}-43` });
  if (status === 'stopping') return told.upTo(middle[system]).tell({ type: 'stop-chosen', by: people.oncall });
  if (status === 'stopped')
    return told.upTo(middle[system]).tell(
      { type: 'stop-chosen', by: people.oncall },
      {
        type: 'step-finished',
        run: middle[system],
        attempt: 1,
        result: { outcome: 'cut', exitCode: 143, stage: 'command', durationMs: 4000, outputBytes: 0 },
      },
      { type: 'stopped' },
    );
  if (status === 'proving') return told.work((state) => state.status === 'proving');
  return told.completed();
}

export const statuses: readonly Status[] = [
  'reading',
  'unplannable',
  'shown',
  'waiting',
  'rejected',
  'withdrawn',
  'expired',
  'running',
  'trouble',
  'proving',
  'complete',
  'left',
  'handed-over',
  'stopping',
  'stopped',
];

/** A run while production is stopped. */
const middle = { sac: '11.3@prod-2', agentrader: '6.2@ec2-1' } as const satisfies Record<string, RunKey>;

class Told implements Story {
  readonly events: Event[] = [];
  readonly outline: Outline;
  readonly #options: Options;
  #at = beginsAt;
  #state: State | undefined;

  constructor(system: string, options: Options) {
    this.#options = options;
    this.outline = { ...outlineOf(system), ...options.outline };
  }

  state(): State {
    if (!this.#state) throw new Error('the story has not begun');
    return this.#state;
  }

  now(): number {
    return this.#at;
  }

  tell(...facts: readonly Fact[]): Story {
    for (const fact of facts) {
      this.#at += 1000;
      const event: Event = { ...fact, v: 1, seq: this.events.length + 1, at: this.#at };
      this.events.push(event);
      this.#state = fold(this.#options.id ?? `${this.outline.system}-42`, [event], this.#state);
    }
    return this;
  }

  wait(ms: number): Story {
    this.#at += ms;
    return this;
  }

  requested(): Story {
    const { version = 'v0.1.0', answers = usual } = this.#options;
    const { system, title, hosts } = this.outline;
    return this.tell({
      type: 'requested',
      by: people.requester,
      system,
      title,
      hosts: hosts.length,
      version,
      variant: 'normal',
      channel: '#inc-trading',
      answers,
      ...this.#options.request,
    });
  }

  planned(): Story {
    return this.tell({ type: 'planned', digest, outline: this.outline });
  }

  unplannable(): Story {
    const full = { host: this.outline.hosts.at(-1)?.name ?? 'bot', what: '92 MB free, 200 MB are needed', advice: 'Remove images that nothing uses' };
    const missing = { step: '5', what: 'backups/v0.1.0/MANIFEST.sha256 is missing', advice: 'Restore it from the archive' };
    return this.tell({ type: 'unplannable', problems: [full, missing] });
  }

  started(): Story {
    return this.tell({ type: 'approved', by: people.approver, digest }, { type: 'started' }, { type: 'taken', token: '000000000001', worker: 'w1' });
  }

  work(isThere: (state: State) => boolean = () => false): Story {
    while (!isThere(this.state()) && this.#step()) this.state();
    return this;
  }

  /** Does one thing that is next; false when nothing is left to do but prove. */
  #step(): boolean {
    const work = next(this.state());
    if (work.do === 'start-phase') this.tell({ type: 'phase-started', phase: work.phase });
    else if (work.do === 'end-phase') this.tell({ type: 'phase-ended', phase: work.phase });
    else if (work.do === 'steps') this.#run(work.runs[0]);
    else if (work.do === 'poll') this.#finish(work.runs[0]);
    else if (work.do === 'start-proof') this.tell({ type: 'proof-started' });
    else return false;
    return true;
  }

  #run(run: RunKey | undefined): void {
    if (run === undefined) throw new Error('nothing to run');
    const step = this.#stepOf(run);
    const had = this.state().runs[run];
    if (had?.status !== 'running') this.tell({ type: 'step-intended', run, attempt: (had?.attempt ?? 0) + 1, bootId: 'boot-1', storeId: 'store-1' });
    if (step?.type === 'pipeline') this.tell({ type: 'pipeline-triggered', run, attempt: 1, ref: '1', url: 'https://ci.example/runs/1' });
    else this.#finish(run);
    if (step?.sign) this.tell({ type: 'signature-asked', run, numbers: Object.fromEntries(step.sign.shown.map((name, i) => [name, `${i + 1}.5`])) });
  }

  #finish(run: RunKey | undefined): void {
    if (run === undefined) throw new Error('nothing to finish');
    const values = this.#stepOf(run)?.kind === 'measure' ? { health: 'ok', cpu_percent: '12', response_time_p95_ms: '84' } : undefined;
    this.tell({
      type: 'step-finished',
      run,
      attempt: this.state().runs[run]?.attempt ?? 1,
      result: { outcome: 'done', exitCode: 0, stage: 'command', durationMs: 900, outputBytes: 120, ...(values && { values }) },
    });
  }

  #stepOf(run: RunKey): OutlineStep | undefined {
    const id = run.slice(0, run.lastIndexOf('@'));
    return this.outline.phases.flatMap((phase) => phase.steps).find((step) => step.id === id);
  }

  upTo(run: RunKey): Story {
    this.work((state) => {
      const work = next(state);
      return work.do === 'steps' && work.runs.includes(run);
    });
    return this.tell({ type: 'step-intended', run, attempt: 1, bootId: 'boot-1', storeId: 'store-1' });
  }

  failing(run: RunKey, result: Partial<StepResult> = {}): Story {
    this.upTo(run);
    const failed = { outcome: 'failed', exitCode: 1, stage: 'command', durationMs: 4200, outputBytes: 900 } as const;
    const usualAdvice = { why: 'No space left on device', advice: '4.1 GB of unpinned images can go' };
    this.tell({ type: 'step-finished', run, attempt: 1, result: { ...failed, ...usualAdvice, ...result } });
    return this.tell({ type: 'trouble', where: 'step', what: `${run} did not end well` });
  }

  proven(verdicts: Readonly<Record<string, Verdict>> = {}): Story {
    this.work((state) => state.status === 'proving');
    for (const { name } of this.outline.hosts) {
      const verdict = verdicts[name] ?? 'new';
      this.tell({ type: 'host-proven', host: name, verdict, findings: findings(verdict) });
    }
    return this;
  }

  completed(): Story {
    return this.proven().tell({ type: 'completed' });
  }
}

const usual = { scenario: 'deployment failure', symptoms: 'orders rejected', impact: 'no new orders', scope: 'production' };

function findings(verdict: Verdict): Finding[] {
  const found = { new: '0.1.0', old: '0.2.0', unknown: '0.1.5' }[verdict];
  return [
    { what: 'package', found, expected: '0.1.0', ok: verdict === 'new', identifies: true },
    { what: 'unit', found: 'active, 1 process', expected: 'active, 1 process', ok: true, identifies: false },
  ];
}
