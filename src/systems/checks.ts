import { duration } from '../domain/duration.ts';
import { checkBooks, checkParams } from './check-books.ts';
import { checkFills } from './check-fill.ts';
import { checkGroups } from './check-groups.ts';
import { checkVariants } from './check-variants.ts';
import { hostNameIn } from './fields.ts';
import type { Kinds } from './kinds.ts';
import { alias, named, rolesOf } from './names.ts';
import { type Mistake, shown } from './problem.ts';
import { fieldsOf, listOf } from './values.ts';

/**
 * What no schema of a part can see: names that must be defined elsewhere in the file. They look at the file as written, right or
 * wrong, so that all mistakes are found at once.
 */
export function crossChecks(file: unknown, kinds: Kinds): Mistake[] {
  return [
    ...checkBooks(file, kinds),
    ...checkVariants(file),
    ...people(file),
    ...escalation(file),
    ...questions(file),
    ...sameHosts(file),
    ...recorded(file),
    ...halt(file),
    ...drill(file),
    ...checkFills(file, kinds),
  ];
}

/** Those of steps are with the runbooks, those of announcements with their own file. */
function people(file: unknown): Mistake[] {
  const { policy: written, resources } = fieldsOf(file);
  const policy = fieldsOf(written);
  const approve = fieldsOf(policy.approve);
  return [
    ...['request', 'override', 'skip', 'stop', 'put_back', 'unlock'].flatMap((right) => alias(policy[right], file, ['policy', right])),
    ...alias(approve.by, file, ['policy', 'approve', 'by']),
    ...alias(fieldsOf(approve.escalate).to, file, ['policy', 'approve', 'escalate', 'to']),
    ...listOf(resources).flatMap((resource, i) => alias(fieldsOf(resource).who, file, ['resources', i, 'who'])),
  ];
}

/** Somebody who is named for the time after nobody answered must come before the request ends. */
function escalation(file: unknown): Mistake[] {
  const policy = fieldsOf(fieldsOf(file).policy);
  const { escalate, stands = '30m' } = fieldsOf(policy.approve);
  const { after = '5m', to } = fieldsOf(escalate);
  if (to === undefined && policy.override === undefined) return [];
  const [afterMs, standsMs] = [duration.safeParse(after), duration.safeParse(stands)];
  if (!afterMs.success || !standsMs.success || afterMs.data < standsMs.data) return [];
  const message = `A request ends after ${shown(stands)}, before anybody is called after ${shown(after)}`;
  return [{ path: ['policy', 'approve'], at: 'key', message, advice: 'Let it stand longer, or write a shorter escalate: { after: … }' }];
}

function questions(file: unknown): Mistake[] {
  return listOf(fieldsOf(file).ask).flatMap((question, i) => {
    const { choices, default: chosen } = fieldsOf(question);
    return choices === undefined ? [] : named(chosen, listOf(choices).map(String), 'choice', ['ask', i, 'default']);
  });
}

/** One name for two machines would make two hosts' facts one. */
function sameHosts(file: unknown): Mistake[] {
  const seen = new Map<string, string>();
  return Object.entries(fieldsOf(fieldsOf(file).roles)).flatMap(([role, value]) =>
    listOf(fieldsOf(value).hosts).flatMap((spec, i) => {
      const name = hostNameIn(spec);
      if (name === undefined) return [];
      const text = JSON.stringify(spec);
      const other = seen.get(name);
      seen.set(name, other ?? text);
      if (other === undefined || (other === text && i === 0)) return [];
      return [
        { path: ['roles', role, 'hosts', i], message: `There are two hosts ${shown(name)}`, advice: 'Give each machine one name, once a role' },
      ];
    }),
  );
}

function recorded(file: unknown): Mistake[] {
  const names = listOf(fieldsOf(fieldsOf(file).backups).record);
  return checkGroups(
    names.map((name, i) => ({ name, path: ['backups', 'record', i] })),
    file,
  );
}

function halt(file: unknown): Mistake[] {
  const fields = fieldsOf(fieldsOf(file).halt);
  return [
    ...named(fields.on, rolesOf(file), 'role', ['halt', 'on']),
    ...alias(fields.by, file, ['halt', 'by']),
    ...checkParams({ fields, path: ['halt'] }, file),
    ...checkParams({ fields: fieldsOf(fields.back), path: ['halt', 'back'] }, file),
  ];
}

/** Nobody approves a drill, so it must not reach what people feel. */
function drill(file: unknown): Mistake[] {
  const { drill: rules, roles } = fieldsOf(file);
  if (rules === undefined) return [];
  const production = Object.entries(fieldsOf(roles)).find(([, role]) => fieldsOf(role).production === true);
  if (!production) return [];
  const message = `Drills need no approval, and ${production[0]} is production`;
  return [{ path: ['drill'], at: 'key', message, advice: 'Write a system file of its own for rehearsals, whose roles are not production' }];
}
