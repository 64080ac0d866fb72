import { createHash } from 'node:crypto';
import type { Directory } from '../../domain/directory.ts';
import { canonical } from '../../domain/plan.ts';
import type { Release } from '../../domain/release.ts';
import type { Asked } from '../../domain/runbook.ts';
import type { System } from '../../domain/system.ts';
import { ReleaseError } from '../../releases/error.ts';
import type { Mirror } from '../../releases/mirror.ts';
import { medianAffected, type Proven } from '../../store/proven.ts';
import type { Context } from '../context.ts';
import type { Known } from './build.ts';

/** What a plan says besides its commands: the commits undone, how long production was without before, and what somebody should know. */
export async function known(
  context: Pick<Context, 'proven'> & { readonly directory: Directory },
  mirror: Mirror,
  asked: Asked,
  release: Release,
  from: Release | undefined,
): Promise<Known> {
  const { system } = asked;
  const proven = await context.proven.list(system.name);
  const estimate = system.affectedMs === undefined || asked.target !== 'asked' ? undefined : { ms: system.affectedMs, measured: 0 };
  const isChange = from !== undefined && asked.target !== 'none' && asked.target !== 'running';
  const runbook = runbookDigest(system);
  const lastProvenAt = proven.findLast((one) => one.version === release.version)?.at;
  return {
    from,
    commits: isChange ? await whereThere([], () => mirror.commitsBetween(release.commit, from.commit)) : [],
    affected: affectsProduction(asked) ? (medianAffected(proven.filter((one) => one.variant === asked.variant)) ?? estimate) : undefined,
    lastProvenAt,
    runbook,
    warnings: [
      ...changedRunbook(proven, asked.variant, runbook),
      ...(asked.target === 'last-proven' && from !== undefined && from.version !== release.version
        ? [
            `Production runs ${from.version}; this is for ${release.version}, ${lastProvenAt === undefined ? 'which was not proven here yet' : 'the last known good'}`,
          ]
        : []),
      ...(isChange ? await whereThere([], () => changedDependencies(mirror, system, release, from)) : []),
      ...(asked.target === 'running' ? [] : await missingPeople(context, system)),
    ],
  };
}

/** The file's estimate is of its normal steps; without a production host in the runbook nobody feels anything, but a rehearsal measures what they would. */
const affectsProduction = ({ target, system }: Asked): boolean =>
  target !== 'running' && (system.drill !== undefined || Object.values(system.roles).some((role) => role.production));

/** What decides how it runs and what proves it; a change of it since it last ran is worth a word. */
export const runbookDigest = ({ runbook, proof, files, roles }: System): string =>
  createHash('sha256').update(canonical({ runbook, proof, files, roles })).digest('hex').slice(0, 16);

function changedRunbook(proven: readonly Proven[], variant: string, runbook: string): string[] {
  const last = proven.findLast((one) => one.variant === variant);
  if (!last || last.runbook === runbook) return [];
  return [
    `The runbook changed since it last ran (${last.rollback}, ${new Date(last.at).toISOString().slice(0, 10)}): it has not been tried as it is now`,
  ];
}

async function changedDependencies(mirror: Mirror, system: System, release: Release, from: Release): Promise<string[]> {
  const changed = (await mirror.changedFiles(from.commit, release.commit)).filter((file) => system.release.dependencies.includes(file.path));
  return changed.length === 0
    ? []
    : [`Dependencies differ between ${from.version} and ${release.version}: ${changed.map((file) => file.path).join(', ')}`];
}

/** The document names the people a rollback needs; Slack knows how many there are. Slack being away must not stop a plan. */
async function missingPeople(context: { readonly directory: Directory }, { resources }: System): Promise<string[]> {
  const said = await Promise.all(
    resources.map(async ({ name, who, count }) => {
      const there = await context.directory.members(who).catch(() => undefined);
      return there === undefined || there >= count ? [] : [`${name}: ${there} of ${count} (${who})`];
    }),
  );
  const missing = said.flat();
  return missing.length === 0 ? [] : [`Fewer people than the runbook needs: ${missing.join('; ')}`];
}

/** Without its repository an emergency goes on, and says less. */
async function whereThere<T>(otherwise: T, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof ReleaseError)) throw error;
    return otherwise;
  }
}
