import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';
import { die } from './shell.ts';

/** Whether a step of the runbook makes this file of the role's directory what the target release has: a checkout, or a restore of a group around it. */
export function bringsTarget(where: Where, file: string): boolean {
  const steps = where.system.runbook.flatMap((phase) => phase.steps).filter((step) => step.on === where.role.name);
  const isRestored = ({ kind, params }: (typeof steps)[number]): boolean => {
    if (kind === 'git.checkout') return true;
    if (kind !== 'git.restore') return false;
    const dir = where.system.files[groupOf(params)]?.dir;
    return dir === '.' || (dir !== undefined && file.startsWith(`${dir}/`));
  };
  return where.targetTree.some(({ path }) => path === file) && steps.some(isRestored);
}

function groupOf(params: unknown): string {
  const group: unknown = params !== null && typeof params === 'object' ? Reflect.get(params, 'group') : params;
  return typeof group === 'string' ? group : '';
}

/**
 * The lines, run in a temporary copy of the target release's tree. `inside` runs them where the target can be read: in the clone as it is, or
 * after a fetch. The copy comes from an index of its own and not from `git archive`, which leaves out what is marked export-ignore (tests often are).
 */
export function inTargetTree(where: Where, inside: (...lines: Sh[]) => Sh, ...lines: (Sh | undefined)[]): Sh {
  const { commit, version } = where.target;
  const write = sh`GIT_INDEX_FILE=$tree/index; export GIT_INDEX_FILE; git read-tree ${commit} && git checkout-index -a -q --prefix="$tree/files/"`;
  return script(
    die,
    sh`tree=$(mktemp -d) || die 'no temporary directory can be made'`,
    sh`trap 'rm -rf -- "$tree"' EXIT; trap 'exit 143' TERM INT HUP`,
    sh`(\n${raw(inside(sh`{ ${raw(write)}; } || die ${`the tree of ${version} cannot be written`}`))}\n) || exit 1`,
    sh`cd -- "$tree/files" || die 'the tree is gone'`,
    ...lines,
  );
}
