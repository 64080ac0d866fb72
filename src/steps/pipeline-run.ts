import { z } from 'zod';
import { duration } from '../domain/duration.ts';
import type { PipelineOrder, Planned, StepKind, Where } from '../domain/step.ts';
import { backOf } from './pipeline-back.ts';
import { line, webAddress } from './schema.ts';

type Params = GitHubParams | UrlParams;

interface GitHubParams {
  readonly github: string;
  readonly ref?: string | undefined;
  readonly inputs?: Readonly<Record<string, string>> | undefined;
  readonly key?: string | undefined;
  readonly wait?: number | undefined;
}

interface UrlParams {
  readonly url: string;
  readonly body?: Readonly<Record<string, string>> | undefined;
  readonly secret?: string | undefined;
  readonly wait?: number | undefined;
}

const wait = duration.optional().describe("How long the run may take. Default: the step's timeout.");
const texts = (what: string) => z.record(line, z.string()).optional().describe(what);

const schema = z.union([
  z.strictObject({
    github: z
      .string()
      .regex(/^[A-Za-z0-9_][A-Za-z0-9_.-]*\.ya?ml$/, 'a workflow file is named like deploy.yml')
      .describe("The workflow file in the system's `github.repository`."),
    ref: line.optional().describe('The tag or branch to run it on. Default: the tag of the target release.'),
    inputs: texts("The workflow's inputs."),
    key: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, "a workflow input's name")
      .optional()
      .describe(
        "Name of an input that the workflow shows in its `run-name`. The bot sends the step's own key in it and so finds the run again after an interruption; without it, such a run is unknown and a person decides.",
      ),
    wait,
  }),
  z.strictObject({
    url: webAddress.describe('Where the run is asked for (POST); the answer names where its state can be read.'),
    body: texts('What is sent, as JSON.'),
    secret: z
      .string()
      .regex(/^[A-Z][A-Z0-9_]*$/, 'the NAME of an environment variable of the bot')
      .optional()
      .describe('Name of the environment variable that holds the bearer token.'),
    wait,
  }),
]);

/** Runs a CI/CD pipeline, triggered once and followed to its end: with `on` once for each host of the role. */
export const pipelineRun: StepKind<Params> = {
  key: 'pipeline.run',
  version: 2,
  about: 'Runs a pipeline (a GitHub Actions workflow, or any service by URL), triggered once, followed to its end.',
  place: 'either',
  schema,
  plan(params, _facts, where): Planned {
    const order = 'github' in params ? gitHubOrder(params, where) : urlOrder(params);
    const missing = 'github' in params && where.system.github === undefined;
    const problems = [
      ...(missing ? [{ what: 'the system file has no github', advice: 'add github: { repository, token } to the system file' }] : []),
      ...(order.via === 'github' && /^[0-9a-f]{40}$/.test(order.ref)
        ? [{ what: `a workflow cannot be run on the bare commit ${order.ref.slice(0, 12)}`, advice: 'roll back to a tag, or tag the commit' }]
        : []),
    ];
    return {
      work: {
        type: 'pipeline',
        order,
        ...backOf(order, where),
        from: `${where.from?.version ?? 'unknown'} deployed`,
        to: `${where.target.version} deployed`,
        timeoutMs: params.wait ?? where.timeoutMs,
      },
      problems,
    };
  },
};

function gitHubOrder(params: GitHubParams, where: Where): PipelineOrder {
  return {
    via: 'github',
    repository: where.system.github?.repository ?? '',
    workflow: params.github,
    ref: params.ref ?? where.target.tag ?? where.target.commit,
    inputs: params.inputs ?? {},
    ...(params.key !== undefined && { keyInput: params.key }),
    secret: where.system.github?.token ?? '',
  };
}

const urlOrder = (params: UrlParams): PipelineOrder => ({
  via: 'url',
  url: params.url,
  body: params.body ?? {},
  ...(params.secret !== undefined && { secret: params.secret }),
});
