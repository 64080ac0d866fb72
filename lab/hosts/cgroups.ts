import { docker } from './docker.ts';

/**
 * Everything but SYS_RESOURCE, which not every machine may give and nothing in a host needs. Not `--privileged`: that would let a host's systemd
 * write the settings (/proc/sys) of the machine that runs the engine.
 */
const NEARLY_ALL = [
  ...['--cap-add', 'ALL', '--cap-drop', 'SYS_RESOURCE'],
  ...['seccomp=unconfined', 'apparmor=unconfined', 'label=disable'].flatMap((option) => ['--security-opt', option]),
];

/**
 * The `docker run` arguments with which systemd and an inner engine work as PID 1, for the control groups that this engine has.
 * - Version 1: the engine machine's own tree, writable. In a private name space systemd comes up but the inner engine starts no container.
 * - Version 2 (Docker Desktop, newer distributions): a private name space, which init.sh makes writable. In the machine's own tree,
 *   systemd would meddle with the groups of the machine's systemd.
 */
export async function containerRights(): Promise<string[]> {
  const version = await docker('info', '--format', '{{.CgroupVersion}}');
  if (version === '2') return [...NEARLY_ALL, '--cgroupns', 'private'];
  return [...NEARLY_ALL, '--cgroupns', 'host', '-v', '/sys/fs/cgroup:/sys/fs/cgroup:rw'];
}
