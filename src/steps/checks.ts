import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';
import { backupFolder, manifestAge } from './backups.ts';
import { enter } from './check-enter.ts';
import { access, disk, tools } from './check-host.ts';
import { monitoring, variables } from './check-outside.ts';
import { describeSeen } from './compose.ts';
import { seenBy } from './containers.ts';
import { needsOf } from './needs.ts';
import { die, path, pythonOf } from './shell.ts';

/** The names of the checks. */
export type CheckName = 'state' | 'backups' | 'release' | 'dependencies' | 'disk' | 'tools' | 'access' | 'variables' | 'monitoring';

/** Directory, clone, units, engine and containers as they are. */
function state(where: Where): Sh {
  const needs = needsOf(where);
  return script(
    needs.docker ? containersState(where) : undefined,
    enter(where, 'state'),
    needs.git ? cloneState(where, needs.checkout) : undefined,
    ...needs.units.map((unit) => sh`ok state ${unit}" is $(systemctl show -p ActiveState --value ${unit})"`),
    sh`ok state ${`${where.role.dir} is there`}`,
  );
}

const dirty = sh`dirty=$(GIT_OPTIONAL_LOCKS=0 git status --porcelain --untracked-files=normal | sed -n '1,10s/^...//p' | paste -sd , - | sed 's/,/, /g')
  [ -z "$dirty" ] || warn state "uncommitted work is there and will be kept: $dirty"`;

/** A checkout names the uncommitted work itself. */
const cloneState = (where: Where, checkout: boolean): Sh =>
  sh`if [ "$(git rev-parse --is-inside-work-tree --show-prefix 2>/dev/null)" = true ]; then
  ok state "HEAD is $(git describe --tags --always 2>/dev/null)"
${raw(checkout ? sh`:` : dirty)}
else fail state ${`${where.role.dir} is not the top of a git clone (or belongs to another user)`} ${`clone the repository there as ${where.host.user}`}; fi`;

/** An engine that refuses us is a matter of access; one that is down is a state. */
const containersState = (where: Where): Sh =>
  sh`if said=$(docker version 2>&1); then
  containers=$(\n${raw(script(die, seenBy(where), describeSeen))}\n); containers=$(printf '%s' "$containers" | paste -sd , - | sed 's/,/, /g'); ok state "containers: \${containers:-none}"
else
  case $said in *'ermission denied'*) : ;; *) fail state "the Docker engine does not answer: $(printf '%s' "$said" | tail -n 1 | cut -c 1-200)" 'start it: sudo systemctl start docker' ;; esac
fi`;

/** The target's backup: its manifest, every checksum in it, its age. */
function backups(where: Where): Sh {
  const rules = where.system.backups;
  if (rules === undefined || !needsOf(where).backups) return sh`ok backups 'no step on this host needs one'`;
  const folder = backupFolder(where);
  const advice = `mend the backup of ${where.target.version}, or choose a release that has one`;
  return script(
    enter(where, 'backups'),
    sh`[ -r ${raw(path(`${folder}/${rules.manifest}`))} ] || { fail backups ${`there is no ${folder}/${rules.manifest}`} ${advice}; exit 0; }`,
    sh`bad=$(cd -- ${raw(path(folder))} && sha256sum -c --strict --quiet -- ${rules.manifest} 2>&1) || { fail backups "corrupt: $(printf '%s' "$bad" | tr '\\n' ' ' | cut -c 1-300)" ${advice}; exit 0; }`,
    sh`age=$(${raw(manifestAge(folder, rules.manifest))}); [ "$age" -le ${Math.floor(rules.staleAfterMs / 1000)} ] || warn backups ${`the backup of ${where.target.version} is`}" $((age / 86400)) days old"`,
    sh`ok backups ${`the backup of ${where.target.version} is whole`}`,
  );
}

/** The target's commit: here, or at the host's origin under its tag; and no tag that names another one by now. */
function release(where: Where): Sh {
  const { commit, tag, version } = where.target;
  if (!needsOf(where).git) return sh`ok release 'no step on this host reads the repository'`;
  const short = commit.slice(0, 12);
  const advice = `let ${where.host.user} reach the origin of ${where.role.dir}, and push the release there`;
  const asked =
    tag === undefined ? sh`false` : sh`GIT_TERMINAL_PROMPT=0 timeout 15 git ls-remote origin ${`refs/tags/${tag}`} ${`refs/tags/${tag}^{}`} 2>&1`;
  return script(
    enter(where, 'release'),
    sh`here=no; git cat-file -e ${commit}'^{commit}' 2>/dev/null && here=yes`,
    sh`refs=$(${raw(asked)}) && answered=yes || answered=no`,
    tag === undefined ? undefined : notMoved(tag, short, commit),
    sh`[ "$here" = no ] || { ok release ${`${version} (${short}) is in the clone`}; exit 0; }`,
    sh`[ "$answered" = yes ] || { fail release ${`${version} is not in the clone and its origin does not answer`}": $(printf '%s' "$refs" | grep . | head -n 1 | cut -c 1-200)" ${advice}; exit 0; }`,
    sh`case $refs in *${commit}*) ok release ${`${version} can be fetched`} ;; *) fail release ${`the origin of the clone has no ${version} at ${short}`} ${advice} ;; esac`,
  );
}

/** Whoever deploys by the tag gets what it names now, so that a moved one must be known before production is stopped. */
const notMoved = (tag: string, short: string, commit: string): Sh =>
  sh`named=$(printf '%s\\n' "$refs" | awk 'length($1) == 40 { last = $1 } END { print last }')
[ "$here $answered" != 'yes yes' ] || [ -z "$named" ] || [ "$named" = ${commit} ] || { fail release ${`at the origin of the clone the tag ${tag} is`}" $(printf '%s' "$named" | cut -c 1-12)"${`, and not ${short}`} 'put the tag back; if it was moved on purpose, move it in every repository and ask anew'; exit 0; }`;

/** What is installed fits together; and the files that name dependencies, where they change with the release. */
function dependencies(where: Where): Sh {
  const { commit, version } = where.target;
  const files = where.system.release.dependencies;
  return script(
    enter(where, 'dependencies'),
    where.role.python === undefined
      ? sh`ok dependencies 'no interpreter to ask'`
      : sh`if said=$(${pythonOf(where.role)} -m pip --disable-pip-version-check check 2>&1); then ok dependencies "$(printf '%s' "$said" | tail -n 1)"; else warn dependencies "$(printf '%s' "$said" | tr '\\n' ';' | cut -c 1-300)"; fi`,
    files.length === 0 || !needsOf(where).git
      ? undefined
      : sh`changed=$(GIT_LITERAL_PATHSPECS=1 git diff --name-only HEAD ${commit} -- ${files} 2>/dev/null | paste -sd , - | sed 's/,/, /g'); [ -z "$changed" ] || warn dependencies ${`${version} has other dependencies than what is checked out:`}" $changed"`,
  );
}

/** Each check as shell text that prints findings with `ok`, `warn` and `fail`; reads only. */
export const checks: Readonly<Record<CheckName, (where: Where) => Sh>> = {
  state,
  backups,
  release,
  dependencies,
  disk,
  tools,
  access,
  variables,
  monitoring,
};
