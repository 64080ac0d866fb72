import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';
import { enter } from './check-enter.ts';
import { curl } from './http.ts';
import { needsOf } from './needs.ts';
import { path } from './shell.ts';

/** For awk, over the env file and then the example: names of the example that the env file lacks. Values are compared with nothing and never printed. */
const lacking = `match($0, /^[ \\t]*(export[ \\t]+)?[A-Za-z_][A-Za-z0-9_]*[ \\t]*=/) {
  name = substr($0, 1, RLENGTH); sub(/^[ \\t]*(export[ \\t]+)?/, "", name); sub(/[ \\t]*=$/, "", name)
  value = substr($0, RLENGTH + 1); gsub(/[ \\t\\r"\\047]/, "", value)
  if (file == "env") { had[name] = value == "" ? "empty" : "set"; next }
  if (name in told) next
  told[name] = 1
  if (!(name in had)) print name " (missing)"; else if (had[name] != "set") print name " (empty)"
}`;

/** The env file has a value for every name of the target release's example; names only are printed. */
export function variables(where: Where): Sh {
  const { envFile, envExample } = where.role.compose ?? {};
  const { version } = where.target;
  if (envFile === undefined) return sh`ok variables 'the role names no env file'`;
  const env = raw(path(envFile));
  const advice = `put them into ${where.role.dir}/${envFile}`;
  return script(
    enter(where, 'variables'),
    sh`[ -f ${env} ] && [ -r ${env} ] || { fail variables ${`${envFile} is not there, or ${where.host.user} may not read it`} ${`put ${envFile} into ${where.role.dir}`}; exit 0; }`,
    envExample === undefined
      ? sh`ok variables ${`${envFile} is there; the role names no example to compare it with`}`
      : sh`example=$(${raw(exampleOf(where, envExample))}) || { warn variables ${`${envFile} could not be compared: ${version} has no ${envExample}, or is not fetched yet`}; exit 0; }
lack=$(printf '%s\\n' "$example" | awk ${lacking} file=env ${env} file=example - | paste -sd , - | sed 's/,/, /g')
[ -z "$lack" ] && ok variables ${`${envFile} has every name of ${version}`} || fail variables ${`${envFile} lacks what ${version} needs:`}" $lack" ${advice}`,
  );
}

/** The target's own example, before it is fetched by its content where another release had the same; what lies there is the target's only where there is no clone. */
function exampleOf({ target, targetTree }: Where, example: string): Sh {
  const blob = targetTree.find(({ path: name }) => name === example.replace(/^\.\//, ''))?.blob;
  return script(
    sh`if [ -e .git ]; then git show ${target.commit}:./${example} 2>/dev/null${raw(blob === undefined ? sh`` : sh` || git cat-file blob ${blob} 2>/dev/null`)}`,
    sh`else cat -- ${raw(path(example))} 2>/dev/null; fi`,
  );
}

/** Asks an address once; any answer that is not a server's error or a refusal is one. */
export function answers(name: 'api' | 'monitoring', url: string, otherwise: 'fail' | 'warn'): Sh {
  const advice = sh` 'look whether it is up, and whether the host may reach it'`;
  return sh`status=$(${raw(curl(url, 10))} -o /dev/null -w '%{http_code}' 2>/dev/null)
case $status in
  [23]*) ok ${name} ${`${url} answers`}" $status" ;;
  000|'') ${raw(otherwise)} ${name} ${`${url} does not answer`}${raw(otherwise === 'fail' ? advice : sh``)} ;;
  *) ${raw(otherwise)} ${name} ${`${url} answers`}" $status"${raw(otherwise === 'fail' ? advice : sh``)} ;;
esac`;
}

/** What the measures of the runbook read. It may be the failing service itself, so that silence is a warning. */
export function monitoring(where: Where): Sh {
  const { monitoring: urls } = needsOf(where);
  return urls.length === 0
    ? sh`ok monitoring 'no step on this host reads measures from an address'`
    : script(...urls.map((url) => answers('monitoring', url, 'warn')));
}
