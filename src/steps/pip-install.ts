import { z } from 'zod';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Planned, StepKind, Where } from '../domain/step.ts';
import { bringsTarget, inTargetTree } from './from-target.ts';
import { inCloneReading } from './git-shell.ts';
import { type Change, keepOld, nameOthers, pinsOf, putBack, versionsAre, versionsText } from './pip-changes.ts';
import { allMet, parseLook, readLook } from './pip-look.ts';
import { interpreterProblems, parseInstalled, pipEnvironment, readInstalled } from './python.ts';
import { answer, complaint, inDir, keepAt, makeKeep, path, problem, pythonOf, shellWork } from './shell.ts';

interface Params {
  readonly requirements: string;
}

const requirements = z
  .string()
  .regex(/^(?!.*(^|\/)\.\.(\/|$))[A-Za-z0-9_.][A-Za-z0-9_./-]*$/, "a file inside the role's directory, such as requirements.txt")
  .describe("The requirements file, inside the role's directory. Where a step of the runbook brings the target's, that one is planned for.");

/** Installs what a requirements file names: what would change is found when planning, and nothing else is changed. */
export const pipInstall: StepKind<Params> = {
  key: 'pip.install',
  version: 1,
  about:
    "Installs a requirements file with the role's interpreter; what will change is in the plan by its version, fetched first, and the old is kept.",
  place: 'host',
  schema: z.strictObject({ requirements }),
  probes(params, where) {
    const file = path(params.requirements);
    const from = (...lines: Sh[]): Sh =>
      bringsTarget(where, params.requirements)
        ? inTargetTree(where, (...inside) => inCloneReading(where, ...inside), ...lines)
        : inDir(where, ...lines);
    // In the target's tree the interpreter is still the one of the role's directory.
    const role = { ...where.role, python: interpreterOf(where) };
    return [
      inDir(where, readInstalled(where.role, 'pip')),
      from(sh`sha256sum < ${raw(file)} | cut -c 1-64; [ -r ${raw(file)} ]`),
      from(pipEnvironment, readLook({ ...where, role }, 'file', params.requirements)),
    ];
  },
  plan(params, [installed, sum, looked], where): Planned {
    const seen = parseInstalled(answer(installed));
    const hash = answer(sum);
    const looking = parseLook(looked, params.requirements, where);
    const { changes } = looking;
    const met = `${params.requirements} ${hash.slice(0, 12)} is met`;
    return {
      work: shellWork(where, {
        guard: inDir(
          where,
          sh`[ "$(sha256sum < ${raw(path(params.requirements))} | cut -c 1-64)" = ${hash} ] || die ${`${params.requirements} is not the one that was planned for`}`,
          versionsAre(where, changes, 'old', 'packages changed since the plan was made'),
        ),
        command: inDir(
          where,
          pipEnvironment,
          makeKeep(where),
          fetchNew(where, params.requirements, changes),
          keepOld(where, changes),
          install(where, params.requirements, changes),
        ),
        verify: inDir(
          where,
          versionsAre(where, changes, 'new', 'the packages are not as planned'),
          sh`${raw(allMet(where, 'file', params.requirements))} || die ${`not all of ${params.requirements} is installed`}`,
        ),
        restore: inDir(where, pipEnvironment, keepAt(where), putBack(where, changes)),
        settles: true,
        from: changes.length === 0 ? met : versionsText(changes, 'old'),
        to: changes.length === 0 ? met : versionsText(changes, 'new'),
      }),
      problems: [
        ...interpreterProblems(seen, complaint(installed), where),
        ...(sum?.exitCode === 0 ? looking.problems : [fileProblem(params.requirements, complaint(sum), where)]),
      ],
      warnings: looking.warnings,
    };
  },
  byHand: (params, where) => sh`${pythonOf(where.role)} -m pip install -r ${params.requirements}`,
};

const fileProblem = (file: string, why: string, where: Where) =>
  bringsTarget(where, file)
    ? problem(`${file} of ${where.target.version} cannot be read: ${why}`, `fetch ${where.target.version} into ${where.role.dir}, and ask again`)
    : problem(`${where.role.dir}/${file} cannot be read: ${why}`, 'put it there, or mend the name in the system file');

function interpreterOf(where: Where): string {
  const python = pythonOf(where.role);
  return python.startsWith('./') ? `${where.role.dir}/${python.slice(2)}` : python;
}

/** The index options of the file are needed for the fetch too; they are read on the host, for an address may hold a password. */
function fetchNew(where: Where, file: string, changes: readonly Change[]): Sh {
  const pins = pinsOf(changes);
  return script(
    sh`[ -e "$keep/freeze" ] || ${pythonOf(where.role)} -m pip freeze > "$keep/freeze" || die "cannot write to $keep"`,
    sh`mkdir -p -- "$keep/new" && printf '%s\\n' ${pins} > "$keep/pins.txt" || die "cannot write to $keep"`,
    sh`{ grep -E '^ *(-i|-f|--(extra-)?index-url|--find-links|--no-index|--trusted-host|--(no|only)-binary|--pre)' -- ${raw(path(file))}; cat -- "$keep/pins.txt"; } > "$keep/fetch.txt"`,
    pins.length === 0
      ? undefined
      : sh`${pythonOf(where.role)} -m pip download -q --no-deps -d "$keep/new" -r "$keep/fetch.txt" || die ${`${pins.join(', ')} cannot be had; nothing was changed`}`,
  );
}

/** The document's own command, held to the versions of the plan. A file with hashes names exact versions itself, and pip takes no others beside it. */
function install(where: Where, file: string, changes: readonly Change[]): Sh {
  const from = raw(path(file));
  return script(
    sh`set -- -r ${from}; grep -q -e --hash -- ${from} || set -- "$@" -c "$keep/pins.txt"`,
    sh`${pythonOf(where.role)} -m pip install -q --find-links "$keep/new" "$@" || die ${`cannot install ${file}; the old files are kept`}`,
    sh`echo ${changes.length === 0 ? `${file} was met already` : `installed ${file}: ${versionsText(changes, 'new')}`}`,
    nameOthers(where, changes),
  );
}
