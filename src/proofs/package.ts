import { z } from 'zod';
import type { ProofKind } from '../domain/proof.ts';
import { readVersion } from '../steps/python.ts';
import { complaint, inDir } from '../steps/shell.ts';

interface Params {
  readonly package: string;
}

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a Python package is named like trade-agent-sac');

/** The installed package, as the role's interpreter sees it, has the target's version. */
export const pythonPackage: ProofKind<Params> = {
  key: 'package',
  version: 1,
  about: "The Python package that the role's interpreter sees has the target's version.",
  identifies: true,
  schema: z.strictObject({ package: name.describe('The Python package, as pip names it.') }),
  probes: (params, where) => [inDir(where, readVersion(where.role, params.package))],
  judge(params, { readings: [reading] }, where) {
    const expected = where.target.packageVersion ?? where.target.version;
    if (reading?.exitCode !== 0) return { found: `${params.package} cannot be read: ${complaint(reading)}`, expected, ok: false };
    const version = reading.stdout.trim();
    return version === '' ? { found: 'not installed', expected, ok: false } : { found: version, expected, ok: version === expected, version };
  },
};
