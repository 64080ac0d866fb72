import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { readYaml } from '../systems/document.ts';
import { readBy } from '../systems/issues.ts';
import { type FileProblem, formatProblem } from '../systems/problem.ts';

const login = z.string().regex(/^[A-Za-z0-9_][\w.@+\\-]*\$?$/, 'A login name of this machine, as `id -un` prints it');
const slackId = z.string().regex(/^[UW][A-Z0-9]{2,}$/, 'A Slack member id begins with U or W: profile, ⋮, Copy member ID');
const identities = z.record(login, slackId);

/** Who is who: login names of this machine → Slack ids. */
export interface Identities {
  readonly file: string;
  readonly ids: Readonly<Record<string, string>>;
}

/** The file cannot be used; every mistake in it has its own line. */
export class IdentitiesError extends Error {
  override name = 'IdentitiesError';
  readonly problems: readonly string[];
  constructor(problems: readonly FileProblem[]) {
    super('the file of identities cannot be used');
    this.problems = problems.map(formatProblem);
  }
}

/** Where the identities are when nobody says otherwise: a directory below that of the system files, which are only those directly in it. */
export const defaultFile = (systemsDir: string): string => join(systemsDir, 'people', 'identities.yaml');

/** Reads the file; where there is none nobody has an identity. Throws {@link IdentitiesError}. */
export function readIdentities(file: string): Identities {
  if (!existsSync(file)) return { file, ids: {} };
  const yaml = readYaml(file, textOf(file));
  if (yaml.broken) throw new IdentitiesError(yaml.problems);
  if (yaml.value === null || yaml.value === undefined) return { file, ids: {} };
  const { data, mistakes } = readBy(identities, yaml.value);
  if (data === undefined) throw new IdentitiesError(mistakes.map((mistake) => yaml.locate(mistake)));
  return { file, ids: data };
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new IdentitiesError([
      { file, line: 1, column: 1, message: `This file cannot be read (${code})`, advice: 'Set IDENTITIES_FILE to a file that you may read' },
    ]);
  }
}
