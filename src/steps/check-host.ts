import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';
import { enter } from './check-enter.ts';
import { type Needs, needsOf } from './needs.ts';
import { path, pythonOf } from './shell.ts';

const leastMb = 200;

/** `could`: what the host could do without, in few words. Pinned images are in use, so that they are not counted. */
const could = (docker: boolean): Sh => sh`could() {
  ${raw(docker ? sh`docker system df --format '{{.Type}} {{.Reclaimable}}' 2>/dev/null | awk '/^(Images|Build Cache) / && !/ 0B/ { sub(/^Images/, "images"); sub(/^Build Cache/, "build cache"); print "unused " $0 }'` : sh`:`)}
  kept=$(du -sm -- "$HOME/.rollback-bot/kept" 2>/dev/null | cut -f 1); [ "\${kept:-0}" -lt 1 ] || echo "$kept MB that earlier rollbacks kept in ~/.rollback-bot/kept"
}`;

/** Free space where the rollback writes; where it is low, what could be freed. */
export function disk(where: Where): Sh {
  const { docker } = needsOf(where);
  const root = docker ? sh`"$(docker info --format '{{.DockerRootDir}}' 2>/dev/null)"` : sh``;
  return script(
    could(docker),
    sh`for at in ${where.role.dir} "$HOME" "\${TMPDIR:-/tmp}" ${raw(root)}; do
  [ -d "$at" ] || continue
  free=$(df -Pk -- "$at" | awk 'NR == 2 { print int($4 / 1024) }')
  [ "$free" -ge 1024 ] && { ok disk "$((free / 1024)) GB are free at $at"; continue; }
  freed=$(could | paste -sd ';' - | sed 's/;/; /g'); freed=\${freed:+; could be freed: $freed}
  if [ "$free" -lt ${leastMb} ]; then fail disk "$free MB are free at $at$freed" ${`free at least ${leastMb} MB`}
  else warn disk "only $free MB are free at $at$freed"; fi
done`,
  );
}

/** The programs that steps need. */
export function tools(where: Where): Sh {
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
    needs.compose
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

/** What the login user may do: write the clone, read the backups, change units, ask the engine, reach the origin. */
export function access(where: Where): Sh {
  const needs = needsOf(where);
  const { user } = where.host;
  return script(
    enter(where, 'access'),
    ...mayWrite(where, needs),
    ...mayReadBackups(where, needs),
    ...needs.verbs.map(
      ([verb, unit]) =>
        sh`[ "$(id -u)" = 0 ] || sudo -n -l systemctl ${verb} ${unit} >/dev/null 2>&1 || fail access ${`${user} may not ${verb} ${unit}`} ${`add to sudoers: ${user} ALL=(root) NOPASSWD: /usr/bin/systemctl ${verb} ${unit}`}`,
    ),
    needs.docker
      ? sh`case $(docker version 2>&1) in *'ermission denied'*) fail access ${`${user} may not use the Docker engine`} ${`add ${user} to the group docker`} ;; esac`
      : undefined,
    needs.git ? originAnswers(needs) : undefined,
    sh`ok access "looked at as $(id -un)"`,
  );
}

function mayWrite(where: Where, needs: Needs): Sh[] {
  const clone = needs.git ? ['.', '.git', '.git/index', '.git/objects', '.git/refs'] : [];
  const all = [...new Set([...clone, ...(needs.git || needs.backups ? needs.dirs : [])])];
  const { user } = where.host;
  return all.map(
    (at) =>
      sh`[ ! -e ${raw(path(at))} ] || [ -w ${raw(path(at))} ] || fail access ${`${user} may not write to ${where.role.dir}/${at}`} ${`give it to ${user}`}`,
  );
}

function mayReadBackups(where: Where, needs: Needs): Sh[] {
  const dir = where.system.backups?.dir;
  if (dir === undefined || !needs.backups) return [];
  const { user } = where.host;
  return [
    sh`[ ! -e ${raw(path(dir))} ] || { [ -r ${raw(path(dir))} ] && [ -x ${raw(path(dir))} ]; } || fail access ${`${user} may not read the backups in ${dir}`} ${`give ${user} the right to read them`}`,
  ];
}

/** Where no step fetches, and the release is in the clone, an origin that is away stops nothing. */
function originAnswers(needs: Needs): Sh {
  const level = needs.fetch
    ? sh`fail access "the clone's origin does not answer: $why" 'mend the network, the origin address or the deploy key'`
    : sh`warn access "the clone's origin does not answer: $why"`;
  return sh`said=$(GIT_TERMINAL_PROMPT=0 timeout 15 git ls-remote origin HEAD 2>&1) && ok access "the clone's origin answers" || { why=$(printf '%s' "$said" | grep . | head -n 1 | cut -c 1-200); ${raw(level)}; }`;
}
