import { z } from 'zod';
import { duration, formatDuration } from '../domain/duration.ts';
import { type Sh, script, sh } from '../domain/sh.ts';
import type { Planned, Problem, StepKind, Where } from '../domain/step.ts';
import type { FileGroup } from '../domain/system.ts';
import { unknownGroup } from './git-restore.ts';
import { type Obstacle, parseObstacles, readObstacles } from './keep-places.ts';
import { directoriesByMistake, type Match, type Matches, parseMatches, readMatches, recordsOf } from './matches.ts';
import { strayParts } from './patterns.ts';
import { moveBack } from './remove-back.ts';
import { deleteExpired } from './remove-expired.ts';
import { moveAway, provenGone, recordOnce, removeEmpty, tryRenames } from './remove-shell.ts';
import { line } from './schema.ts';
import { answer, inDir, keepAt, makeKeep, problem, shellWork } from './shell.ts';

interface Params {
  readonly groups: readonly string[];
  readonly keep?: number | undefined;
}

const schema = z.strictObject({
  groups: z.array(line).min(1).describe('File groups: what their names match on the host is removed.'),
  keep: duration.optional().describe('How long what was removed is kept for undo. A later removal on that host deletes it then. Default: 14d.'),
});

const fourteenDaysMs = 14 * 86_400_000;

/** Takes the exact matches of file groups away, into the keep directory, from where undo brings them back as they were. */
export const remove: StepKind<Params> = {
  key: 'remove',
  version: 2,
  about: 'Removes the files that file groups name, by exact list; keeps them until their time ends. Never follows a link.',
  place: 'host',
  schema,
  probes(params, where) {
    const groups = groupsOf(params, where);
    return groups === undefined ? [] : [readMatches(where, groups), readWays(where, groups)];
  },
  plan(params, [matches, ways], where): Planned {
    const groups = groupsOf(params, where);
    if (groups === undefined) return notPossible(params, where);
    const seen = parseMatches(matches);
    const keepMs = params.keep ?? fourteenDaysMs;
    if ('why' in seen) return unreadable(groups, seen.why, where);
    return {
      work: shellWork(where, {
        guard: guard(where, groups, seen),
        command: inDir(
          where,
          makeKeep(where),
          deleteExpired,
          recordsOf(groups),
          sh`records "$own/now"`,
          recordOnce(Math.ceil(keepMs / 1000)),
          tryRenames,
          moveAway,
          removeEmpty(groups),
        ),
        verify: inDir(where, keepAt(where), recordsOf(groups), provenGone),
        restore: inDir(where, keepAt(where), recordsOf(groups), moveBack),
        from: seen.all.length === 0 ? nothing : seen.all.map(describe).join('\n'),
        to: seen.all.length === 0 ? nothing : 'gone',
        ...(seen.all.length > 0 && {
          cannotUndo: [
            ...(where.cannotUndo === undefined ? [] : [where.cannotUndo]),
            `what was removed, after ${formatDuration(keepMs)}: it is deleted then`,
          ].join('; '),
        }),
      }),
      problems: [...mistakes(groups, seen), ...tooMuch(seen, where, answer(ways)), ...obstacleProblems(seen, ways?.stdout, where)],
      warnings: seen.all.length === 0 ? [`nothing of ${params.groups.join(', ')} is there to be removed`] : [],
    };
  },
};

const nothing = 'nothing is there';

/** The groups, unless one is missing or leads out of its directory. */
function groupsOf({ groups }: Params, { system }: Where): FileGroup[] | undefined {
  const all = groups.flatMap((name) => system.files[name] ?? []);
  return all.length === groups.length && all.every((group) => strayParts(group).length === 0) ? all : undefined;
}

function readWays(where: Where, groups: readonly FileGroup[]): Sh {
  return inDir(where, keepAt(where), recordsOf(groups), sh`records "$own/now"`, sh`printf 'keep %s\\n' "$keep"`, readObstacles(sh`"$own/now"`));
}

/** The list as planned; or, on another attempt, nothing but what is left of it. */
function guard(where: Where, groups: readonly FileGroup[], seen: Matches): Sh {
  return inDir(
    where,
    keepAt(where),
    recordsOf(groups),
    sh`records "$own/now"; now=$(sha256sum < "$own/now" | cut -c 1-64)`,
    sh`[ "$now" != ${seen.digest} ] || exit 0`,
    sh`if [ -e "$keep/planned" ] && [ "$(sha256sum < "$keep/planned" | cut -c 1-64)" = ${seen.digest} ]; then
  sort -z "$own/now" > "$own/a"; sort -z "$keep/planned" > "$own/b"; new=$(comm -z -23 "$own/a" "$own/b" | tr '\\0\\n' '\\n?')
  [ -n "$new" ] || exit 0
fi`,
    sh`printf '%s\\n' 'now there is:' "\${new:-$(tr '\\0\\n' '\\n?' < "$own/now")}" >&2`,
    sh`die 'what is to be removed changed since the plan was made'`,
  );
}

function describe({ type, mode, sum, path }: Match): string {
  if (type === 'dir') return `${path}/ (directory ${mode})`;
  if (sum === 'grows') return `${path} (log, ${mode})`;
  const content = /^[0-9a-f]{64}$/.test(sum) ? `sha256 ${sum.slice(0, 12)}` : sum;
  return `${path} (${type === 'file' ? '' : `${type}, `}${mode}, ${content})`;
}

function mistakes(groups: readonly FileGroup[], seen: Matches): Problem[] {
  return directoriesByMistake(groups, seen).map(({ match, group, name }) =>
    problem(`${match.path} is a directory, and ${name} of ${group} means a file`, `write ${name}/ where the whole directory is meant`),
  );
}

/** A directory that holds the role's directory, or what the bot keeps. */
function tooMuch({ all, base }: Matches, where: Where, ways: string): Problem[] {
  const keep = /^keep (.*)$/m.exec(ways)?.[1] ?? '';
  const holds = all.filter(({ type, path }) => type === 'dir' && (`${base}/`.startsWith(`${path}/`) || keep.startsWith(`${path}/`)));
  return holds.map(({ path }) => problem(`${path} holds ${where.role.dir}, or what is kept for undo: it is never removed`, 'mend the file group'));
}

function obstacleProblems({ all, uid }: Matches, text: string | undefined, where: Where): Problem[] {
  const obstacles = parseObstacles(text?.replace(/^keep .*\n/, '') ?? '');
  if (obstacles === undefined) return [problem('who may remove what cannot be found out', 'look at the host')];
  return obstacles.flatMap((obstacle) => {
    const there = all.filter(({ type, path }) => type !== 'dir' && path.slice(0, path.lastIndexOf('/')) === obstacle.dir);
    const stuck = obstacle.why === 'write' ? there : there.filter((match) => match.uid !== uid && uid !== '0');
    return stuck.map((match) => stuckProblem(match, obstacle, where.host.user));
  });
}

function stuckProblem({ path }: Match, { why, owner, mode, dir }: Obstacle, user: string): Problem {
  const whose = `${dir} belongs to ${owner}, mode ${mode}`;
  if (why === 'write')
    return problem(`${user} may not remove ${path}: ${whose}`, `give ${user} a group of its own there: chgrp GROUP ${dir} && chmod g+w ${dir}`);
  if (why === 'sticky')
    return problem(
      `${user} may not remove ${path}, which is another's: ${whose}, where only owners may`,
      `chmod -t ${dir}, or remove it as its owner`,
    );
  return problem(
    `${path} is another's and not on the file system of ~/.rollback-bot: what was kept of it would lose its owner`,
    `make .rollback-kept at the mount point of ${dir}: install -d -m 700 -o ${user} MOUNT/.rollback-kept`,
  );
}

function unreadable(groups: readonly FileGroup[], why: string, where: Where): Planned {
  const names = groups.map(({ name }) => name).join(', ');
  return {
    work: shellWork(where, { command: sh`echo 'the files to remove could not be listed' >&2; exit 1`, from: 'cannot be read', to: 'gone' }),
    problems: [
      problem(`the files of ${names} cannot be listed: ${why}`, `let ${where.host.user} read them, and name real directories in the file groups`),
    ],
  };
}

function notPossible({ groups }: Params, where: Where): Planned {
  const missing = groups.find((name) => where.system.files[name] === undefined);
  if (missing !== undefined) return unknownGroup(missing, where);
  const strays = groups.flatMap((name) => strayParts(where.system.files[name] ?? { dir: '', names: [] }).map((part) => `${part} of ${name}`));
  return {
    work: shellWork(where, { command: script(sh`echo ${`not removed: ${strays.join(', ')}`} >&2`, sh`exit 1`), from: '', to: '' }),
    problems: strays.map((stray) => problem(`${stray} leads out of its directory`, 'name files inside the directory of the group, without .. and /')),
  };
}
