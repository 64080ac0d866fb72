import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostSpec } from '../hosts/spec.ts';

const sudo = readFileSync(join(import.meta.dirname, 'sudoers-deploy'), 'utf8').split('\n');
const prod = { user: 'deploy', groups: ['systemd-journal'], sudo };

/** The hosts that systems/sac.yaml and systems/agentrader.yaml name, as the lab starts them. */
export const sampleHosts = {
  'dev-1': { name: 'dev-1', user: 'deploy' },
  'prod-1': { name: 'prod-1', ...prod },
  'prod-2': { name: 'prod-2', ...prod },
  'ec2-1': { name: 'ec2-1', user: 'ubuntu', groups: ['docker'], engine: true },
} as const satisfies Record<string, HostSpec>;

export type SampleHostName = keyof typeof sampleHosts;

/** The hosts of each system. */
export const hostsOf = { sac: ['dev-1', 'prod-1', 'prod-2'], agentrader: ['ec2-1'], 'agentrader-drill': ['ec2-1'] } as const satisfies Record<
  string,
  readonly SampleHostName[]
>;
