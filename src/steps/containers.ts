import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';

/** The label of containers that this product runs for a system; its value is the system's name. */
export const systemLabel = 'rollback-bot.system';
/** The label that says which rollback made a container. */
export const rollbackLabel = 'rollback-bot.rollback';
/** The label of containers that were never started and only keep an image; its value is the system's name. */
export const pinLabel = 'rollback-bot.pin';
/** The label by which compose finds the containers of a service. */
export const serviceLabel = 'com.docker.compose.service';

/**
 * Whose a container is. `compose`: of the role's compose service. `bot`: run by this product. `hand`: of the system's image, run outside compose.
 * `service`: of the system's image, for another compose service. `foreign`: none of the system's.
 */
export type ContainerOwner = 'compose' | 'bot' | 'hand' | 'service' | 'foreign';

/** A container as a host lists it. */
export interface HostContainer {
  readonly owner: ContainerOwner;
  readonly name: string;
  readonly image: string;
  readonly imageId: string;
  readonly up: boolean;
  /** `no`, `always`, `unless-stopped`, `on-failure:3`. */
  readonly restart: string;
  /** Started with `--rm`: stopping it removes it. */
  readonly removesItself: boolean;
}

/** For awk over lines of {@link seen}: the container runs, be it that it is paused or started again all the time. */
export const upField = '$5 ~ /^(running|restarting|paused)$/';
/** For awk over lines of {@link seen}: it is an instance of the system. Other services of the same image are not. */
export const instanceField = '$1 ~ /^(compose|bot|hand)$/';

/**
 * Defines `seen`: prints `OWNER NAME IMAGE IMAGE-ID STATE RESTART REMOVES-ITSELF ID ROLLBACK` of every container but the pins, sorted by name; fails
 * when the engine does not answer. What compose, an image or a person labelled is compared inside the engine's template: labels may hold anything.
 */
export function seenBy(where: Where): Sh {
  const label = (name: string) => `index .Config.Labels ${JSON.stringify(name)}`;
  const is = (name: string, value: string) => `{{with ${label(name)}}}{{eq . ${JSON.stringify(value)}}}{{else}}false{{end}}`;
  const has = (name: string) => `{{with ${label(name)}}}true{{else}}false{{end}}`;
  const format = [
    '{{.Name}} {{.Config.Image}} {{.Image}} {{.State.Status}}',
    '{{with .HostConfig.RestartPolicy.Name}}{{.}}{{else}}no{{end}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}} {{.HostConfig.AutoRemove}}',
    `${has(pinLabel)} ${is(systemLabel, where.system.name)} ${is(serviceLabel, where.role.compose?.service ?? '-')} ${has(serviceLabel)}`,
    `{{.Id}} {{with ${label(rollbackLabel)}}}{{.}}{{else}}-{{end}}`,
  ].join(' ');
  const judge = `$7 != "true" {
  sub(/^\\//, "", $1); sub(/:0$/, "", $5); i = ENVIRON["IMAGE"]
  own = i != "" && ($2 == i || index($2, i ":") == 1 || index($2, i "@") == 1)
  owner = $8 == "true" ? "bot" : $9 == "true" ? "compose" : own ? ($10 == "true" ? "service" : "hand") : "foreign"
  print owner, $1, $2, $3, $4, $5, $6, $11, $12
}`;
  return sh`seen() {
  all=$(docker ps -a -q --no-trunc) || return 1
  [ -n "$all" ] || return 0
  docker container inspect --format ${format} $all 2>/dev/null | IMAGE=${where.system.release.image ?? ''} awk ${judge} | LC_ALL=C sort -k 2,2
}`;
}

/** Prints the lines of {@link seen} that an awk condition picks; ends the stage when the engine does not answer. `die` must be defined. */
export const pick = (condition: string, print = '$0'): Sh =>
  sh`{ now=$(seen) || die 'the Docker engine does not answer'; printf '%s\\n' "$now" | awk ${`${condition} { print ${print} }`}; }`;

/** As {@link pick}, sorted and each line once. */
export const pickOnce = (condition: string, print: string): Sh =>
  sh`{ picked=$(${raw(pick(condition, print))}) || exit 1; printf '%s' "$picked" | LC_ALL=C sort -u; }`;

/** The containers that {@link seen} printed. */
export function parseSeen(text: string): HostContainer[] {
  return text.split('\n').flatMap((entry) => {
    const [owner, name, image, imageId, state, restart, auto] = entry.split(' ');
    if (auto === undefined || !isOwner(owner)) return [];
    const up = ['running', 'restarting', 'paused'].includes(state ?? '');
    return [{ owner, name: name ?? '', image: image ?? '', imageId: imageId ?? '', up, restart: restart ?? 'no', removesItself: auto === 'true' }];
  });
}

const isOwner = (text: string | undefined): text is ContainerOwner => ['compose', 'bot', 'hand', 'service', 'foreign'].includes(text ?? '');

/** True for an instance of the system that was started outside its compose file: by an emergency, or by hand. */
export const isOutside = ({ owner }: HostContainer): boolean => owner === 'bot' || owner === 'hand';

/** An image id as people compare it. */
export const shortId = (id: string): string => id.replace('sha256:', '').slice(0, 12);

/**
 * `record FILE`: adds the lines of {@link seen} on standard input to FILE, each container once: the first record is the one that undo uses.
 * `stop_listed FILE`: takes the restart policies of the listed containers away, else the engine brings them back when it starts, then stops them.
 * `start_listed FILE`: starts those that ran again, gives each its restart policy back, and proves both.
 */
export const keptContainers: Sh = script(
  sh`record() {
  touch -- "$1" && awk '!fresh { had[$2] = 1; next } !($2 in had)' "$1" fresh=1 - > "$1.more" && cat -- "$1" "$1.more" > "$1.new" && mv -- "$1.new" "$1" || die "cannot write to $keep"
}`,
  sh`stop_listed() {
  names=
  while read -r owner name image image_id state restart auto rest; do
    docker container inspect "$name" >/dev/null 2>&1 || { echo "$name is gone already"; continue; }
    [ "$auto" = true ] || docker update --restart=no "$name" >/dev/null || die "cannot clear the restart policy of $name"
    names="$names $name"
  done < "$1"
  [ -z "$names" ] || docker stop $names >/dev/null || die "cannot stop:$names"
  [ -z "$names" ] || echo "stopped:$names"
}`,
  sh`policy() { docker container inspect --format '{{with .HostConfig.RestartPolicy.Name}}{{.}}{{else}}no{{end}}:{{.HostConfig.RestartPolicy.MaximumRetryCount}}' "$1" | sed 's/:0$//'; }
start_listed() {
  [ -e "$1" ] || return 0
  while read -r owner name image image_id state restart auto rest; do
    now=$(docker container inspect --format '{{.Image}}' "$name" 2>/dev/null) || {
      [ "$auto" = true ] || die "the container $name is gone"
      echo "note: $name was started with --rm; stopping it removed it, and it cannot come back"; continue
    }
    [ "$now" = "$image_id" ] || die "$name is another container now"
    case $state in running|restarting|paused) docker start "$name" >/dev/null || die "cannot start $name" ;; esac
    [ "$state" != paused ] || docker pause "$name" >/dev/null || die "cannot pause $name"
    [ "$auto" = true ] || docker update --restart="$restart" "$name" >/dev/null || die "cannot give $name its restart policy back"
    [ "$auto" = true ] || [ "$(policy "$name")" = "$restart" ] || die "the restart policy of $name is not $restart"
    case $state in running|paused) [ "$(docker container inspect --format '{{.State.Running}}' "$name")" = true ] || die "$name does not run" ;; esac
    echo "$name is as it was: $state, restart $restart"
  done < "$1"
}`,
);

/** Prints the ids of a service's containers; of the role's own service, those that run outside compose too. Needs {@link seenBy} and `die`. */
export function serviceIds(where: Where, service: string, which: 'running' | 'all'): Sh {
  if (service === where.role.compose?.service) return pick(which === 'all' ? instanceField : `${instanceField} && $5 == "running"`, '$8');
  const running = which === 'all' ? sh`-a` : sh`--filter status=running`;
  return sh`docker ps -q --no-trunc ${raw(running)} --filter ${`label=${serviceLabel}=${service}`}`;
}
