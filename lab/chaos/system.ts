import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type ChaosHost, hostNames } from './hosts.ts';

/** One host after the other, or both at once: the same runbook. */
export const systems = ['chaos-serial', 'chaos-together'] as const;
export type ChaosSystem = (typeof systems)[number];

/** What is counted on each host in a round: effects by step, the service's stops and starts, moves of HEAD. */
export const effectSteps = ['1.2', '2.2', '2.5', '2.6', '3.1', '3.2'] as const;

const runbook = [
  {
    phase: 'Preparation',
    estimate: '1m',
    on: 'prod',
    steps: [
      { id: '1.1', name: 'Notice', announce: 'initial' },
      { id: '1.2', name: 'Prepare', run: 'effect 1.2 0.1' },
      { id: '1.3', name: 'Fetch', 'git.fetch': 'tags' },
    ],
  },
  {
    phase: 'Change',
    estimate: '1m',
    on: 'prod',
    steps: [
      { id: '2.1', name: 'Stop', 'systemd.stop': 'chaos-service' },
      { id: '2.2', name: 'Migrate', run: 'effect 2.2 0.4' },
      { id: '2.3', name: 'Check out', 'git.checkout': '{{release.tag}}' },
      { id: '2.4', name: 'Start', 'systemd.start': 'chaos-service' },
      { id: '2.5', name: 'Much output', run: 'effect 2.5 print' },
      { id: '2.6', name: 'Nothing much', run: 'effect 2.6 0' },
    ],
  },
  {
    phase: 'Validation',
    estimate: '1m',
    on: 'prod',
    steps: [
      { id: '3.1', name: 'Tests', run: 'effect 3.1 0.6' },
      { id: '3.2', name: 'Smoke', run: 'effect 3.2 0' },
    ],
  },
];

const announcements = [
  { audience: 'Development team', to: '#inc-trading', template: 'initial', within: '0m' },
  { audience: 'Development team', to: '#inc-trading', template: 'completion', within: '0m' },
  { audience: 'Stakeholders', to: '#trading-status', template: 'initial', within: '0m' },
  { audience: 'Stakeholders', to: '#trading-status', template: 'progress', every: '2s' },
  { audience: 'Stakeholders', to: '#trading-status', template: 'completion', within: '0m' },
  { audience: 'Project manager', to: '@pm', template: 'progress', within: '3s' },
];

/** Writes both system files and their announcements to `dir`; `ports` is where each host is reached. */
export async function writeChaosSystems(dir: string, repository: string, ports: Readonly<Record<ChaosHost, number>>): Promise<void> {
  await mkdir(join(dir, 'announcements'), { recursive: true });
  await writeFile(join(dir, 'announcements', 'chaos.yaml'), stringify(announcements));
  const hosts = hostNames.map((name) => ({ name, address: '127.0.0.1', port: ports[name], user: 'deploy' }));
  for (const system of systems) {
    const role = { hosts, dir: '/srv/chaos', production: true, ...(system === 'chaos-serial' ? { serial: 1 } : {}) };
    await writeFile(join(dir, `${system}.yaml`), stringify({ ...common, system, title: system, repository, roles: { prod: role } }));
  }
}

/** `stands`: longer than any jump of a clock. */
const common = {
  channel: '#inc-trading',
  release: { tags: 'v*', commits: 5 },
  people: { approvers: '@sac-leads' },
  policy: { request: '#inc-trading', approve: { by: 'approvers', count: 1, requester: false, stands: '2h' } },
  runbook,
  proof: { prod: [{ commit: 'head' }, { tree: 'all' }, { unit: 'chaos-service' }] },
  announcements: 'announcements/chaos.yaml',
};
