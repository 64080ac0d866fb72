import { z } from 'zod';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Planned, Problem, StepKind, Where } from '../domain/step.ts';
import { installedFiles, pipEnvironment, readInstalled, readVersion } from './python.ts';
import { line, orShort } from './schema.ts';
import { answer, complaint, inDir, keepAt, makeKeep, problem, pythonOf, shellWork } from './shell.ts';

interface Params {
  readonly requirement: string;
}

const requirement = line.describe('The package and its exact version: "trade-agent-sac=={{release.package_version}}".');

/** Replaces an installed Python package by an exact version. The new one is fetched before the old one goes, and the old one's files are kept. */
export const pipReplace: StepKind<Params> = {
  key: 'pip.replace',
  version: 1,
  about: "Replaces a Python package by an exact version, with the role's interpreter; fetched before the old one is uninstalled.",
  place: 'host',
  schema: orShort('requirement', requirement, z.strictObject({ requirement })),
  probes(params, where) {
    const wanted = parse(params.requirement);
    if (wanted === undefined) return [];
    return [inDir(where, readInstalled(where.role, wanted.name)), inDir(where, pipEnvironment, canBeHad(where, params.requirement))];
  },
  plan(params, [installed, available], where): Planned {
    const wanted = parse(params.requirement);
    if (wanted === undefined) return malformed(params.requirement, where);
    const seen = parseInstalled(answer(installed));
    const { name, version } = wanted;
    const old = seen?.version;
    return {
      work: shellWork(where, {
        guard: inDir(
          where,
          sh`now=$(${raw(readVersion(where.role, name))}); [ "$now" = ${old ?? ''} ] || die ${`${name} changed since the plan was made`}": \${now:-not installed}"`,
        ),
        command: inDir(
          where,
          pipEnvironment,
          makeKeep(where),
          fetchNew(where, params.requirement),
          keepOld(where, name),
          replace(where, name, version, old),
        ),
        verify: inDir(
          where,
          sh`now=$(${raw(readVersion(where.role, name))}); [ "$now" = ${version} ] || die ${`${name} is not ${version}`}": \${now:-not installed}"`,
        ),
        restore: inDir(where, pipEnvironment, keepAt(where), putBack(where, name, old)),
        from: `${name} ${old ?? 'not installed'}`,
        to: `${name} ${version}`,
      }),
      problems: [
        ...interpreterProblems(seen, complaint(installed), where),
        ...(available?.exitCode === 0
          ? []
          : [
              problem(
                `${params.requirement} cannot be had: ${complaint(available)}`,
                "build and publish it to the index or folder that the host's pip uses",
              ),
            ]),
      ],
    };
  },
};

function canBeHad(where: Where, wanted: string): Sh {
  return script(
    sh`fresh=$(mktemp -d) || die 'no temporary directory can be made'; trap 'rm -rf -- "$fresh"' EXIT`,
    sh`${pythonOf(where.role)} -m pip download -q --no-deps -d "$fresh" ${wanted} >&2`,
  );
}

function fetchNew(where: Where, wanted: string): Sh {
  return script(
    sh`mkdir -p -- "$keep/new" || die "cannot write to $keep"`,
    sh`${pythonOf(where.role)} -m pip download -q --no-deps -d "$keep/new" ${wanted} || die ${`${wanted} cannot be had; nothing was changed`}`,
  );
}

/** All files of what is installed: undo then needs no index, and brings back an editable or local installation too. */
function keepOld(where: Where, name: string): Sh {
  return script(
    sh`if [ ! -e "$keep/others" ]; then`,
    sh`  ${raw(installedFiles(where.role, name))} > "$keep/files" && tar -cPf "$keep/installed.tar" --null -T "$keep/files" || die "cannot keep the installed package in $keep"`,
    sh`  ${raw(others(where, name))} > "$keep/others.new" && mv -- "$keep/others.new" "$keep/others" || die "cannot write to $keep"`,
    sh`fi`,
  );
}

const others = (where: Where, name: string): Sh =>
  sh`${pythonOf(where.role)} -c ${`import importlib.metadata as m, re, sys
n = lambda s: re.sub(r'[-_.]+', '-', s).lower()
print('\\n'.join(sorted({n(d.metadata['Name']) + ' ' + d.version for d in m.distributions() if d.metadata['Name'] and n(d.metadata['Name']) != n(sys.argv[1])})))`} ${name}`;

function replace(where: Where, name: string, version: string, old: string | undefined): Sh {
  const pip = sh`${pythonOf(where.role)} -m pip`;
  return script(
    sh`if [ -n "$(${raw(readVersion(where.role, name))})" ]; then ${raw(pip)} uninstall -q -y ${name} || die ${`cannot uninstall ${name}`}; fi`,
    sh`${raw(pip)} install -q --find-links "$keep/new" ${`${name}==${version}`} || die ${`cannot install ${name} ${version}; the old files are kept`}`,
    sh`echo ${old === undefined ? `installed ${name} ${version}` : `replaced ${name} ${old} by ${version}; the old files are kept`}" in $keep"`,
    sh`${raw(others(where, name))} | diff "$keep/others" - || echo 'note: these other packages changed with it (< before, > now)'`,
  );
}

function putBack(where: Where, name: string, old: string | undefined): Sh {
  const installed = sh`"$(${raw(readVersion(where.role, name))})"`;
  return script(
    sh`[ -e "$keep/others" ] || { echo 'nothing had been changed'; exit 0; }`,
    sh`if [ -n ${raw(installed)} ]; then ${pythonOf(where.role)} -m pip uninstall -q -y ${name} || die ${`cannot uninstall ${name}`}; fi`,
    old === undefined ? undefined : sh`tar -xPpf "$keep/installed.tar" || die ${`cannot put the files of ${name} ${old} back`}`,
    sh`[ ${raw(installed)} = ${old ?? ''} ] || die ${`${name} is not as it was (${old ?? 'not installed'})`}`,
    sh`${raw(others(where, name))} | diff "$keep/others" - || die 'other packages are not as they were (< before, > now)'`,
    sh`echo ${old === undefined ? `removed ${name}, which was not installed before` : `put ${name} ${old} back`}`,
  );
}

interface Installed {
  readonly version?: string;
  readonly managed: boolean;
  readonly writable: boolean;
  readonly site: string;
}

function parseInstalled(text: string): Installed | undefined {
  const [version, managed, writable, site] = text.split('\n');
  if (site === undefined) return undefined;
  return { ...(version !== '-' && version !== undefined && { version }), managed: managed === 'managed', writable: writable === 'writable', site };
}

function interpreterProblems(seen: Installed | undefined, why: string, where: Where): Problem[] {
  const python = pythonOf(where.role);
  if (seen === undefined)
    return [problem(`the interpreter ${python} does not answer: ${why}`, "set the role's python to the interpreter of the venv")];
  if (seen.managed)
    return [problem(`${python} belongs to the system's packages, which refuses pip`, "make a venv and set the role's python to its interpreter")];
  return seen.writable
    ? []
    : [problem(`${where.host.user} may not write to ${seen.site}`, `give ${where.host.user} the venv, or use a user that owns it`)];
}

function parse(text: string): { name: string; version: string } | undefined {
  const [, name, version] = /^([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)==([A-Za-z0-9][A-Za-z0-9.!+_-]*)$/.exec(text) ?? [];
  return name === undefined || version === undefined ? undefined : { name, version };
}

function malformed(text: string, where: Where): Planned {
  return {
    work: shellWork(where, { command: sh`echo 'not a package and version' >&2; exit 1`, from: '', to: '' }),
    problems: [problem(`${text} is not a package and an exact version`, 'write name==version; does the target have a package version?')],
  };
}
