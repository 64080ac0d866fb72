/** What a deployment did; `log` is shown to people. */
export interface Deployed {
  readonly ok: boolean;
  readonly log: string;
}

/** Deploys for real. Should end early when `signal` aborts (the run was cancelled). */
export type Deploy = (inputs: Readonly<Record<string, string>>, ref: string, signal: AbortSignal) => Promise<Deployed>;

export type RunStatus = 'queued' | 'in_progress' | 'completed';
export type Conclusion = 'success' | 'failure' | 'cancelled';

/** What a run was started with. */
export interface RunRequest {
  /** `owner/name`, or `hook` for runs started by URL. */
  readonly repository: string;
  /** `.github/workflows/deploy.yml`; empty for a hook. */
  readonly path: string;
  /** The workflow's name. */
  readonly name: string;
  /** What lists show: the workflow's run-name, filled in. */
  readonly title: string;
  /** The tag or branch, without refs/. */
  readonly ref: string;
  readonly sha: string;
  readonly inputs: Readonly<Record<string, string>>;
}

/** One run; tests read it to see what was started, and how often. */
export interface Run extends RunRequest {
  readonly id: number;
  readonly number: number;
  readonly createdAt: Date;
  status: RunStatus;
  conclusion: Conclusion | null;
  log: string;
  startedAt: Date | null;
  completedAt: Date | null;
  /** Settles when the run is completed; never rejects. */
  readonly ended: Promise<void>;
  cancel(): void;
}

/** Ids begin where nobody takes them for a count or a position. */
const FIRST_ID = 17_000_000_001;

/** All runs of one server, in the order they were started. */
export class Runs {
  readonly all: Run[] = [];
  private readonly deploy: Deploy;

  constructor(deploy: Deploy) {
    this.deploy = deploy;
  }

  /** Starts a run in the background; with `fails` it ends as a failure and deploys nothing. */
  start(request: RunRequest, fails: boolean): Run {
    const controller = new AbortController();
    const number = this.all.length + 1;
    let end = () => {};
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const run: Run = {
      ...request,
      id: FIRST_ID + this.all.length,
      number,
      createdAt: new Date(),
      status: 'queued',
      conclusion: null,
      log: '',
      startedAt: null,
      completedAt: null,
      ended,
      cancel: () => controller.abort(),
    };
    this.all.push(run);
    setImmediate(() => void this.carryOut(run, fails, controller.signal).then(end));
    return run;
  }

  find(id: number): Run | undefined {
    return this.all.find((run) => run.id === id);
  }

  /** Cancels what still runs and waits for its end. */
  async stop(): Promise<void> {
    for (const run of this.all) run.cancel();
    await Promise.all(this.all.map((run) => run.ended));
  }

  private async carryOut(run: Run, fails: boolean, signal: AbortSignal): Promise<void> {
    run.status = 'in_progress';
    run.startedAt = new Date();
    const deployed = fails ? { ok: false, log: 'Error: the runner lost its connection to the host' } : await this.deployed(run, signal);
    run.log = deployed.log;
    run.conclusion = signal.aborted ? 'cancelled' : deployed.ok ? 'success' : 'failure';
    run.completedAt = new Date();
    run.status = 'completed';
  }

  private async deployed(run: Run, signal: AbortSignal): Promise<Deployed> {
    if (signal.aborted) return { ok: false, log: 'cancelled before it started' };
    try {
      return await this.deploy(run.inputs, run.ref, signal);
    } catch (error) {
      return { ok: false, log: `Error: ${error instanceof Error ? error.message : String(error)}` };
    }
  }
}
