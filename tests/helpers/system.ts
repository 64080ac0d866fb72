import type { System } from '../../src/domain/system.ts';

/** The least that is a system, for tests that need one but nothing of it. */
export const leastSystem: System = {
  name: 'sac',
  title: 'SAC agent',
  channel: '#inc-trading',
  repository: '/srv/git/sac.git',
  release: { tags: 'v*', commits: 10, keep: 5, dependencies: [] },
  roles: { dev: { name: 'dev', hosts: [{ name: 'dev-1', address: 'dev-1', port: 22, user: 'deploy' }], dir: '/srv/sac', production: false } },
  people: {},
  policy: {
    putBack: '#inc-trading',
    unlock: '@sac-leads',
    request: '#inc-trading',
    approve: { by: '@sac-leads', count: 1, requester: false, standsMs: 1_800_000 },
  },
  ask: [],
  files: {},
  runbook: [],
  proof: {},
  variants: {},
  scenarios: {},
  resources: [],
  cannotUndo: [],
  announcements: [],
  afterwards: [],
  file: 'systems/sac.yaml',
  digest: 'd',
};
