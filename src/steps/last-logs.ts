import { z } from 'zod';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';
import { seenBy, serviceIds } from './containers.ts';
import { globbed } from './globbed.ts';
import { line, serviceName, unitName } from './schema.ts';
import { die } from './shell.ts';

/** Which logs tell why a command failed. */
export interface Logs {
  readonly containers?: string | undefined;
  readonly journal?: string | undefined;
  readonly files?: readonly string[] | undefined;
}

/** The schema of {@link Logs}. */
export const logs = z
  .strictObject({
    containers: serviceName.optional().describe('A compose service: its containers, and what runs in their place in an emergency.'),
    journal: unitName.optional().describe('A systemd unit.'),
    files: z.array(line).min(1).optional().describe("Files; * and ? are patterns; relative to the role's directory."),
  })
  .refine((given) => given.containers !== undefined || given.journal !== undefined || given.files !== undefined, 'name containers, journal or files')
  .describe('Logs whose last 50 lines are printed when the command fails.');

const lines = 50;

/** Prints the last lines of each log, with its name; never fails, for what matters is the failure before. */
export function lastLogs(given: Logs, where: Where): Sh {
  return script(
    die,
    sh`cd -- ${where.role.dir} 2>/dev/null`,
    given.containers === undefined ? undefined : ofContainers(given.containers, where),
    given.journal === undefined
      ? undefined
      : sh`echo ${`--- last lines of the journal of ${given.journal}:`}; journalctl -u ${given.journal} -n ${lines} --no-pager -o short-iso 2>&1`,
    ...(given.files ?? []).map(ofFiles),
    sh`:`,
  );
}

const ofContainers = (service: string, where: Where): Sh =>
  sh`(\n${raw(seenBy(where))}
for id in $(${raw(serviceIds(where, service, 'all'))}); do
  echo "--- last lines of $(docker container inspect --format '{{.Name}} ({{.Config.Image}}, {{.State.Status}})' "$id" | sed 's:^/::'):"
  docker logs --timestamps --tail ${lines} "$id" 2>&1
done\n)`;

const ofFiles = (pattern: string): Sh =>
  sh`for file in ${raw(globbed(pattern))}; do
  [ -f "$file" ] && [ -r "$file" ] || { echo "--- not there: $file"; continue; }
  echo "--- last lines of $file:"; tail -n ${lines} -- "$file"
done`;
