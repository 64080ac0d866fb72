import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';
import type { FileGroup } from '../domain/system.ts';
import { backupFolder } from './backups.ts';
import { composePlace } from './compose.ts';
import { serviceLabel } from './containers.ts';
import { globbed } from './globbed.ts';
import { pythonOf } from './shell.ts';

/** The release as git takes it. */
const refOf = ({ target }: Where): string => target.tag ?? target.commit;

/** `--force`: without it git refuses tags that were moved. */
export const fetchByHand = (remote: string | undefined): Sh =>
  remote === undefined ? sh`git fetch --all --tags --force` : sh`git fetch ${remote} --tags --force`;

/** Local changes are looked at first: a checkout refuses to overwrite them. */
export const checkoutByHand = (where: Where): Sh => script(sh`git status --short`, sh`git checkout ${refOf(where)}`);

/** The document's `git checkout COMMIT -- DIR` would leave files that were added later. */
export const restoreByHand = (dir: string, where: Where): Sh =>
  script(sh`git restore --source=${refOf(where)} --no-overlay --staged --worktree -- ${`${dir.replace(/\/+$/, '')}/`}`, sh`git status`);

/** A compose command in the directory of its file, as people type it. A host with Compose v2 alone has `docker compose` for `docker-compose`. */
export function composeByHand(rest: Sh, version: string | undefined, where: Where): Sh {
  const place = composePlace(where);
  const dir = place === undefined || place.dir === where.role.dir ? '.' : relative(place.dir, where);
  const tool = sh`${raw(version === undefined ? sh`` : sh`VERSION=${version} `)}docker-compose${raw(place?.option ?? sh``)} ${raw(rest)}`;
  return dir === '.' ? tool : sh`(cd ${dir} && ${raw(tool)})`;
}

const relative = (dir: string, { role }: Where): string => (dir.startsWith(`${role.dir}/`) ? dir.slice(role.dir.length + 1) : dir);

/** A kept image is the one that worked: it is looked for first. */
export const buildByHand = (image: string, version: string, where: Where): Sh =>
  sh`docker image inspect --format '{{.Id}}' ${image} || ${raw(composeByHand(sh`build --no-cache`, version, where))}`;

/** The author's command, with the role's own interpreter first; in a phase that says `tests_from: target`, in a work tree of the target. */
export function runByHand(command: string, where: Where): string {
  const { python, dir } = where.role;
  const bin = python?.includes('/') ? python.slice(0, python.lastIndexOf('/')) : undefined;
  const path = bin === undefined ? undefined : sh`export PATH=${bin.startsWith('/') ? bin : `${dir}/${bin.replace(/^\.\//, '')}`}:"$PATH"`;
  if (!where.testsFromTarget) return path === undefined ? command : `${path}\n${command}`;
  return [
    ...(path === undefined ? [] : [path]),
    sh`tree=$(mktemp -d) && git worktree add --detach "$tree" ${where.target.commit}`,
    sh`cd "$tree" && export PYTHONPATH="$tree"`,
    command,
    sh`cd ${dir} && git worktree remove --force "$tree"`,
  ].join('\n');
}

const sudo = (where: Where): Sh => (where.host.user === 'root' ? sh`` : sh`sudo `);

/** `systemctl VERB UNIT`; what changes a unit needs root. */
export const systemdByHand = (verb: 'stop' | 'start' | 'restart' | 'status', unit: string, where: Where): Sh =>
  verb === 'status' ? sh`systemctl status --no-pager ${unit}` : sh`${raw(sudo(where))}systemctl ${verb} ${unit}`;

/** It must stay up: no restart, no second one. */
export function watchByHand(what: { readonly unit: string } | { readonly service: string }, forMs: number, where: Where): Sh {
  const seconds = Math.ceil(forMs / 1000);
  if ('unit' in what)
    return script(
      systemdByHand('status', what.unit, where),
      sh`timeout ${seconds} journalctl -f -u ${what.unit}`,
      systemdByHand('status', what.unit, where),
    );
  const list = sh`docker ps --filter ${`label=${serviceLabel}=${what.service}`}`;
  return script(list, sh`timeout ${seconds} docker logs -f --tail 20 $(${raw(list)} -q)`, list);
}

/** Evidence beside the clone, not in it. */
export function collectByHand(
  params: { journal?: string | undefined; containers?: string | undefined; files?: readonly string[] | undefined; since?: number | undefined },
  where: Where,
): string {
  const since = `${Math.ceil((params.since ?? 1_800_000) / 1000)}s`;
  const to = sh`"$HOME"/${`evidence-${where.rollback}`}`;
  return [
    sh`mkdir -p ${raw(to)}`,
    ...(params.journal === undefined
      ? []
      : [sh`journalctl -u ${params.journal} --since=-${since} --no-pager > ${raw(to)}/${`${params.journal}.log`}`]),
    ...(params.containers === undefined
      ? []
      : [
          sh`for id in $(docker ps -a -q --filter ${`label=${serviceLabel}=${params.containers}`}); do docker logs --timestamps --since ${since} "$id" > ${raw(to)}/"$id".log 2>&1; done`,
        ]),
    ...(params.files ?? []).map((file) => sh`cp -a ${raw(globbed(file))} ${raw(to)}/`),
  ].join('\n');
}

/** As the document writes it; `-y`, for pip asks otherwise. */
export const replaceByHand = (requirement: string, where: Where): Sh =>
  script(
    sh`${pythonOf(where.role)} -m pip download --no-deps -d "$(mktemp -d)" ${requirement}`,
    sh`${pythonOf(where.role)} -m pip uninstall -y ${requirement.split('==')[0] ?? ''}`,
    sh`${pythonOf(where.role)} -m pip install ${requirement}`,
  );

/** The checksums first, then the copies, as the document writes them; a name that ends in `/` is a directory. */
export function restoreBackupByHand(group: FileGroup, folder: string, where: Where): Sh {
  const backup = backupFolder(where);
  const names = group.names.map((name) => `${backup}/${folder}/${name.replace(/\/+$/, '')}`);
  return script(
    sh`(cd -- ${backup} && sha256sum -c -- ${where.system.backups?.manifest ?? ''})`,
    ...names.map((name) => sh`cp -r -- ${raw(globbed(name))} ${`${group.dir.replace(/\/+$/, '')}/`}`),
  );
}

/** What a person looks at for each check. */
export function checkByHand(names: readonly string[], where: Where): string {
  const { system, role, target } = where;
  const backups =
    system.backups === undefined ? [] : [sh`(cd ${`${system.backups.dir}/${target.version}`} && ls -l && sha256sum -c ${system.backups.manifest})`];
  const { envFile, envExample } = role.compose ?? {};
  const looks: Readonly<Record<string, readonly Sh[]>> = {
    state: [sh`git status`, ...(role.compose === undefined ? [] : [sh`docker ps -a`])],
    backups,
    release: [sh`git tag -l`, sh`git log --oneline -n 10`, sh`git rev-parse ${refOf(where)}`],
    dependencies: [sh`${pythonOf(role)} -m pip check`],
    disk: [sh`df -h .`, ...(role.compose === undefined ? [] : [sh`docker system df`])],
    tools: [sh`git --version`, ...(role.compose === undefined ? [] : [sh`docker version`, sh`docker-compose version`])],
    access: [sh`id`, sh`git ls-remote origin HEAD`],
    variables:
      envFile === undefined
        ? []
        : [sh`cut -d = -f 1 ${envFile}`, ...(envExample === undefined ? [] : [sh`git show ${`${refOf(where)}:./${envExample}`} | cut -d = -f 1`])],
    monitoring: [],
  };
  return names.flatMap((name) => looks[name] ?? [sh`curl -sS -o /dev/null -w '%{http_code}\\n' ${name}`]).join('\n');
}
