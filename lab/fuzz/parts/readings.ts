import fc from 'fast-check';
import { noOutput } from '../../../src/domain/output.ts';
import { asked } from '../../../src/domain/runbook.ts';
import type { AnyStepKind, Planned } from '../../../src/domain/step.ts';
import type { System } from '../../../src/domain/system.ts';
import { type PlacedStep, placeSteps, type Site, sitesOf } from '../../../src/jobs/plan/sites.ts';
import { paramsAt, type Target, whereOf } from '../../../src/jobs/plan/where.ts';
import { findingsOf, proofProbes } from '../../../src/jobs/proof.ts';
import { proofKinds } from '../../../src/proofs/index.ts';
import { stepKinds } from '../../../src/steps/index.ts';
import { anyBytes, hostile, hostileWord } from '../hostile.ts';
import { type Part, partOf } from '../part.ts';
import { shippedSystems } from '../world.ts';

/** What hosts do answer, for a hostile answer that gets further than the first check. */
const usual = fc.constantFrom(
  'ActiveState=active\nSubState=running\nMainPID=42\nLoadState=loaded\nUnitFileState=enabled\n',
  `${'b'.repeat(40)}\n`,
  '0.2.0\n',
  '{"status":"ok","version":"v0.2.0"}\n200',
  'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 50 50 50% /\n',
  `${'0'.repeat(64)}  src/rl/sac/sac_agent.py\n`,
  'sha256:0123456789abcdef\n',
  '[{"Id":"x","State":{"Running":true}}]\n',
  '3\n',
  'a=1\0b=2\0',
);

const text = fc.oneof(
  { weight: 3, arbitrary: anyBytes.map((bytes) => bytes.toString('utf8')) },
  { weight: 2, arbitrary: usual },
  { weight: 3, arbitrary: fc.tuple(usual, hostileWord, fc.nat(40)).map(([good, bad, at]) => good.slice(0, at) + bad + good.slice(at)) },
  { weight: 1, arbitrary: hostile },
);

/** A command's answer, as a host may give it. */
export const reading = fc.record({ exitCode: fc.constantFrom(0, 0, 0, 0, 1, 2, 3, 10, 124, 127, 255), stdout: text, stderr: text });

/** A step of a shipped system, on one of its hosts. */
interface Placed {
  readonly target: Target;
  readonly step: PlacedStep;
  readonly site: Site;
}

function placedIn(system: System): Placed[] {
  const release = {
    version: 'v0.1.0',
    tag: 'v0.1.0',
    commit: 'a'.repeat(40),
    date: '2026-11-03T09:00:00Z',
    subject: 'First',
    packageVersion: '0.1.0',
  };
  return ['normal', ...Object.keys(system.variants)].flatMap((variant) => {
    const { system: chosen } = asked(system, { variant, answers: {} });
    const target: Target = { rollback: `${system.name}-42`, system: chosen, release, tree: treeOf(chosen) };
    return placeSteps(chosen, stepKinds).flatMap((step) => step.sites.map((site) => ({ target, step, site })));
  });
}

const treeOf = ({ files }: System) =>
  Object.values(files).flatMap(({ dir, names }) => names.map((name) => ({ path: `${dir}/${name}`, mode: '100644' as const, blob: '1'.repeat(40) })));

/** Plans a step from what its host is said to have answered; problems and warnings are fine, being thrown at is not. */
export function plannedFrom({ target, step, site }: Placed, readings: readonly { exitCode: number; stdout: string; stderr: string }[]): Planned {
  const kind: AnyStepKind = step.kind;
  const where = whereOf(target, site.role, site.host, step.step);
  const params = paramsAt(target, step, site.role, site.host);
  const probes = kind.probes?.(params, where) ?? [];
  return kind.plan(
    params,
    probes.map((_, i) => readings[i % readings.length] ?? { exitCode: 0, stdout: '', stderr: '' }),
    where,
  );
}

/** Every step of the shipped systems, everywhere it runs. */
export const everyStep = async (): Promise<readonly Placed[]> => Object.values(await shippedSystems()).flatMap(placedIn);

/** Whatever a host answers to the questions of a plan and of a proof. */
export const readings: Part = partOf({
  name: 'readings',
  perMille: 40,
  open: async () => {
    const all = await everyStep();
    const cases = fc.record({ nth: fc.nat(all.length - 1), answers: fc.array(reading, { minLength: 1, maxLength: 6 }) });
    return {
      cases,
      try: ({ nth, answers }) => {
        const placed = all[nth];
        if (!placed) throw new Error('no step');
        const { work, problems = [] } = plannedFrom(placed, answers);
        if (work.type === 'shell' && /\0/.test([work.guard, work.command, work.verify, work.restore].join(''))) throw new Error('a NUL in a command');
        placed.step.kind.values?.(answers[0]?.stdout ?? noOutput.head);
        judged(placed, answers);
        return problems.length > 0 ? 'refused' : 'accepted';
      },
    };
  },
});

/** The proofs of the host, judged from the same answers: it is never taken for proven that nothing can be told. */
function judged({ target, site }: Placed, answers: readonly { exitCode: number; stdout: string; stderr: string }[]): void {
  const items = target.system.proof[site.role.name] ?? [];
  const where = whereOf(target, site.role, site.host);
  const { probes } = proofProbes(items, proofKinds, where);
  const readings = probes.map((_, i) => answers[i % answers.length] ?? { exitCode: 0, stdout: '', stderr: '' });
  findingsOf(items, proofKinds, where, readings, []);
  if (sitesOf(target.system).length === 0) throw new Error('a system without hosts');
}
