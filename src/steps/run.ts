import { z } from 'zod';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { StepKind, Where } from '../domain/step.ts';
import { runByHand } from './by-hand.ts';
import { inTargetTree } from './from-target.ts';
import { haveTarget, inClone } from './git-shell.ts';
import { type Logs, lastLogs, logs } from './last-logs.ts';
import { orShort } from './schema.ts';
import { asWritten, inDir, shellWork, withPython } from './shell.ts';

interface Params {
  readonly command: string;
  readonly undo?: string | undefined;
  readonly logs?: Logs | undefined;
}

const text = z.string().regex(/^[^\0]*\S[^\0]*$/, 'must be a command');
const command = text.describe("A command for sh, run in the role's directory, the directory of the role's python first on the PATH.");
const undo = text.optional().describe('A command that takes it back, where there is one.');

/** Runs the author's command. In a phase with `tests_from: target` it runs in a temporary copy of the target release's tree. */
export const run: StepKind<Params> = {
  key: 'run',
  version: 2,
  about: "Runs a command in the role's directory, or in the target release's own tree where the phase says `tests_from: target`.",
  place: 'host',
  schema: orShort('command', command, z.strictObject({ command, undo, logs: logs.optional() })),
  plan(params, _facts, where) {
    return {
      work: shellWork(where, {
        command: withLogs(
          params.logs,
          where,
          where.testsFromTarget ? inTarget(where, params.command) : inDir(where, withPython(where.role), asWritten(params.command)),
        ),
        ...(params.undo !== undefined && { restore: inDir(where, withPython(where.role), asWritten(params.undo)) }),
        from: '',
        to: '',
      }),
    };
  },
  byHand: (params, where) => runByHand(params.command, where),
};

/** When the command fails, the logs are printed after what it said itself; its own status stays the step's. */
function withLogs(given: Logs | undefined, where: Where, command: Sh): Sh {
  if (given === undefined) return command;
  return script(sh`(\n${raw(command)}\n)`, sh`status=$?; [ "$status" != 0 ] || exit 0`, sh`(\n${raw(lastLogs(given, where))}\n)`, sh`exit "$status"`);
}

/** PYTHONPATH: the target's tests must import the target's code, not what is installed. */
function inTarget(where: Where, given: string): Sh {
  const { commit, version } = where.target;
  return inTargetTree(
    where,
    (...lines) => inClone(where, haveTarget(where), ...lines),
    withPython(where.role),
    sh`PYTHONPATH=$tree/files; export PYTHONPATH`,
    sh`echo ${`in the tree of ${version} (${commit.slice(0, 12)}):`}`,
    sh`${raw(asWritten(given))}`,
  );
}
