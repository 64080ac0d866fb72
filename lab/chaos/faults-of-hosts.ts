import type { Excuse, Fault } from './fault.ts';
import { type ChaosHost, hostNames } from './hosts.ts';
import type { Random } from './random.ts';
import type { ChaosWorld } from './world.ts';

type Act = (world: ChaosWorld, host: ChaosHost) => Promise<void> | void;

/** A fault of one host, chosen by the seed, that lasts between so many milliseconds. */
function ofHost(name: string, between: readonly [number, number], excuses: readonly Excuse[], break_: Act, mend: Act): (random: Random) => Fault {
  return (random) => {
    const [host, lastsMs] = [random.pick(hostNames), random.between(...between)];
    return {
      text: `${name} ${host}, ${(lastsMs / 1000).toFixed(1)} s`,
      lastsMs,
      excuses,
      host,
      inject: (world) => break_(world, host),
      heal: (world) => mend(world, host),
    };
  };
}

/** What happens to hosts and to the way there. */
export const hostFaults = {
  'ssh-cut': ofHost(
    'ssh-cut',
    [0, 3000],
    ['host-away'],
    ({ proxies }, host) => proxies[host].cut(),
    ({ proxies }, host) => proxies[host].mend(),
  ),
  'ssh-silence': ofHost(
    'ssh-silence',
    [500, 8000],
    ['host-away'],
    ({ proxies }, host) => proxies[host].silence(),
    ({ proxies }, host) => proxies[host].mend(),
  ),
  'sshd-restart': ofHost(
    'sshd-restart',
    [0, 3000],
    ['host-away'],
    ({ hosts }, host) => hosts.stopSshd(host),
    ({ hosts }, host) => hosts.startSshd(host),
  ),
  'host-pause': ofHost(
    'host-pause',
    [500, 8000],
    ['host-away'],
    ({ hosts }, host) => hosts.pause(host),
    ({ hosts }, host) => hosts.unpause(host),
  ),
  'host-reboot': ofHost(
    'host-reboot',
    [0, 1],
    ['host-away', 'rebooted'],
    () => undefined,
    ({ hosts }, host) => hosts.restart(host),
  ),
  'host-power': ofHost(
    'host-power',
    [0, 2000],
    ['host-away', 'rebooted'],
    ({ hosts }, host) => hosts.kill(host),
    ({ hosts }, host) => hosts.restart(host),
  ),
} as const;
