import type { HostAddress, Hosts } from '../domain/host.ts';
import { SshHost, type SshHostOptions } from './ssh-host.ts';

/** How the bot gets into hosts and where it keeps receipts there. */
export type HostsOptions = SshHostOptions;

/** All hosts, one connection each, made when first needed. `close()` ends them all and leaves no handle. */
export function openHosts(options: HostsOptions): Hosts {
  const open = new Map<string, SshHost>();
  return {
    get(address: HostAddress) {
      const key = JSON.stringify([address.name, address.address, address.port, address.user]);
      const host = open.get(key) ?? new SshHost(address, options);
      open.set(key, host);
      return host;
    },
    async close() {
      await Promise.all([...open.values()].map((host) => host.close()));
      open.clear();
    },
  };
}
