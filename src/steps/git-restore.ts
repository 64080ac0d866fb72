import { z } from 'zod';
import { script, sh } from '../domain/sh.ts';
import type { Planned, Problem, StepKind, Where } from '../domain/step.ts';
import type { FileGroup } from '../domain/system.ts';
import { restoreByHand } from './by-hand.ts';
import { haveTarget, inClone, inCloneReading, keepAndClear, putBack, stateHash, unchanged } from './git-shell.ts';
import { describeFiles, filesUnder, listFiles, parseListing } from './listing.ts';
import { nameOf } from './patterns.ts';
import { line, orShort } from './schema.ts';
import { answer, complaint, keepAt, makeKeep, problem, shellWork } from './shell.ts';

interface Params {
  readonly group: string;
}

const group = line.describe('A file group: its whole directory becomes what the target release has, files that were added later included.');

/** Makes a group's directory, in index and work tree, what the target has. `git checkout COMMIT -- DIR` would leave files added later. */
export const gitRestore: StepKind<Params> = {
  key: 'git.restore',
  version: 3,
  about: "Makes a file group's whole directory what the target release has; uncommitted work is kept and named.",
  place: 'host',
  schema: orShort('group', group, z.strictObject({ group })),
  byHand: (params, where) => restoreByHand(where.system.files[params.group]?.dir ?? '.', where),
  probes(params, where) {
    const dir = where.system.files[params.group]?.dir ?? '.';
    return [
      inCloneReading(where, stateHash(dir)),
      inCloneReading(where, listFiles(sh`git ls-files -z --cached --others --exclude-standard -- ${dir}`)),
    ];
  },
  plan(params, [state, listing], where): Planned {
    const files = where.system.files[params.group];
    if (files === undefined) return unknownGroup(params.group, where);
    const { dir } = files;
    const wanted = filesUnder(where.targetTree, dir);
    return {
      work: shellWork(where, {
        guard: inClone(where, unchanged(stateHash(dir), answer(state), `${dir} has`)),
        command: inClone(where, makeKeep(where), haveTarget(where), keepAndClear(dir, where.target.commit), restoreFrom(dir, where)),
        verify: inClone(where, verified(dir, where)),
        restore: inClone(where, keepAt(where), putBack(dir)),
        settles: true,
        from: describeFiles(parseListing(answer(listing), dir), wanted),
        to: describeFiles(wanted),
      }),
      problems: [
        ...(answer(state) === ''
          ? [problem(`${dir} cannot be read: ${complaint(state)}`, `make ${where.role.dir} a git clone that ${where.host.user} owns`)]
          : []),
        ...(wanted.length === 0
          ? [problem(`${where.target.version} has no file in ${dir}`, 'choose a release that has it, or mend the file group')]
          : []),
      ],
      warnings: missingNames(files, where),
    };
  },
};

function restoreFrom(dir: string, where: Where) {
  const { commit, version } = where.target;
  return script(
    sh`git restore --source=${commit} --no-overlay --staged --worktree -- ${dir} || die ${`cannot restore ${dir} from ${version}`}`,
    sh`echo ${`${dir} is now as ${version} (${commit.slice(0, 12)}) has it`}`,
  );
}

function verified(dir: string, where: Where) {
  const { commit, version } = where.target;
  return script(
    sh`git diff --no-ext-diff --quiet ${commit} -- ${dir} || die ${`files in ${dir} differ from ${version}`}`,
    sh`git diff --no-ext-diff --cached --quiet ${commit} -- ${dir} || die ${`the index of ${dir} differs from ${version}`}`,
    sh`left=$(git ls-files --others --exclude-standard -- ${dir}); [ -z "$left" ] || die ${`files in ${dir} are not in ${version}:`} "$left"`,
  );
}

/** Names of the group that the target has not: worth saying, but the release is what it is. */
function missingNames(files: FileGroup, where: Where): string[] {
  const there = filesUnder(where.targetTree, files.dir);
  const missing = files.names.filter((name) => !there.some((file) => nameOf([name], file.path) !== undefined));
  return missing.length === 0 ? [] : [`${where.target.version} has no ${missing.map((name) => `${files.dir}/${name}`).join(', ')}`];
}

/** A plan for a group that the system file does not have: a problem, and work that refuses to run. */
export function unknownGroup(name: string, where: Where): Planned {
  const problems: Problem[] = [problem(`there is no file group ${name}`, `use one of: ${Object.keys(where.system.files).join(', ')}`)];
  return { work: shellWork(where, { command: sh`echo ${`there is no file group ${name}`} >&2; exit 1`, from: '', to: '' }), problems };
}
