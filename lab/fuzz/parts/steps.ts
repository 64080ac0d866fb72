import fc from 'fast-check';
import { type Sh, script, sh } from '../../../src/domain/sh.ts';
import type { ShellWork } from '../../../src/domain/step.ts';
import type { Role, System } from '../../../src/domain/system.ts';
import { isVersionText } from '../../../src/releases/version-text.ts';
import { innerPath } from '../../../src/systems/fields.ts';
import { emptyDir } from '../empty.ts';
import { hostile, hostileWord } from '../hostile.ts';
import { type Part, partOf } from '../part.ts';
import { everyStep, plannedFrom, reading } from './readings.ts';
import { run } from './shell.ts';
import { versionText } from './versions.ts';

type Placed = Awaited<ReturnType<typeof everyStep>>[number];

/** Names that the schema of the system file lets through. */
const path = hostileWord.filter((text) => innerPath.safeParse(text).success);

/** What a system file, a repository and a release may be called at their worst. */
const names = fc.record({
  dir: path,
  file: path,
  verify: fc.constantFrom('true', 'test -e x'),
  version: versionText.filter(isVersionText),
});

type Names = typeof names extends fc.Arbitrary<infer T> ? T : never;

/** The same step where files, directories and the release are called so. */
function renamed({ target, step, site }: Placed, { dir, file, verify, version }: Names): Placed {
  const role: Role = {
    ...site.role,
    dir: `/nowhere/${dir}`,
    ...(site.role.python !== undefined && { python: `bin/${file}` }),
    ...(site.role.compose && { compose: { ...site.role.compose, file: `${dir}/c.yml`, envFile: file, envExample: file } }),
  };
  const groups = Object.entries(target.system.files).map(([name, group]) => [name, { ...group, dir, names: [...group.names, file] }]);
  const { backups } = target.system;
  const system: System = {
    ...target.system,
    roles: { ...target.system.roles, [role.name]: role },
    files: Object.fromEntries(groups),
    ...(backups && { backups: { ...backups, dir, manifest: file } }),
  };
  const release = { ...target.release, version, tag: version, packageVersion: version };
  const tree = [{ path: `${dir}/${file}`, mode: '100644' as const, blob: '1'.repeat(40) }];
  return { target: { ...target, system, release, tree }, step: { ...step, step: { ...step.step, verify } }, site: { ...site, role } };
}

const textsOf = (work: ShellWork): Sh[] => [work.guard, work.command, work.verify, work.settle, work.restore].filter((text) => text !== undefined);

/** Every command that is planned for a host is whole for real sh, whatever things are called and whatever the host answered. */
export const steps: Part = partOf({
  name: 'step-commands',
  perMille: 2,
  open: async () => {
    const all = await everyStep();
    const { dir, mustBeEmpty, remove } = emptyDir();
    return {
      cases: fc.record({ nth: fc.nat(all.length - 1), names, answers: fc.array(reading, { minLength: 1, maxLength: 6 }), more: hostile }),
      try: async ({ nth, names, answers }) => {
        const placed = all[nth];
        if (!placed) throw new Error('no step');
        const { work, problems = [] } = plannedFrom(renamed(placed, names), answers);
        if (work.type !== 'shell') return 'accepted';
        const { exitCode, stderr } = await run(script(...textsOf(work).map((text) => sub(text))), dir, ['-n']);
        if (exitCode !== 0) throw new Error(`sh cannot read it: ${stderr}\n${textsOf(work).join('\n---\n')}`);
        mustBeEmpty();
        return problems.length > 0 ? 'refused' : 'accepted';
      },
      close: async () => remove(),
    };
  },
});

const sub = (text: Sh): Sh => script(sh`(`, text, sh`)`);
