import { z } from 'zod';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Planned, Problem, StepKind, Where } from '../domain/step.ts';
import { answer, complaint, die, inDir, path, problem, shellWork } from './shell.ts';

interface Params {
  readonly file: string;
  readonly git?: 'note' | undefined;
}

const file = z
  .string()
  .regex(/^(?!.*(^|\/)\.\.(\/|$))(?!.*\/$)[^\0\r\n]+$/, 'a file such as logs/rollback.log')
  .describe("The file that gets a line, absolute or inside the role's directory. Git must ignore it where it lies in a clone.");
const git = z
  .literal('note')
  .optional()
  .describe("Also adds the line to the target commit's note in the role's clone (`git log --notes=rollback`). Without a clone: nothing.");

/** Writes one line about the rollback where the system keeps its own logs. The line stays when the rollback is undone: it did happen. */
export const log: StepKind<Params> = {
  key: 'log',
  version: 2,
  about: "Adds a line about the rollback to a log file on the host, and to the commit's git note; once for a rollback, and not undone.",
  place: 'host',
  schema: z.strictObject({ file, git }),
  probes: (params, where) => [script(enter(where, params.file), probe(params.file))],
  byHand: (params, where) =>
    script(
      sh`line="$(date -u +%Y-%m-%dT%H:%M:%SZ) "${lineOf(where)}`,
      sh`echo "$line" >> ${raw(path(params.file))}`,
      params.git === 'note' && where.target.date !== ''
        ? sh`git -c user.name="$(id -un)" -c user.email="$(id -un)@$(hostname)" notes --ref=rollback append -m "$line" ${where.target.commit}`
        : undefined,
    ),
  plan(params, [seen], where): Planned {
    const command = script(
      enter(where, params.file),
      sh`line="$(date -u +%Y-%m-%dT%H:%M:%SZ) "${lineOf(where)}`,
      append(params.file, where),
      params.git === 'note' && where.target.date !== '' ? note(where) : undefined,
    );
    return { work: shellWork(where, { command, from: '', to: '' }), ...judge(params.file, answer(seen), complaint(seen), where) };
  },
};

/** An absolute file can be written although the role's directory is gone. */
const enter = (where: Where, name: string): Sh =>
  name.startsWith('/') ? script(die, sh`cd -- ${where.role.dir} 2>/dev/null || cd /`) : inDir(where);

/** `rollback sac-42: v0.2.0 -> v0.1.0 (1a2b3c4d5e6f) on dev-1`: who asked for it is in the bot's own audit. */
function lineOf({ rollback, system, from, target, host }: Where): string {
  const to = target.date === '' ? target.version : `${target.version} (${target.commit.slice(0, 12)})`;
  return `rollback ${rollback}: ${system.name} ${from?.version ?? 'unknown'} -> ${to} on ${host.name}`;
}

/** Whether a text on stdin has this rollback's line already. */
const isThere = (where: Where): Sh => sh`grep -qF -e ${` rollback ${where.rollback}: `}`;

function append(name: string, where: Where): Sh {
  const at = raw(path(name));
  return script(
    sh`[ ! -L ${at} ] || die ${`${name} is a link: nothing is written to where it leads`}`,
    sh`if [ -e ${at} ] && ${raw(isThere(where))} -- ${at}; then echo ${`${name} has the line of ${where.rollback} already`}; else`,
    sh`  mkdir -p -- "$(dirname -- ${at})" && printf '%s\\n' "$line" >> ${at} || die ${`cannot write to ${name}`}`,
    sh`  printf '%s: %s\\n' ${name} "$line"`,
    sh`fi`,
  );
}

/** Notes live in a ref of their own: neither the commit nor the work tree changes. The host may have no git identity. */
function note(where: Where): Sh {
  const { commit, version } = where.target;
  const by = sh`-c user.name=rollback-bot -c user.email=${`rollback-bot@${where.host.name}`}`;
  return script(
    sh`if ! git rev-parse --git-dir >/dev/null 2>&1; then echo 'no git clone here: no note'`,
    sh`elif ! git cat-file -e ${commit}'^{commit}' 2>/dev/null; then echo ${`the clone has no commit of ${version}: no note`}`,
    sh`elif git notes --ref=rollback show ${commit} 2>/dev/null | ${raw(isThere(where))}; then echo ${`the note has the line of ${where.rollback} already`}`,
    sh`else git ${raw(by)} notes --ref=rollback append -m "$line" ${commit} || die 'cannot add the git note'; echo ${`noted on ${commit.slice(0, 12)} (git log --notes=rollback)`}; fi`,
  );
}

/** Prints `tracked`, `ignored` or `untracked` for a file in a clone, else `plain`; then `writable`, `closed` or `link`. */
function probe(name: string): Sh {
  const at = raw(path(name));
  return script(
    sh`if [ "$(git rev-parse --is-inside-work-tree 2>/dev/null)" != true ]; then echo plain`,
    sh`elif git --literal-pathspecs ls-files --error-unmatch -- ${at} >/dev/null 2>&1; then echo tracked`,
    sh`elif git check-ignore -q -- ${at} 2>/dev/null; then echo ignored`,
    sh`else case $(git check-ignore -q -- ${at} 2>&1) in *outside*) echo plain ;; *) echo untracked ;; esac; fi`,
    sh`if [ -L ${at} ]; then echo link; exit 0; fi`,
    sh`if [ -e ${at} ]; then [ -f ${at} ] && [ -w ${at} ] && echo writable || echo closed; exit 0; fi`,
    sh`up=$(dirname -- ${at}); while [ -n "$up" ] && [ ! -e "$up" ]; do up=$(dirname -- "$up"); done; [ -d "$up" ] && [ -w "$up" ] && echo writable || echo closed`,
  );
}

function judge(name: string, seen: string, why: string, where: Where): { problems: Problem[]; warnings: string[] } {
  const [kept, access] = seen.split('\n');
  const problems: Problem[] = [];
  if (access === undefined) problems.push(problem(`${name} cannot be looked at: ${why}`, 'look at the host'));
  if (access === 'link') problems.push(problem(`${name} is a link: a line is not written to where it leads`, 'name the file itself'));
  if (kept === 'tracked')
    problems.push(problem(`${name} is a file of the repository: a line in it would be an uncommitted change`, 'log to another'));
  if (access === 'closed')
    problems.push(problem(`${where.host.user} may not write ${name}`, `give it to ${where.host.user}, or log to another file`));
  const warnings = kept === 'untracked' ? [`git does not ignore ${name}: it will be an untracked file in ${where.role.dir}`] : [];
  return { problems, warnings };
}
