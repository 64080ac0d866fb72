import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LabHosts, startHosts } from '../hosts/hosts.ts';
import { removeLeftovers } from '../hosts/leftovers.ts';
import { provisioned } from '../hosts/provisioned.ts';
import type { HostSpec } from '../hosts/spec.ts';
import { git } from '../samples/git.ts';

export const hostNames = ['chaos-1', 'chaos-2'] as const;
export type ChaosHost = (typeof hostNames)[number];

const spec = {
  user: 'deploy',
  groups: ['systemd-journal'],
  sudo: ['/usr/bin/systemctl stop chaos-service', '/usr/bin/systemctl start chaos-service'],
} as const satisfies Omit<HostSpec, 'name'>;

const here = join(import.meta.dirname, 'host');
const setup = readFileSync(join(here, 'setup.sh'), 'utf8');
const programs = ['effect', 'service'] as const;

/** Starts the two hosts, both at v1.0.0 with their service running; makes their image first where there is none. */
export async function startChaosHosts(repository: string, say: (text: string) => void): Promise<LabHosts> {
  await removeLeftovers();
  const sources = [setup, ...programs.map((name) => readFileSync(join(here, `${name}.sh`), 'utf8'))];
  const refs = await git(repository, ['for-each-ref', '--format=%(objectname) %(refname)']);
  const image = await provisioned({ name: 'chaos', ...spec }, [refs, ...sources].join('\n'), async (host) => {
    say('Setting up the image of the chaos hosts; kept for later runs.');
    await host.copyIn(`${repository}/.`, '/srv/git/chaos.git');
    for (const name of programs) await host.copyIn(join(here, `${name}.sh`), `/usr/local/bin/${name}`);
    await host.must(setup, { timeoutMs: 60_000 });
  });
  return startHosts(
    hostNames.map((name) => ({ name, ...spec, image })),
    { say },
  );
}
