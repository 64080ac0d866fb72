import { z } from 'zod';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Planned, StepKind, Where } from '../domain/step.ts';
import { replaceByHand } from './by-hand.ts';
import { type Change, keepOld, nameOthers, pinsOf, putBack, versionsAre } from './pip-changes.ts';
import { allMet, parseLook, readLook } from './pip-look.ts';
import { canonicalName, interpreterProblems, packageName, parseInstalled, pipEnvironment, readInstalled, readVersion } from './python.ts';
import { line, orShort } from './schema.ts';
import { answer, complaint, inDir, keepAt, makeKeep, problem, pythonOf, shellWork } from './shell.ts';

interface Params {
  readonly requirement: string;
}

const requirement = line.describe('The package and its exact version: "trade-agent-sac=={{release.package_version}}".');

/**
 * Replaces an installed Python package by an exact version. What that version needs is compared with the host when planning; it is fetched before the
 * old one goes, and the old files are kept.
 */
export const pipReplace: StepKind<Params> = {
  key: 'pip.replace',
  version: 2,
  about:
    "Replaces a Python package by an exact version, with the role's interpreter; what it needs is compared with the host, and it is fetched before the old one is uninstalled.",
  place: 'host',
  schema: orShort('requirement', requirement, z.strictObject({ requirement })),
  byHand: (params, where) => replaceByHand(params.requirement, where),
  probes(params, where) {
    const wanted = parse(params.requirement);
    if (wanted === undefined) return [];
    return [inDir(where, readInstalled(where.role, wanted.name)), inDir(where, pipEnvironment, readLook(where, 'one', params.requirement))];
  },
  plan(params, [installed, looked], where): Planned {
    const wanted = parse(params.requirement);
    if (wanted === undefined) return malformed(params.requirement, where);
    const { name, version } = wanted;
    const seen = parseInstalled(answer(installed));
    const old = seen?.version;
    const { changes: found, problems, warnings } = parseLook(looked, params.requirement, where);
    const isHead = (change: Change) => change.name === canonicalName(name);
    const changes = [{ name, ...(old !== undefined && { old }), new: version }, ...found.filter((change) => !isHead(change))];
    return {
      work: shellWork(where, {
        guard: inDir(where, versionsAre(where, changes, 'old', 'packages changed since the plan was made')),
        command: inDir(where, pipEnvironment, makeKeep(where), fetchNew(where, changes), keepOld(where, changes), replace(where, changes)),
        verify: inDir(
          where,
          versionsAre(where, changes, 'new', `not ${params.requirement}`),
          sh`${raw(allMet(where, 'one', `${name}==${version}`))} || die ${`${name} ${version} has not all that it needs`}`,
        ),
        restore: inDir(where, pipEnvironment, keepAt(where), putBack(where, changes)),
        settles: true,
        from: `${name} ${old ?? 'not installed'}`,
        to: `${name} ${version}`,
      }),
      problems: [...interpreterProblems(seen, complaint(installed), where), ...problems],
      warnings,
    };
  },
};

function fetchNew(where: Where, changes: readonly Change[]): Sh {
  const pins = pinsOf(changes);
  return script(
    sh`mkdir -p -- "$keep/new" || die "cannot write to $keep"`,
    sh`${pythonOf(where.role)} -m pip download -q --no-deps -d "$keep/new" ${pins} || die ${`${pins.join(', ')} cannot be had; nothing was changed`}`,
  );
}

/** `--no-deps`: what it needs stands in the plan by its version, and nothing else is touched. */
function replace(where: Where, changes: readonly Change[]): Sh {
  const [head, ...others] = changes;
  if (head === undefined) return sh`:`;
  const pip = sh`${pythonOf(where.role)} -m pip`;
  const { name, old, new: version = '' } = head;
  const also = others.length === 0 ? '' : `, with ${pinsOf(others).join(' ')}`;
  return script(
    sh`if [ -n "$(${raw(readVersion(where.role, name))})" ]; then ${raw(pip)} uninstall -q -y ${name} || die ${`cannot uninstall ${name}`}; fi`,
    sh`${raw(pip)} install -q --no-deps --find-links "$keep/new" ${pinsOf(changes)} || die ${`cannot install ${name} ${version}; the old files are kept`}`,
    sh`echo ${`${old === undefined ? `installed ${name} ${version}` : `replaced ${name} ${old} by ${version}`}${also}; the old files are kept`}" in $keep"`,
    nameOthers(where, changes),
  );
}

function parse(text: string): { name: string; version: string } | undefined {
  const [, name = '', version] = /^([^=]+)==([A-Za-z0-9][A-Za-z0-9.!+_-]*)$/.exec(text) ?? [];
  return !packageName.test(name) || version === undefined ? undefined : { name, version };
}

function malformed(text: string, where: Where): Planned {
  return {
    work: shellWork(where, { command: sh`echo 'not a package and version' >&2; exit 1`, from: '', to: '' }),
    problems: [problem(`${text} is not a package and an exact version`, 'write name==version; does the target have a package version?')],
  };
}
