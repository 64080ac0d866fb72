import { z } from 'zod';
import { raw, script, sh } from '../domain/sh.ts';
import type { StepKind } from '../domain/step.ts';
import { fetchByHand } from './by-hand.ts';
import { inClone, inCloneReading } from './git-shell.ts';
import { orShort } from './schema.ts';
import { answer, keepAt, makeKeep, shellWork } from './shell.ts';

interface Params {
  readonly what: 'tags';
  readonly remote?: string | undefined;
}

const what = z.literal('tags').describe('What to fetch: tags, and all branches with them.');
const remote = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
  .optional()
  .describe('The remote to fetch from. Default: origin.');

const putTagsBack = script(
  sh`git for-each-ref --format='%(refname) %(objectname)' refs/tags > "$keep/tags.now" || die "cannot write to $keep"`,
  sh`awk 'NR == FNR { was[$1] = $2; next } { if (!($1 in was)) print "delete " $1; else if (was[$1] != $2) print "update " $1 " " was[$1]; delete was[$1] }
  END { for (ref in was) print "create " ref " " was[ref] }' "$keep/tags" "$keep/tags.now" | git update-ref --stdin || die 'cannot put the tags back'`,
  sh`git for-each-ref --format='%(refname) %(objectname)' refs/tags | cmp -s - "$keep/tags" || die 'the tags are not as they were'`,
  sh`echo 'put the tags back as they were; fetched commits stay'`,
);

/** Fetches branches and tags. A tag that moved upstream moves here too; tags only known here stay: only remote branches are pruned. */
export const gitFetch: StepKind<Params> = {
  key: 'git.fetch',
  version: 1,
  about: 'Fetches branches and tags into the clone; tags that moved are moved.',
  place: 'host',
  schema: orShort('what', what, z.strictObject({ what, remote })),
  byHand: (params) => fetchByHand(params.remote),
  probes: (_params, where) => [inCloneReading(where, sh`git cat-file -e ${where.target.commit}'^{commit}' 2>/dev/null && echo here || echo missing`)],
  plan(params, [there], where) {
    const { commit, version, tag } = where.target;
    const name = params.remote ?? 'origin';
    const short = commit.slice(0, 12);
    const command = inClone(
      where,
      makeKeep(where),
      sh`[ -e "$keep/tags" ] || git for-each-ref --format='%(refname) %(objectname)' refs/tags > "$keep/tags" || die "cannot write to $keep"`,
      sh`git fetch --prune --force --tags ${name} 2>&1 || die ${`git fetch from ${name} failed`}`,
      sh`echo ${`fetched branches and tags from ${name}`}`,
    );
    const verify = inClone(
      where,
      sh`git cat-file -e ${commit}'^{commit}' || die ${`${name} has no commit ${short} (${version})`}`,
      tag === undefined
        ? undefined
        : sh`[ "$(git rev-parse -q --verify refs/tags/${tag}'^{commit}')" = ${commit} ] || echo ${`note: the tag ${tag} is another commit here; the approved one, ${short}, is used`}`,
    );
    const restore = inClone(where, keepAt(where), sh`[ -e "$keep/tags" ] || { echo 'nothing had been changed'; exit 0; }`, putTagsBack);
    const to = `${version} (${short}) is in the clone`;
    const settle = sh`(\n${raw(verify)}\n) && exit 0; exit 10`; // a fetch can be repeated from wherever it stopped
    return { work: shellWork(where, { command, verify, settle, restore, from: answer(there) === 'here' ? to : `${version} is not fetched`, to }) };
  },
};
