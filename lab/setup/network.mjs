import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const FORWARD = '/proc/sys/net/ipv4/ip_forward';
const BRIDGE = '/sys/class/net/docker0';

/** Notes in `file` what an engine that starts will change of the machine's network and does not put back when it stops. */
export function noteNetwork(file) {
  const rules = run('iptables-save', []) ?? '';
  const policy = /^:FORWARD (\w+)/m.exec(rules)?.[1] ?? 'ACCEPT';
  writeFileSync(
    file,
    JSON.stringify({ rules: rules.includes('DOCKER'), policy, bridge: existsSync(BRIDGE), forward: readFileSync(FORWARD, 'utf8') }),
  );
}

/** Takes away the bridge and the firewall rules that our engine left behind, as {@link noteNetwork} found it; everybody else's rules stay. */
export function restoreNetwork(file) {
  if (!existsSync(file)) return;
  const before = JSON.parse(readFileSync(file, 'utf8'));
  if (!before.rules) dropRules(before.policy);
  if (!before.bridge && existsSync(BRIDGE)) run('ip', ['link', 'delete', 'docker0']);
  if (readFileSync(FORWARD, 'utf8') !== before.forward) writeFileSync(FORWARD, before.forward);
}

function dropRules(policy) {
  const rules = run('iptables-save', []);
  if (!rules) return;
  const others = rules
    .split('\n')
    .filter((line) => !/DOCKER|docker0/.test(line))
    .map((line) => line.replace(/^:FORWARD \w+/, `:FORWARD ${policy}`));
  run('iptables-restore', [], others.join('\n'));
}

/** The program's output, or undefined when it failed or is not there. */
function run(program, args, input) {
  const { status, stdout } = spawnSync(program, args, {
    input,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
  });
  return status === 0 ? stdout : undefined;
}
