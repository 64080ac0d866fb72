import { z } from 'zod';
import type { ProofKind } from '../domain/proof.ts';
import { sh } from '../domain/sh.ts';
import { inCloneReading } from '../steps/git-shell.ts';
import { answer, complaint } from '../steps/shell.ts';

interface Params {
  readonly commit: 'head';
}

/** The commit checked out in the role's clone is the target's. */
export const commit: ProofKind<Params> = {
  key: 'commit',
  version: 1,
  about: "HEAD of the role's clone is the target's commit.",
  identifies: true,
  schema: z.strictObject({ commit: z.literal('head').describe("head: the commit that is checked out in the role's directory.") }),
  probes: (_params, where) => [inCloneReading(where, sh`git rev-parse --verify -q HEAD`)],
  judge(_params, { readings: [head] }, where) {
    const found = answer(head);
    const known = /^[0-9a-f]{40}$/.test(found);
    return {
      found: known ? found : `cannot be read: ${complaint(head)}`,
      expected: where.target.commit,
      ok: found === where.target.commit,
      ...(known && { version: found }),
    };
  },
};
