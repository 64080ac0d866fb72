/**
 * What can be made to go wrong with the next dispatch: `lose-reply` starts the run and then breaks the connection;
 * `server-error` answers 502 and starts nothing; `rate-limit` answers 429 with Retry-After; `fail-run` starts a run that fails without deploying.
 */
export type Fault = 'lose-reply' | 'server-error' | 'rate-limit' | 'fail-run';
