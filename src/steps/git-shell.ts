import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';
import { inDir } from './shell.ts';

/** Nothing asks, paths are taken literally, sorting is the same everywhere; reading takes no lock of the repository. */
const environment = sh`LC_ALL=C GIT_TERMINAL_PROMPT=0 GIT_LITERAL_PATHSPECS=1; export LC_ALL GIT_TERMINAL_PROMPT GIT_LITERAL_PATHSPECS`;

/** The lines, run at the top of the role's git clone; any other place ends the stage. */
export function inClone(where: Where, ...lines: (Sh | undefined)[]): Sh {
  return inDir(
    where,
    environment,
    sh`[ "$(git rev-parse --is-inside-work-tree --show-prefix)" = true ] || die ${`${where.role.dir} is not the top of a git clone`}`,
    ...lines,
  );
}

/** As {@link inClone}, for reading only. */
export const inCloneReading = (where: Where, ...lines: (Sh | undefined)[]): Sh =>
  inClone(where, sh`GIT_OPTIONAL_LOCKS=0; export GIT_OPTIONAL_LOCKS`, ...lines);

/** Makes sure that the target's commit is in the clone, fetching it when it is not. */
export function haveTarget(where: Where): Sh {
  const { commit, version } = where.target;
  return script(
    sh`git cat-file -e ${commit}'^{commit}' 2>/dev/null || git fetch --quiet --force --tags origin || die 'git fetch failed'`,
    sh`git cat-file -e ${commit}'^{commit}' 2>/dev/null || die ${`the commit of ${version} (${commit.slice(0, 12)}) is not in the clone, nor at its origin`}`,
  );
}

/** `state DIR`: what undo must bring back, as text: the index, changes against it, untracked files with mode and content. Of a link only where it leads. */
const state = sh`state() {
  git ls-files --stage -- "$1"
  git diff --no-color --no-ext-diff --no-textconv --no-renames --binary --full-index -- "$1"
  git ls-files -z --others --exclude-standard -- "$1" | sort -z | xargs -0 -r stat -c '%f %N' --
  git ls-files -z --others --exclude-standard -- "$1" | sort -z | xargs -0 -r sh -c 'for f; do [ -L "$f" ] || [ ! -f "$f" ] || sha256sum -- "$f" || exit 255; done' sh 2>&1
}`;

// `git diff` writes what it learnt of timestamps into the index, and GIT_OPTIONAL_LOCKS does not keep it from that: it gets a copy.
const ownIndex = sh`own=$(mktemp 2>/dev/null) && trap 'rm -f -- "$own"' EXIT && trap 'exit 143' TERM INT HUP PIPE && cp -- "$(git rev-parse --git-path index)" "$own" 2>/dev/null && { GIT_INDEX_FILE=$own; export GIT_INDEX_FILE; }`;

/** Prints the SHA-256 of the {@link state} of a directory of the clone. Changes nothing there. */
export function stateHash(dir: string): Sh {
  return script(state, ownIndex, sh`state ${dir} | sha256sum | cut -c 1-64`);
}

/**
 * `keep_state DIR COMMIT NAME`: copies to `$keep/NAME` what no commit holds and COMMIT would overwrite or leave behind: changed files, untracked
 * files, ignored files that COMMIT has. The file `state` is written last: without it nothing was kept, and nothing changed.
 */
const keepState = sh`keep_state() {
  (umask 077 && mkdir -p -- "$keep/$3/files") || die "cannot write to $keep"
  git ls-files -z --stage -- "$1" > "$keep/$3/index" || die "cannot write to $keep"
  git ls-files -z --deleted -- "$1" | sort -zu > "$keep/$3/deleted"
  git ls-files -z --others --exclude-standard -- "$1" | sort -z > "$keep/$3/untracked"
  nested=$(grep -z '/$' "$keep/$3/untracked" | tr '\\0' ' ')
  [ -z "$nested" ] || die "a git clone lies inside this one: $nested; move it away first"
  git ls-files -z --others --ignored --exclude-standard -- "$1" | sort -z > "$keep/$3/ignored"
  git ls-tree -r -z --name-only "$2" -- "$1" | sort -z | comm -z -12 "$keep/$3/ignored" - > "$keep/$3/overwritten"
  git diff -z --name-only --no-renames --diff-filter=d -- "$1" > "$keep/$3/changed"
  sort -zu "$keep/$3/changed" "$keep/$3/untracked" "$keep/$3/overwritten" > "$keep/$3/names"
  xargs -0 -r cp -a --parents -t "$keep/$3/files" -- < "$keep/$3/names" || die "cannot keep the changes in $keep"
  state "$1" > "$keep/$3/state.new" && mv -- "$keep/$3/state.new" "$keep/$3/state" || die "cannot write to $keep"
  [ ! -s "$keep/$3/names" ] || { echo "kept uncommitted work in $keep/$3/files:"; tr '\\0' '\\n' < "$keep/$3/names" | sed -n '1,50s/^/  /p'; }
  [ ! -s "$keep/$3/deleted" ] || { echo 'were deleted without a commit:'; tr '\\0' '\\n' < "$keep/$3/deleted" | sed -n '1,50s/^/  /p'; }
}`;

/** `remove_listed FILE`: removes the files that FILE lists and the directories that are empty then; nothing that was not kept. */
const removeListed = sh`remove_listed() {
  xargs -0 -r rm -f -- < "$1" || die 'cannot remove untracked files'
  grep -z / "$1" | sed -z 's:/[^/]*$::' | sort -zu | xargs -0 -r rmdir -p --ignore-fail-on-non-empty -- 2>/dev/null
  return 0
}`;

/** Keeps the directory's uncommitted work, then takes untracked files away. On a second attempt the first record stays the one that undo uses. */
export function keepAndClear(dir: string, commit: string): Sh {
  return script(
    state,
    keepState,
    removeListed,
    sh`name=before; [ ! -e "$keep/before/state" ] || name=again`,
    sh`keep_state ${dir} ${commit} "$name"`,
    sh`remove_listed "$keep/$name/untracked"`,
  );
}

/**
 * Puts the directory back to the recorded state, byte for byte with its index, whatever is there now (that is kept too), and proves it.
 * @param between runs after the present was kept and before the recorded state comes back: moves HEAD.
 */
export function putBack(dir: string, between?: Sh): Sh {
  return script(
    state,
    keepState,
    removeListed,
    sh`[ -e "$keep/before/state" ] || { echo 'nothing had been changed'; exit 0; }`,
    sh`keep_state ${dir} HEAD undone`,
    sh`remove_listed "$keep/undone/untracked"`,
    between,
    sh`git rm -r -f -q --cached --ignore-unmatch -- ${dir} || die 'cannot clear the index'`,
    sh`git update-index -z --index-info < "$keep/before/index" || die 'cannot put the index back'`,
    sh`git ls-files -z --others --exclude-standard -- ${dir} > "$keep/undone/left"`,
    sh`remove_listed "$keep/undone/left"`,
    sh`git ls-files -z -- ${dir} | git checkout-index -q -f -u -z --stdin || die 'cannot put the files back'`,
    sh`top=$PWD; (cd -- "$keep/before/files" && xargs -0 -r cp -a --parents -t "$top" --) < "$keep/before/names" || die 'cannot put the uncommitted work back'`,
    sh`xargs -0 -r rm -f -- < "$keep/before/deleted"`,
    sh`state ${dir} | cmp -s - "$keep/before/state" || die ${`${dir} is not as it was: compare with the files in the keep directory`} "$keep/before"`,
    sh`echo ${`put back ${dir === '.' ? 'the work tree' : dir} as it was found, uncommitted work included`}`,
  );
}

/** For messages of a guard: the plan's fact, what it is now, and what that means. */
export function unchanged(now: Sh, found: string, what: string): Sh {
  return sh`now=$(${raw(now)}); [ "$now" = ${found} ] || die ${`${what} changed since the plan was made`}": $now"`;
}
