import { z } from 'zod';
import type { Reading } from '../domain/host.ts';
import type { Found, ProofKind } from '../domain/proof.ts';
import { type Sh, script, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';
import type { FileGroup } from '../domain/system.ts';
import { inCloneReading } from '../steps/git-shell.ts';
import { describeFiles, filesUnder, type ListedFile, listDirectory, parseListing } from '../steps/listing.ts';
import { nameOf } from '../steps/patterns.ts';
import { answer, complaint, inDir } from '../steps/shell.ts';

interface Params {
  readonly tree: string;
  readonly at?: string | undefined;
}

const schema = z.strictObject({
  tree: z.string().min(1).describe('A file group, or all: the whole work tree of the clone, ignored files excepted.'),
  at: z
    .string()
    .min(1)
    .optional()
    .describe("Where the group's files lie when not in its own directory: absolute, or relative to the role's directory."),
});

/**
 * Files are the target's, byte for byte with their executable bit, and no file is there that should not be.
 *
 * A group is compared as a whole directory: all that the target has in the group's directory against all that the host has, but for the group's ignored
 * names. Only where `at` is given and the target has more files in that directory than the group names are just the named files compared.
 */
export const tree: ProofKind<Params> = {
  key: 'tree',
  version: 2,
  about: "Files on the host are the target's, byte for byte, and no others are there.",
  identifies: true,
  schema,
  probes(params, where) {
    if (params.tree === 'all') return [wholeClone(where)];
    const group = where.system.files[params.tree];
    return group === undefined ? [] : [inDir(where, listDirectory(params.at ?? group.dir, group.ignore))];
  },
  judge(params, { readings: [reading] }, where) {
    const group = where.system.files[params.tree];
    if (params.tree === 'all') return judgeClone(reading, where);
    if (group === undefined) return { found: `there is no file group ${params.tree}`, expected: params.tree, ok: false };
    return judgeGroup(group, params.at !== undefined, reading, where);
  },
};

/** An index of its own, made from HEAD, knows no timestamps and no assume-unchanged: every file is read. */
function wholeClone(where: Where): Sh {
  return inCloneReading(
    where,
    sh`own=$(mktemp -d) || die 'no temporary directory can be made'; trap 'rm -rf -- "$own"' EXIT; trap 'exit 143' TERM INT HUP PIPE`,
    sh`git rev-parse --verify -q HEAD || die 'HEAD cannot be read'`,
    sh`GIT_INDEX_FILE=$own/index; export GIT_INDEX_FILE; git read-tree HEAD || die 'HEAD cannot be read'`,
    sh`git diff --no-ext-diff --no-renames --name-status > "$own/changed" && git ls-files --others --exclude-standard > "$own/others" || die 'the work tree cannot be read'`,
    script(sh`cat -- "$own/changed"`, sh`sed 's/^/?	/' "$own/others"`),
  );
}

function judgeClone(reading: Reading | undefined, where: Where): Found {
  const { commit } = where.target;
  const expected = `${commit.slice(0, 12)}, clean`;
  const [head = '', ...changes] = answer(reading).split('\n');
  if (!/^[0-9a-f]{40}$/.test(head)) return { found: `cannot be read: ${complaint(reading)}`, expected, ok: false };
  const names = changes.map((entry) => entry.replace('\t', ' '));
  const shown = names.length > 8 ? [...names.slice(0, 8), `and ${names.length - 8} more`] : names;
  const found = `${head.slice(0, 12)}, ${names.length === 0 ? 'clean' : `${names.length} changed: ${shown.join(', ')}`}`;
  return { found, expected, ok: head === commit && names.length === 0, version: head };
}

function judgeGroup(group: FileGroup, elsewhere: boolean, reading: Reading | undefined, where: Where): Found {
  const whole = filesUnder(where.targetTree, group.dir).filter((file) => !file.path.split('/').some((part) => group.ignore.includes(part)));
  const named = whole.filter((file) => nameOf(group.names, file.path) !== undefined);
  const onlyNamed = elsewhere && named.length < whole.length;
  const wanted = onlyNamed ? named : whole;
  const expected = describeFiles(wanted);
  if (reading?.exitCode !== 0) return { found: `cannot be read: ${complaint(reading)}`, expected, ok: false };
  const listed = parseListing(reading.stdout);
  const here = onlyNamed ? listed.filter((file) => nameOf(group.names, file.path) !== undefined) : listed;
  const ok = wanted.length > 0 && same(here, wanted);
  return { found: describeFiles(here, wanted), expected, ok, ...(ok && { version: where.target.version }) };
}

const same = (a: readonly ListedFile[], b: readonly ListedFile[]): boolean =>
  a.length === b.length && a.every((file, i) => file.path === b[i]?.path && file.blob === b[i]?.blob && file.mode === b[i]?.mode);
