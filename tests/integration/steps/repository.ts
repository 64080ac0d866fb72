import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TreeFile } from '../../../src/domain/release.ts';
import { quote } from '../../../src/domain/sh.ts';
import { must } from './planner.ts';

/** git without anyone's settings, and with fixed people and dates. */
export const gitEnv: Readonly<Record<string, string>> = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
};

/** An origin with v0.1.0 and v0.2.0, and a clone of it on main at v0.2.0. */
export interface Sample {
  readonly origin: string;
  readonly work: string;
  readonly clone: string;
  readonly old: string;
  readonly new: string;
}

/** v0.1.0 has two files in src/rl/sac; v0.2.0 changes one, makes the other executable, and adds one with a blank and a quote in its name. */
export async function makeSample(dir: string): Promise<Sample> {
  const [origin, work, clone] = [join(dir, 'origin.git'), join(dir, 'work'), join(dir, 'clone')];
  await mkdir(work);
  await must(
    `cd ${quote(work)} && git init -q -b main && git init -q --bare ${quote(origin)} && git remote add origin ${quote(origin)}
    mkdir -p src/rl/sac configs && printf 'one\\n' > src/rl/sac/sac_agent.py && printf '' > src/rl/sac/__init__.py && echo '{"v":1}' > configs/sac_config.json
    printf '__pycache__\\nmodels/\\n*.log\\n' > .gitignore && git add -A && git commit -q -m one && git tag -a v0.1.0 -m one
    printf 'two\\n' > src/rl/sac/sac_agent.py && chmod +x src/rl/sac/__init__.py && printf 'new\\n' > "src/rl/sac/it's new.py" && mkdir src/rl/sac/deep && echo x > src/rl/sac/deep/er.py
    echo '{"v":2}' > configs/sac_config.json && git add -A && git commit -q -m two && git tag -a v0.2.0 -m two
    git push -q origin main --tags && git -C ${quote(origin)} symbolic-ref HEAD refs/heads/main && git clone -q ${quote(origin)} ${quote(clone)}`,
    gitEnv,
  );
  const commitOf = async (ref: string) => (await must(`git -C ${quote(clone)} rev-parse ${ref}^{commit}`, gitEnv)).trim();
  return { origin, work, clone, old: await commitOf('v0.1.0'), new: await commitOf('v0.2.0') };
}

/** All files of a commit, as the repository knows them. */
export async function treeOf(clone: string, commit: string): Promise<TreeFile[]> {
  const listed = await must(`git -C ${quote(clone)} ls-tree -r -z ${commit}`, gitEnv);
  return listed.split('\0').flatMap((entry): TreeFile[] => {
    const [, mode, blob, path] = /^(\d+) blob ([0-9a-f]{40})\t(.*)$/s.exec(entry) ?? [];
    return mode === undefined || blob === undefined || path === undefined ? [] : [{ mode: mode as TreeFile['mode'], blob, path }];
  });
}

/** Everything of a work tree that undo must bring back, as text: files with mode and content, the index, where HEAD is. */
export async function snapshot(clone: string): Promise<string> {
  return must(
    `cd ${quote(clone)} && find . -path ./.git -prune -o ! -type d -print0 | sort -z | xargs -0 stat -c '%A %N' && find . -path ./.git -prune -o -type f -print0 | sort -z | xargs -0 sha256sum
    git ls-files --stage && git status --porcelain && git rev-parse HEAD && { git symbolic-ref -q HEAD || echo detached; } && git for-each-ref refs/heads refs/tags`,
    gitEnv,
  );
}
