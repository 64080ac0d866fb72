import { z } from 'zod';
import { raw, sh } from '../domain/sh.ts';
import type { Planned, StepKind } from '../domain/step.ts';
import { keepOld, nameOthers, putBack, versionsAre } from './pip-changes.ts';
import { dependents, interpreterProblems, packageName, parseInstalled, pipEnvironment, readInstalled } from './python.ts';
import { orShort } from './schema.ts';
import { answer, complaint, inDir, keepAt, makeKeep, problem, pythonOf, shellWork } from './shell.ts';

interface Params {
  readonly name: string;
}

const name = z
  .string()
  .regex(packageName, 'a Python package is named like trade-agent-sac')
  .describe('The Python package, as pip names it. Its files are kept, and undo puts them back byte for byte.');

/** Uninstalls a Python package; all its files are kept first. */
export const pipRemove: StepKind<Params> = {
  key: 'pip.remove',
  version: 1,
  about: "Uninstalls a Python package with the role's interpreter; its files are kept.",
  place: 'host',
  schema: orShort('name', name, z.strictObject({ name })),
  probes: (params, where) => [readInstalled(where.role, params.name), dependents(where.role, params.name)].map((read) => inDir(where, read)),
  byHand: (params, where) => sh`${pythonOf(where.role)} -m pip uninstall -y ${params.name}`,
  plan(params, [installed, needed], where): Planned {
    const seen = parseInstalled(answer(installed));
    const change = { name: params.name, ...(seen?.version !== undefined && { old: seen.version }) };
    const gone = `${params.name} not installed`;
    const foreign = seen?.version !== undefined && !seen.inside;
    return {
      work: shellWork(where, {
        guard: inDir(where, versionsAre(where, [change], 'old', 'packages changed since the plan was made')),
        command: inDir(
          where,
          pipEnvironment,
          makeKeep(where),
          keepOld(where, [change]),
          change.old === undefined
            ? sh`echo ${`${params.name} is not installed`}`
            : sh`${pythonOf(where.role)} -m pip uninstall -q -y ${params.name} || die ${`cannot uninstall ${params.name}`}`,
          nameOthers(where, [change]),
        ),
        // A venv may see another one of the system's, which is not its own: it counts as gone.
        verify: inDir(where, sh`${raw(readInstalled(where.role, params.name))} | grep -qx outside || die ${`${params.name} is still installed`}`),
        restore: inDir(where, pipEnvironment, keepAt(where), putBack(where, [change])),
        from: change.old === undefined ? gone : `${params.name} ${change.old}`,
        to: gone,
      }),
      problems: [
        ...interpreterProblems(seen, complaint(installed), where),
        ...(foreign
          ? [problem(`${params.name} is not in ${pythonOf(where.role)}'s own packages but in the system's`, "leave it out, or set the role's python")]
          : []),
      ],
      warnings: [
        ...(seen !== undefined && seen.version === undefined ? [`${params.name} is not installed: there is nothing to remove`] : []),
        ...(answer(needed) === '' ? [] : [`${answer(needed).replaceAll('\n', ', ')} will not have ${params.name}, which it needs`]),
      ],
    };
  },
};
