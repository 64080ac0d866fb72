import { z } from 'zod';
import type { ProofKind } from '../domain/proof.ts';
import { directoriesByMistake, type Matches, parseMatches, readMatches } from '../steps/matches.ts';
import { strayParts } from '../steps/patterns.ts';

interface Params {
  readonly gone: string;
}

/**
 * Nothing that a file group names is there. Empty directories do not count: those of other owners cannot be put back as they were, so a removal leaves
 * them. A link on the way to the group's directory is never taken for "nothing".
 */
export const gone: ProofKind<Params> = {
  key: 'gone',
  version: 1,
  about: 'Nothing that a file group names is on the host.',
  identifies: true,
  schema: z.strictObject({ gone: z.string().min(1).describe('A file group; its names may be patterns.') }),
  probes(params, where) {
    const group = where.system.files[params.gone];
    return group === undefined || strayParts(group).length > 0 ? [] : [readMatches(where, [group])];
  },
  judge(params, { readings: [reading] }, where) {
    const expected = 'nothing';
    const group = where.system.files[params.gone];
    if (group === undefined) return { found: `there is no file group ${params.gone}`, expected, ok: false };
    const seen = parseMatches(reading);
    if ('why' in seen) return { found: `cannot be read: ${seen.why}`, expected, ok: false };
    const ok = seen.all.every(({ type }) => type === 'dir') && directoriesByMistake([group], seen).length === 0;
    return { found: ok ? leftOver(seen) : described(seen), expected, ok };
  },
};

const leftOver = ({ all }: Matches): string => (all.length === 0 ? 'nothing' : `nothing; empty directories: ${first(all.map(({ path }) => path))}`);

function described({ all, digest }: Matches): string {
  const files = all.filter(({ type }) => type !== 'dir').map(({ path }) => path);
  const count = files.length === 1 ? '1 file' : `${files.length} files`;
  return `${count}: ${first(files.length > 0 ? files : all.map(({ path }) => `${path}/`))} (${digest.slice(0, 12)})`;
}

function first(paths: readonly string[]): string {
  return [...paths.slice(0, 8), ...(paths.length > 8 ? [`and ${paths.length - 8} more`] : [])].join(', ');
}
