import { z } from 'zod';
import { duration } from '../domain/duration.ts';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { StepKind, Where } from '../domain/step.ts';
import { collectByHand } from './by-hand.ts';
import { seenBy, serviceIds } from './containers.ts';
import { globbed } from './globbed.ts';
import { line, serviceName, unitName } from './schema.ts';
import { die, inDir, makeKeep, shellWork } from './shell.ts';

interface Params {
  readonly journal?: string | undefined;
  readonly containers?: string | undefined;
  readonly files?: readonly string[] | undefined;
  readonly since?: number | undefined;
}

const schema = z
  .strictObject({
    journal: unitName.optional().describe('A systemd unit whose journal is copied.'),
    containers: serviceName.optional().describe('A compose service whose container logs are copied; `compose.down` deletes them.'),
    files: z.array(line).min(1).optional().describe("Files to copy, their last 10 MiB each; * and ? are patterns; relative to the role's directory."),
    since: duration.optional().describe('How far back journal and container logs go. Default: 30m.'),
  })
  .refine(
    (params) => params.journal !== undefined || params.containers !== undefined || params.files !== undefined,
    'name a journal, containers or files',
  );

/** Copies logs into the keep directory and prints their last lines. Changes nothing, and never fails for want of logs. */
export const collect: StepKind<Params> = {
  key: 'collect',
  version: 2,
  about: 'Keeps logs before they can be lost: a journal, container logs, files. Prints their last lines.',
  place: 'host',
  schema,
  byHand: collectByHand,
  plan(params, _facts, where) {
    const seconds = Math.ceil((params.since ?? 1_800_000) / 1000);
    const command = inDir(
      where,
      makeKeep(where),
      shown,
      params.journal === undefined ? undefined : journal(params.journal, seconds),
      params.containers === undefined ? undefined : containers(params.containers, seconds, where),
      ...(params.files ?? []).map(files),
      sh`echo "kept in $keep"`,
    );
    return { work: shellWork(where, { command, from: '', to: '' }) };
  },
};

const shown = sh`shown() {
  echo "$2: $(wc -l < "$1") lines"; tail -n 5 -- "$1" | cut -c 1-300
}`;

function journal(unit: string, seconds: number): Sh {
  const file = sh`"$keep/journal-"${unit}.log`;
  return sh`journalctl -u ${unit} --since=-${seconds}s --no-pager -o short-iso > ${raw(file)} 2>&1 || :
shown ${raw(file)} ${`journal of ${unit}`}`;
}

/** What runs in the place of the service since an emergency is evidence too. */
function containers(service: string, seconds: number, where: Where): Sh {
  const listed = script(die, seenBy(where), serviceIds(where, service, 'all'));
  return sh`ids=$( {\n${raw(listed)}\n} 2>&1) || { echo "no container logs: $ids"; ids=; }
[ -n "$ids" ] || echo ${`no container of ${service}`}
for id in $ids; do
  docker logs --timestamps --since ${seconds}s "$id" > "$keep/container-$id.log" 2>&1 || :
  shown "$keep/container-$id.log" "container $id"
done`;
}

/** Whoever may write where logs lie must not have the bot read, and tell, what only the login may: a link is followed within its own directory only. */
function files(pattern: string): Sh {
  return sh`for file in ${raw(globbed(pattern))}; do
  [ -f "$file" ] && [ -r "$file" ] || { echo "not there: $file"; continue; }
  real=$(readlink -f -- "$file"); [ ! -L "$file" ] || [ "\${real%/*}" = "$(cd -P -- "\${file%/*}" && pwd -P)" ] || { echo "not followed: $file leads to $real"; continue; }
  copy="$keep/files/$file"; mkdir -p -- "$(dirname -- "$copy")" && tail -c 10485760 -- "$file" > "$copy" && shown "$copy" "$file"
done`;
}
