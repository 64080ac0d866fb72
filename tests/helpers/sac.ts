import type { World } from '../../lab/world.ts';
import { gitOf, wholeOf } from './rollback.ts';

export const prods = ['prod-1', 'prod-2'];

/** The places of SAC on production hosts that a release fills; the service writes to its log and its data as long as it runs. */
const released = ['/opt/trade-agent', '/etc/trade-agent', '/etc/systemd/system/sac-agent-service.service'];

/** What each host of SAC has, byte for byte, packages and unit included. */
export async function sacState(world: World): Promise<Record<string, string>> {
  const hosts = ['dev-1', ...prods];
  const all = await Promise.all(hosts.map(async (host): Promise<[string, string]> => [host, await stateOf(world, host)]));
  return Object.fromEntries(all);
}

async function stateOf(world: World, host: string): Promise<string> {
  if (host === 'dev-1')
    return [
      await wholeOf(world, host, ['/srv/trade-agent']),
      await gitOf(world, host, '/srv/trade-agent'),
      await packagesOf(world, host, '/srv/trade-agent/.venv'),
    ].join('\n');
  return [await wholeOf(world, host, released), await packagesOf(world, host, '/opt/trade-agent/.venv'), await unitOf(world, host)].join('\n');
}

const packagesOf = async (world: World, host: string, venv: string): Promise<string> =>
  (await world.hosts.exec(host, `${venv}/bin/python -B -m pip list --format=freeze`)).stdout;

/** Whether the unit runs, with how many processes, and how its health answers. */
export async function unitOf(world: World, host: string): Promise<string> {
  const command = `systemctl is-active sac-agent-service; systemctl is-enabled sac-agent-service
echo "processes: $(pgrep -c -u trade-agent)"; curl -s -o /dev/null -w 'health %{http_code}\\n' http://localhost:8080/health; true`;
  return (await world.hosts.exec(host, command)).stdout;
}
