import { groupsOf, named } from './names.ts';
import { type Mistake, shown } from './problem.ts';
import { fieldsOf, listOf } from './values.ts';

/** A place that names a file group. `inRepository`: what looks the group up in the release, so that its directory must be inside. */
export interface GroupUse {
  readonly name: unknown;
  readonly path: readonly PropertyKey[];
  readonly inRepository?: string;
}

/** The file groups that a step's params name. */
export function groupsIn(fields: Readonly<Record<string, unknown>>, path: readonly PropertyKey[]): GroupUse[] {
  const restores = ['git.restore', 'backup.restore'].map((kind): GroupUse => {
    const { group } = fieldsOf(fields[kind]);
    return { name: group ?? fields[kind], path: group === undefined ? [...path, kind] : [...path, kind, 'group'], inRepository: kind };
  });
  const { groups } = fieldsOf(fields.remove);
  return [...restores, ...listOf(groups).map((name, i) => ({ name, path: [...path, 'remove', 'groups', i] }))];
}

/** Groups must be there, and those that a release is asked for must be inside the repository. */
export function checkGroups(uses: readonly GroupUse[], file: unknown): Mistake[] {
  return uses.flatMap(({ name, path, inRepository }) => {
    const unknown = named(name, groupsOf(file), 'file group', path);
    if (unknown.length > 0 || inRepository === undefined || typeof name !== 'string') return unknown;
    const { dir } = fieldsOf(fieldsOf(fieldsOf(file).files)[name]);
    if (typeof dir !== 'string' || !dir.startsWith('/')) return [];
    return [
      {
        path,
        message: `${inRepository} cannot be used for ${shown(name)}, which is the absolute directory ${dir}`,
        advice: 'Name a group whose directory is inside the repository; absolute ones are for remove, gone and backups.record',
      },
    ];
  });
}
