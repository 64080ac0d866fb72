import { parse } from 'yaml';
import { git } from '../samples/git.ts';

/** A branch or tag of a repository. */
export interface Ref {
  readonly name: string;
  readonly sha: string;
}

export interface WorkflowInput {
  readonly required: boolean;
  readonly default?: string;
}

/** A workflow file that can be dispatched. */
export interface Workflow {
  readonly name: string;
  readonly runName: string;
  readonly dispatchable: boolean;
  readonly inputs: ReadonlyMap<string, WorkflowInput>;
}

/** Finds a branch or a tag as GitHub does: a commit id is not a ref. Undefined when there is none. */
export async function findRef(repository: string, text: string): Promise<Ref | undefined> {
  if (!/^[A-Za-z0-9][A-Za-z0-9._/-]*$/.test(text) || text.includes('..')) return undefined;
  const full = text.startsWith('refs/') ? [text] : [`refs/heads/${text}`, `refs/tags/${text}`];
  for (const name of full) {
    const sha = await git(repository, ['rev-parse', '--quiet', '--verify', '--end-of-options', `${name}^{commit}`]).catch(() => '');
    if (/^[0-9a-f]{40}$/.test(sha)) return { name: name.replace(/^refs\/(heads|tags)\//, ''), sha };
  }
  return undefined;
}

/** Reads a workflow at a commit or `HEAD`; undefined when the file is not there. */
export async function readWorkflow(repository: string, commit: string, file: string): Promise<Workflow | undefined> {
  if (!/^[A-Za-z0-9_-][A-Za-z0-9._-]*\.ya?ml$/.test(file)) return undefined;
  const text = await git(repository, ['show', `${commit}:.github/workflows/${file}`]).catch(() => undefined);
  if (text === undefined) return undefined;
  const document = record(parse(text));
  const on = record(document.on);
  const inputs = Object.entries(record(record(on.workflow_dispatch).inputs)).map(([name, value]) => [name, input(record(value))] as const);
  const name = String(document.name ?? file);
  return { name, runName: String(document['run-name'] ?? name), dispatchable: 'workflow_dispatch' in on, inputs: new Map(inputs) };
}

/** The run-name with `inputs.*` and `github.ref_name` filled in, which is all that the sample's own one uses. */
export function titleOf(workflow: Workflow, ref: string, inputs: Readonly<Record<string, string>>): string {
  const fill = (_: string, scope: string, key: string) => (scope === 'inputs' ? (inputs[key] ?? '') : key === 'ref_name' ? ref : '');
  return workflow.runName.replaceAll(/\$\{\{\s*(inputs|github)\.(\w+)\s*\}\}/g, fill).trim();
}

function input(value: Readonly<Record<string, unknown>>): WorkflowInput {
  const fallback = value.default === undefined ? {} : { default: String(value.default) };
  return { required: value.required === true, ...fallback };
}

const record = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {});
