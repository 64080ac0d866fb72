import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSystems } from '../../../src/systems/load.ts';
import { formatProblem } from '../../../src/systems/problem.ts';
import { fullPolicy, leastPolicy } from '../../helpers/persons.ts';
import { kinds } from './kinds.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'systems-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const fileOf = (policy: string): string => `
system: sac
title: SAC agent
channel: "#inc-trading"
repository: /srv/git/sac.git
roles: { dev: { hosts: [deploy@dev-1], dir: /srv/app } }
people: { approvers: "@sac-leads", next: "@next" }
policy: ${policy}
runbook: [{ phase: One, estimate: 1h, on: dev, steps: [{ id: 1, name: Run, run: "true" }] }]
proof: { dev: [{ tree: code }] }
files: { code: { dir: src, names: [a.py] } }
`;

async function loaded(policy: string) {
  writeFileSync(join(dir, 'sac.yaml'), fileOf(policy));
  const { systems, problems } = await loadSystems(dir, kinds);
  return { policy: systems.sac?.policy, problems: problems.map((problem) => formatProblem(problem).slice(dir.length + 1)) };
}

describe('the policy of a system file', () => {
  it('is strict where it says nothing: one approver, not the requester, and nobody overrides or skips', async () => {
    expect(await loaded('{ approve: { by: approvers } }')).toEqual({
      problems: [],
      policy: { request: '#inc-trading', putBack: '#inc-trading', unlock: '@sac-leads', approve: leastPolicy },
    });
  });

  it('names somebody for everything, by their own names or by those of the workspace', async () => {
    const { problems, policy } = await loaded(
      '{ approve: { by: approvers, escalate: { to: next } }, override: "@overriders", skip: "@skippers", stop: "@stoppers", put_back: next, unlock: "#ops" }',
    );
    expect(problems).toEqual([]);
    expect(policy).toEqual({ request: '#inc-trading', putBack: '@next', unlock: '#ops', approve: fullPolicy });
  });

  it('somebody who would be called only after the request has ended is a mistake', async () => {
    const mistake = /^sac\.yaml:8:\d+: A request ends after “5m”, before anybody is called after “5m”/;
    expect((await loaded('{ approve: { by: approvers, stands: 5m, escalate: { to: next } } }')).problems).toEqual([expect.stringMatching(mistake)]);
    expect((await loaded('{ approve: { by: approvers, stands: 5m }, override: "@overriders" }')).problems).toEqual([expect.stringMatching(mistake)]);
    expect((await loaded('{ approve: { by: approvers, stands: 5m } }')).problems).toEqual([]);
  });

  it.each<[string, string]>([
    ['request', '{ request: nxt, approve: { by: approvers } }'],
    ['by', '{ approve: { by: nxt } }'],
    ['to', '{ approve: { by: approvers, escalate: { to: nxt } } }'],
    ...['override', 'skip', 'stop', 'put_back', 'unlock'].map((right): [string, string] => [right, `{ approve: { by: approvers }, ${right}: nxt }`]),
  ])('a name for %s that nobody has is refused where it stands: it would be nobody, or somebody of that name', async (_right, policy) => {
    const { problems } = await loaded(policy);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^sac\.yaml:8:\d+: There is no name in people “nxt”.*Did you mean next\?/);
  });

  it.each([
    ['count: 0', '{ approve: { by: approvers, count: 0 } }'],
    ['a word that is no right', '{ approve: { by: approvers }, approver: next }'],
    ['a requester who is neither true nor false', '{ approve: { by: approvers, requester: sometimes } }'],
    ['no approvers', '{ approve: {} }'],
    ['no approve', '{}'],
  ])('%s is refused', async (_what, policy) => {
    expect((await loaded(policy)).problems.length).toBeGreaterThan(0);
  });
});
