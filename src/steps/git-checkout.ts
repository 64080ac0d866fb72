import { z } from 'zod';
import { script, sh } from '../domain/sh.ts';
import type { Planned, Problem, StepKind, Where } from '../domain/step.ts';
import { checkoutByHand } from './by-hand.ts';
import { haveTarget, inClone, inCloneReading, keepAndClear, putBack, unchanged } from './git-shell.ts';
import { line, orShort } from './schema.ts';
import { answer, complaint, keepAt, makeKeep, problem, shellWork } from './shell.ts';

interface Params {
  readonly ref: string;
}

const ref = line.describe('The target release by its tag, version or commit: "{{release.tag}}". What is checked out is its exact commit.');

const readHead = sh`git rev-parse --verify -q HEAD`;
const readBranch = sh`git symbolic-ref -q --short HEAD || echo 'no branch'`;
const readDirty = sh`git status --porcelain --untracked-files=normal | sed -n '1,20p'`;

/** Checks the target's exact commit out. Changes and files that no commit holds are kept, named and set aside first. */
export const gitCheckout: StepKind<Params> = {
  key: 'git.checkout',
  version: 2,
  about: "Checks out the target's exact commit; uncommitted work is kept, named and set aside.",
  place: 'host',
  schema: orShort('ref', ref, z.strictObject({ ref })),
  byHand: (_params, where) => checkoutByHand(where),
  probes: (_params, where) => [readHead, readBranch, readDirty].map((read) => inCloneReading(where, read)),
  plan(params, [head, branch, dirty], where): Planned {
    const found = answer(head);
    const { commit } = where.target;
    const problems: Problem[] = [];
    if (!/^[0-9a-f]{40}$/.test(found))
      problems.push(problem(`HEAD of ${where.role.dir} cannot be read: ${complaint(head)}`, 'make it a git clone with a commit checked out'));
    if (!isTarget(params.ref, where))
      problems.push(problem(`git.checkout of ${params.ref} is not the target`, 'write "{{release.tag}}" or "{{release.commit}}"'));
    return {
      work: shellWork(where, {
        guard: inClone(where, unchanged(readHead, found, 'HEAD')),
        command: inClone(where, makeKeep(where), haveTarget(where), recordHead, keepAndClear('.', commit), checkOut(where)),
        verify: inClone(where, sh`[ "$(git rev-parse HEAD)" = ${commit} ] || die 'HEAD is not the target'`, clean),
        restore: inClone(where, keepAt(where), putBack('.', headBack)),
        settles: true,
        from: found === commit ? commit : `${found} (${answer(branch)})`,
        to: commit,
      }),
      problems,
      warnings: setAside(answer(dirty), where),
    };
  },
};

const clean = sh`left=$(git status --porcelain --untracked-files=normal); [ -z "$left" ] || die "the checkout is not clean: $left"`;

const recordHead = script(
  sh`[ -e "$keep/head" ] || { git symbolic-ref -q --short HEAD > "$keep/branch"; git rev-parse HEAD > "$keep/head.new" && mv -- "$keep/head.new" "$keep/head"; } || die "cannot write to $keep"`,
);

const headBack = script(
  sh`head=$(cat -- "$keep/head") && branch=$(cat -- "$keep/branch") || die "the record in $keep is gone"`,
  sh`git checkout -q -f --detach "$head" -- || die "cannot check out $head"`,
  sh`if [ -n "$branch" ]; then
  if [ "$(git rev-parse -q --verify "refs/heads/$branch^{commit}")" = "$head" ]; then git symbolic-ref HEAD "refs/heads/$branch" || die 'cannot put the branch back'
  else echo "note: the branch $branch has moved; HEAD stays at $head"; fi
fi`,
);

function checkOut(where: Where) {
  const { commit, version } = where.target;
  return script(
    sh`git checkout -q -f --detach ${commit} -- || die ${`cannot check out ${version}`}`,
    sh`echo ${`checked out ${version} (${commit.slice(0, 12)})`}`,
  );
}

function isTarget(given: string, { target }: Where): boolean {
  return [target.tag, target.version, target.commit].includes(given);
}

function setAside(dirty: string, where: Where): string[] {
  return dirty === ''
    ? []
    : [
        `uncommitted work in ${where.role.dir} will be kept and set aside: ${dirty
          .split('\n')
          .map((entry) => entry.slice(2).trim())
          .join(', ')}`,
      ];
}
