import type { PipelineOrder } from './step.ts';

/** What a triggered run is called afterwards: enough to follow it from any worker. */
export interface PipelineRef {
  readonly ref: string;
  /** For people. */
  readonly url: string;
}

/** How a run stands. `why` is for people. */
export type PipelineStatus =
  | { readonly kind: 'running' }
  | { readonly kind: 'ended'; readonly ok: boolean; readonly why: string; readonly log: string };

/** Our failure to talk to a pipeline's service; never the run's own failure. */
export class PipelineError extends Error {
  override name = 'PipelineError';
  readonly advice: string;
  /** True when nobody can say whether the run was started. */
  readonly isUncertain: boolean;
  constructor(message: string, advice: string, options: ErrorOptions & { isUncertain?: boolean } = {}) {
    super(message, options);
    this.advice = advice;
    this.isUncertain = options.isUncertain ?? false;
  }
}

/** A CI/CD service. */
export interface PipelineService {
  /** Starts the run once; `key` is the same when it is asked again for the same attempt. */
  trigger(order: PipelineOrder, key: string): Promise<PipelineRef>;
  /** The run that an earlier trigger of `key` started since `sinceMs`, where that can be told; throws an uncertain PipelineError where it cannot. */
  find(order: PipelineOrder, key: string, sinceMs: number): Promise<PipelineRef | undefined>;
  status(order: PipelineOrder, ref: string): Promise<PipelineStatus>;
  /** Tells the run to end; it may take a moment, or have ended. Throws a PipelineError where that cannot be told. */
  cancel(order: PipelineOrder, ref: string): Promise<void>;
}

/** The services by how an order reaches them. */
export type Pipelines = Readonly<Record<PipelineOrder['via'], PipelineService>>;
