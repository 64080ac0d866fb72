import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';
import { backupFolder, manifestAge } from './backups.ts';
import { composePlace, serviceImages } from './compose.ts';
import { needsOf } from './needs.ts';
import { path, pythonOf } from './shell.ts';

/** The names of the checks. */
export type CheckName = 'state' | 'backups' | 'release' | 'dependencies' | 'disk' | 'tools' | 'access';

const enter = (where: Where, name: string): Sh =>
  sh`cd -- ${where.role.dir} 2>/dev/null || { fail ${name} ${`there is no directory ${where.role.dir} that ${where.host.user} may enter`} 'make it, or mend dir in the system file'; exit 0; }`;

/** Directory, clone, units and containers as they are. */
function state(where: Where): Sh {
  const needs = needsOf(where);
  return script(
    enter(where, 'state'),
    needs.git ? cloneState(where) : undefined,
    ...needs.units.map((unit) => sh`ok state ${unit}" is $(systemctl show -p ActiveState --value ${unit})"`),
    needs.docker
      ? sh`images=$(${raw(serviceImages(composePlace(where)?.service ?? ''))} 2>/dev/null | tr '\\n' ' '); ok state "containers: \${images:-none}"`
      : undefined,
    sh`ok state ${`${where.role.dir} is there`}`,
  );
}

const cloneState = (where: Where): Sh =>
  sh`if [ "$(git rev-parse --is-inside-work-tree --show-prefix 2>/dev/null)" = true ]; then
  ok state "HEAD is $(git describe --tags --always 2>/dev/null)"
  dirty=$(GIT_OPTIONAL_LOCKS=0 git status --porcelain --untracked-files=normal | sed -n '1,10p' | tr '\\n' ',')
  [ -z "$dirty" ] || warn state "uncommitted work is there, and will be kept: $dirty"
else fail state ${`${where.role.dir} is not the top of a git clone (or belongs to another user)`} ${`clone the repository there as ${where.host.user}`}; fi`;

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

/** The target's commit: here, or at the host's origin under its tag. */
function release(where: Where): Sh {
  const { commit, tag, version } = where.target;
  if (!needsOf(where).git) return sh`ok release 'no step on this host reads the repository'`;
  const advice = `let ${where.host.user} reach the origin of ${where.role.dir}, and push the release there`;
  const asked = tag === undefined ? sh`false` : sh`GIT_TERMINAL_PROMPT=0 git ls-remote origin ${`refs/tags/${tag}`} ${`refs/tags/${tag}^{}`} 2>&1`;
  return script(
    enter(where, 'release'),
    sh`here=no; git cat-file -e ${commit}'^{commit}' 2>/dev/null && here=yes`,
    sh`[ "$here" = no ] || { ok release ${`${version} (${commit.slice(0, 12)}) is in the clone`}; exit 0; }`,
    sh`refs=$(${raw(asked)}) || { fail release ${`${version} is not in the clone and its origin does not answer`}": $(printf '%s' "$refs" | tail -n 1 | cut -c 1-200)" ${advice}; exit 0; }`,
    sh`case $refs in *${commit}*) ok release ${`${version} can be fetched`} ;; *) fail release ${`the origin of the clone has no ${version} at ${commit.slice(0, 12)}`} ${advice} ;; esac`,
  );
}

function dependencies(where: Where): Sh {
  if (where.role.python === undefined) return sh`ok dependencies 'no interpreter to ask'`;
  return script(
    enter(where, 'dependencies'),
    sh`if said=$(${pythonOf(where.role)} -m pip --disable-pip-version-check check 2>&1); then ok dependencies "$(printf '%s' "$said" | tail -n 1)"; else warn dependencies "$(printf '%s' "$said" | tr '\\n' ';' | cut -c 1-300)"; fi`,
  );
}

const leastMb = 200;

function disk(where: Where): Sh {
  const docker = needsOf(where).docker ? sh`"$(docker info --format '{{.DockerRootDir}}' 2>/dev/null)"` : sh``;
  return sh`for at in ${where.role.dir} "$HOME" "\${TMPDIR:-/tmp}" ${raw(docker)}; do
  [ -d "$at" ] || continue
  free=$(df -Pk -- "$at" | awk 'NR == 2 { print int($4 / 1024) }')
  if [ "$free" -lt ${leastMb} ]; then fail disk "$free MB are free at $at" ${`free at least ${leastMb} MB`}
  elif [ "$free" -lt 1024 ]; then warn disk "only $free MB are free at $at"
  else ok disk "$((free / 1024)) GB are free at $at"; fi
done`;
}

function tools(where: Where): Sh {
  const needs = needsOf(where);
  const programs = [
    'tar',
    'sha256sum',
    'awk',
    ...(needs.git ? ['git'] : []),
    ...(needs.docker ? ['docker'] : []),
    ...(needs.units.length > 0 ? ['systemctl'] : []),
    ...(needs.curl ? ['curl'] : []),
  ];
  return script(
    enter(where, 'tools'),
    sh`for tool in ${programs}; do command -v "$tool" >/dev/null && ok tools "$tool" || fail tools "$tool is missing" "install $tool"; done`,
    needs.git
      ? sh`git restore -h 2>&1 | grep -q overlay || fail tools 'git is older than 2.25: it has no restore --no-overlay' 'install a newer git'`
      : undefined,
    needs.docker
      ? sh`docker compose version >/dev/null 2>&1 || command -v docker-compose >/dev/null || fail tools 'neither docker compose nor docker-compose is there' 'install one of them'`
      : undefined,
    where.role.python === undefined ? undefined : pythonTool(where, needs.pip),
  );
}

function pythonTool(where: Where, pip: boolean): Sh {
  const python = pythonOf(where.role);
  return script(
    sh`said=$(${python} --version 2>&1) && ok tools "$said" || fail tools ${`the interpreter ${python} does not run`} "set the role's python"`,
    pip
      ? sh`said=$(${python} -m pip --version 2>&1) && ok tools "$(printf '%s' "$said" | cut -d ' ' -f 1-2)" || fail tools ${`${python} has no pip`} 'install pip for it'`
      : undefined,
  );
}

function access(where: Where): Sh {
  const needs = needsOf(where);
  const { user } = where.host;
  const writable = [...new Set([...(needs.git ? ['.', '.git', '.git/index'] : []), ...(needs.git || needs.backups ? needs.dirs : [])])];
  const test = writable.map(
    (at) =>
      sh`[ ! -e ${raw(path(at))} ] || [ -w ${raw(path(at))} ] || fail access ${`${user} may not write to ${where.role.dir}/${at}`} ${`give it to ${user}`}`,
  );
  const sudo = needs.verbs.map(
    ([verb, unit]) =>
      sh`[ "$(id -u)" = 0 ] || sudo -n -l systemctl ${verb} ${unit} >/dev/null 2>&1 || fail access ${`${user} may not ${verb} ${unit}`} ${`add to sudoers: ${user} ALL=(root) NOPASSWD: /usr/bin/systemctl ${verb} ${unit}`}`,
  );
  return script(
    enter(where, 'access'),
    ...test,
    ...sudo,
    needs.docker
      ? sh`docker version >/dev/null 2>&1 || fail access ${`the Docker engine does not answer ${user}`} ${`start it, and add ${user} to the group docker`}`
      : undefined,
    sh`ok access "looked at as $(id -un)"`,
  );
}

/** Each check as shell text that prints findings with `ok`, `warn` and `fail`; reads only. */
export const checks: Readonly<Record<CheckName, (where: Where) => Sh>> = { state, backups, release, dependencies, disk, tools, access };
