import { z } from 'zod';
import { duration, formatDuration } from '../domain/duration.ts';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { StepKind, Where } from '../domain/step.ts';
import { watchByHand } from './by-hand.ts';
import { seenBy, serviceIds } from './containers.ts';
import { serviceName, unitName } from './schema.ts';
import { die, shellWork } from './shell.ts';

type Params = { readonly unit: string; readonly for: number } | { readonly container: string; readonly for: number };

const time = duration.describe('For how long it must stay up.');

/** Looks every second: it must stay up, with no restart and no other instance. Changes nothing. */
export const watch: StepKind<Params> = {
  key: 'watch',
  version: 2,
  about: 'Watches a systemd unit, or the container of a compose service: it must stay up for a time, without a restart.',
  place: 'host',
  schema: z.union([
    z.strictObject({ unit: unitName.describe('The systemd unit to watch.'), for: time }),
    z.strictObject({ container: serviceName.describe('The compose service whose one container is watched.'), for: time }),
  ]),
  byHand: (params, where) => watchByHand('unit' in params ? { unit: params.unit } : { service: params.container }, params.for, where),
  plan(params, _facts, where) {
    const command = 'unit' in params ? watchUnit(params.unit, params.for) : watchContainer(params.container, params.for, where);
    return { work: shellWork(where, { command, from: '', to: '', atLeastMs: params.for + 30_000 }) };
  },
};

function watchUnit(unit: string, forMs: number): Sh {
  return script(
    die,
    sh`seen_now() { systemctl show -p ActiveState -p NRestarts -p InvocationID ${unit} | sort | tr '\\n' ' '; }`,
    sh`trouble() { systemctl status --no-pager --lines=20 ${unit}; }`,
    sh`case $(seen_now) in *ActiveState=active*) : ;; *) trouble; die ${`${unit} is not active`} ;; esac`,
    stays(unit, forMs),
  );
}

function watchContainer(service: string, forMs: number, where: Where): Sh {
  return script(
    die,
    seenBy(where),
    sh`ids() { ${raw(serviceIds(where, service, 'running'))}; }`,
    sh`seen_now() { for id in $(ids); do docker inspect --format '{{.Id}} {{.State.StartedAt}} restarts={{.RestartCount}}' "$id"; done; }`,
    sh`trouble() { for id in $(${raw(serviceIds(where, service, 'all'))}); do docker ps -a --filter id="$id"; docker logs --tail 20 "$id" 2>&1; done; }`,
    sh`[ "$(ids | grep -c .)" = 1 ] || { trouble; die ${`not exactly one container of ${service} runs`}; }`,
    stays(service, forMs),
  );
}

function stays(name: string, forMs: number): Sh {
  const seconds = Math.ceil(forMs / 1000);
  return script(
    sh`first=$(seen_now); start=$(date +%s); told=0`,
    sh`while :; do
  passed=$(($(date +%s) - start)); now=$(seen_now)
  [ "$now" = "$first" ] || { trouble; die ${`${name} did not stay up: after`} "$passed s: \${now:-nothing runs}"; }
  [ "$passed" -lt ${seconds} ] || break
  if [ $((passed / 10)) -gt "$told" ]; then told=$((passed / 10)); echo ${name} "up for $passed s, no restart"; fi
  sleep 1
done`,
    sh`echo ${`${name} stayed up for ${formatDuration(forMs)}, no restart`}`,
  );
}
