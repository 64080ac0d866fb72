import type { HostAddress, Hosts } from '../domain/host.ts';
import { Connection } from './connection.ts';
import { SshHost, type SshHostOptions } from './ssh-host.ts';

/** How the bot gets into hosts and where it keeps receipts there. */
export type HostsOptions = SshHostOptions;

/** All hosts, one connection each, made when first needed; hosts behind one jump host share its connection. `close()` ends them all and leaves no handle. */
export function openHosts(options: HostsOptions): Hosts {
  const open = new Map<string, SshHost>();
  const jumps = new Map<string, Connection>();
  const over = (jump: HostAddress | undefined): Connection | undefined => jump && of(jumps, jump, () => new Connection(jump, options));
  return {
    get: (address: HostAddress) => of(open, address, () => new SshHost(address, options, over(address.jump))),
    async close() {
      await Promise.all([...open.values()].map((host) => host.close()));
      await Promise.all([...jumps.values()].map((jump) => jump.close()));
      open.clear();
      jumps.clear();
    },
  };
}

function of<T>(all: Map<string, T>, at: HostAddress, make: () => T): T {
  const key = JSON.stringify(at.jump ? [fieldsOf(at), fieldsOf(at.jump)] : fieldsOf(at));
  const found = all.get(key) ?? make();
  all.set(key, found);
  return found;
}

/** What is kept of a plan may have its fields in another order. */
const fieldsOf = ({ name, address, port, user, keys }: HostAddress): unknown[] => [name, address, port, user, keys];
