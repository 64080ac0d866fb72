import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Reading } from '../domain/host.ts';
import type { Sh } from '../domain/sh.ts';
import type { Problem, Where } from '../domain/step.ts';
import type { Change } from './pip-changes.ts';
import { canonicalName, python } from './python.ts';
import { answer, complaint, problem } from './shell.ts';

const programOf = (file: string): string => readFileSync(new URL(file, import.meta.url), 'utf8').replaceAll(/^ *"""[^"]*"""\n/gm, '');
const packages = programOf('packages.py');
const look = `${packages}\n${programOf('pip-look.py')}`;

/**
 * Compares what a package (`one`: `name==1.0`) or a requirements file (`file`) needs with what is installed, and asks pip what it would install. Prints
 * JSON. Fetches to a temporary directory, and changes nothing.
 */
export const readLook = (where: Where, mode: 'one' | 'file', wanted: string): Sh => python(where.role, look, mode, wanted);

/** Ends with 1 and names what is not installed as the package, or the requirements file, needs it. Asks no index. */
export const allMet = (where: Where, mode: 'one' | 'file', wanted: string): Sh => python(where.role, met, mode, wanted);

const met = `${packages}
mode, wanted = sys.argv[1:]
have = installed()
roots = needs(wanted, [wanted] if mode == "one" else list(lines(wanted)))
wrong, _ = unmet(roots, have)
for who, need in wrong:
    print("%s needs %s, which is %s" % (who, without_marker(need), version_of(need.name, have) or "not installed"), file=sys.stderr)
sys.exit(1 if wrong else 0)`;

const change = z.object({ name: z.string(), old: z.string().nullable(), new: z.string(), direct: z.boolean() });
const schema = z.object({
  cannot: z.string().optional(),
  unmet: z.array(z.object({ who: z.string(), need: z.string(), has: z.string().nullable() })).default([]),
  changes: z.array(change).optional(),
  breaks: z.array(z.string()).default([]),
  failed: z.string().optional(),
  missing: z.array(z.string()).default([]),
});

/** What was found: what pip would change, and what stands in its way or is worth saying. */
export interface Look {
  readonly changes: readonly Change[];
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/** Reads what {@link readLook} printed. `what` is the requirement or the file, as people call it. */
export function parseLook(reading: Reading | undefined, what: string, where: Where): Look {
  const seen = schema.safeParse(jsonOf(answer(reading)));
  if (!seen.success) return cannotBeHad(what, reading?.exitCode === 124 ? 'pip did not answer in time' : complaint(reading));
  const { cannot, unmet, changes, breaks, failed, missing } = seen.data;
  if (cannot !== undefined) return cannotBeHad(what, cannot);
  const has = (version: string | null) => `${where.host.name} has ${version ?? 'none'}`;
  const advice = "build and publish it to the index or folder that the host's pip uses, or choose a release that needs what is there";
  const lacking = unmet.filter(({ need }) => missing.includes(need));
  const problems = lacking.map(({ who, need, has: version }) => problem(`${who} needs ${need}, ${has(version)}, and pip cannot get it`, advice));
  if (failed !== undefined && lacking.length === 0) problems.push(problem(`pip cannot bring together what ${what} needs: ${failed}`, advice));
  const named = unmet.map(({ who, need, has: version }) => `${who} needs ${need}, ${has(version)}`);
  return {
    changes: (changes ?? []).map(({ old, ...rest }) => ({ ...rest, ...(old !== null && { old }) })),
    problems,
    warnings: [
      ...(failed === undefined && changes !== undefined ? named.map((text) => `${text}: ${gets(text, changes)}`) : []),
      ...breaks.map((text) => `${text}: pip does not keep it from that`),
    ],
  };
}

/** What pip does for an unmet need, in few words. */
function gets(text: string, changes: readonly z.infer<typeof change>[]): string {
  const [, name = ''] = / needs ([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(text) ?? [];
  const found = changes.find((one) => one.name === canonicalName(name));
  return found === undefined ? 'pip will install what it needs' : `pip will install ${found.name} ${found.new}`;
}

const cannotBeHad = (what: string, why: string): Look => ({
  changes: [],
  problems: [problem(`${what} cannot be had: ${why}`, "build and publish it to the index or folder that the host's pip uses")],
  warnings: [],
});

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
