import type { Reading } from '../domain/host.ts';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Problem, Where } from '../domain/step.ts';
import type { HostContainer } from './containers.ts';
import { answer, problem } from './shell.ts';

/** Prints the mounts' sources that are not there, and an env file that cannot be read; docker would make the first as empty directories of root's. */
export function readMissing(where: Where, mounts: readonly string[], envFile: string | undefined): Sh {
  const at = (path: string) => (path.startsWith('/') ? path : `${where.role.dir}/${path}`);
  const sources = mounts.map((mount) => at(mount.slice(0, mount.indexOf(':'))));
  return script(
    ...sources.map((source) => sh`[ -e ${source} ] || echo ${source}`),
    envFile === undefined ? undefined : sh`[ -f ${at(envFile)} ] && [ -r ${at(envFile)} ] || echo ${at(envFile)}`,
    sh`:`,
  );
}

/** A problem for each line of {@link readMissing}. */
export function pathProblems(where: Where, missing: Reading | undefined): Problem[] {
  return answer(missing)
    .split('\n')
    .filter((path) => path !== '')
    .map((path) =>
      problem(`${path} is missing on ${where.host.name}, or cannot be read`, 'put it there, or mend mounts and env_file in the system file'),
    );
}

/** Prints `PORT container NAME` or `PORT program NAME` for whatever has one of the ports. */
export function readPorts(ports: readonly string[]): Sh {
  const looks = ports.map((port) => {
    const { number, protocol } = parsePort(port);
    const listen = protocol === 'udp' ? sh`-Hlunp` : sh`-Hltnp`;
    return sh`names=$(docker ps --filter ${`publish=${number}/${protocol}`} --format '{{.Names}}')
if [ -n "$names" ]; then printf '%s\\n' "$names" | sed ${`s/^/${number} container /`}
elif said=$(ss ${raw(listen)} ${`sport = :${number}`} 2>/dev/null) && [ -n "$said" ]; then echo ${`${number} program`} "$(printf '%s' "$said" | sed -n 's/.*users:(("\\([^"]*\\)".*/\\1/p' | head -n 1)"; fi`;
  });
  return script(...looks, sh`:`);
}

/** Ports that will still be taken when the container is to start: by containers that no earlier step stops, and by programs. */
export function portProblems(where: Where, name: string, containers: readonly HostContainer[], seen: string): Problem[] {
  const stops = stopsBefore(where);
  const goes = (holder: string) => {
    const owner = containers.find((one) => one.name === holder)?.owner;
    return holder === name || stops === 'all' || (stops === 'system' && owner !== undefined && owner !== 'foreign');
  };
  return seen.split('\n').flatMap((entry) => {
    const [, port, kind, holder = ''] = /^(\d+) (container|program) ?(.*)$/.exec(entry) ?? [];
    if (port === undefined || (kind === 'container' && goes(holder))) return [];
    const who = kind === 'container' ? `the container ${holder}` : `a program outside Docker${holder === '' ? '' : ` (${holder})`}`;
    return [problem(`port ${port} on ${where.host.name} is taken by ${who}`, 'stop it, or publish another port')];
  });
}

/** What the runbook's own steps stop on this role before a container is run. */
export function stopsBefore(where: Where): 'all' | 'system' | 'nothing' {
  const steps = where.system.runbook.flatMap((phase) => phase.steps.filter((step) => step.on === where.role.name));
  const run = steps.findIndex((step) => step.kind === 'container.run');
  const before = steps.slice(0, run < 0 ? steps.length : run);
  const stops = before.filter((step) => step.kind === 'containers.stop');
  if (stops.some((step) => step.params !== null && typeof step.params === 'object' && Reflect.get(step.params, 'all') === true)) return 'all';
  return stops.length > 0 || before.some((step) => step.kind === 'compose.down') ? 'system' : 'nothing';
}

function parsePort(text: string): { number: string; protocol: string } {
  const [address, protocol = 'tcp'] = text.split('/');
  return { number: (address ?? '').split(':').at(-2) ?? '', protocol };
}
