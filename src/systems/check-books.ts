import { type Book, booksIn, type Placed, phasesIn, proofsIn, stepsIn } from './books.ts';
import { checkGroups, type GroupUse, groupsIn } from './check-groups.ts';
import type { Kinds } from './kinds.ts';
import { alias, named, rolesOf } from './names.ts';
import { didYouMean, type Mistake, shown } from './problem.ts';
import { fieldsOf } from './values.ts';

/** What every runbook must keep to, the normal one and those of variants: ids, places, names of roles, groups and people. */
export function checkBooks(file: unknown, kinds: Kinds): Mistake[] {
  return booksIn(file).flatMap((book) => [
    ...repeatedIds(stepsIn(book)),
    ...stepsIn(book).flatMap((step) => [...places(step, file, kinds), ...checkParams(step, file)]),
    ...phasesIn(book).flatMap(({ fields, path }) => named(fields.on, rolesOf(file), 'role', [...path, 'on'])),
    ...proofs(book, file),
    ...unproven(book, file),
  ]);
}

function repeatedIds(steps: readonly Placed[]): Mistake[] {
  const seen = new Set<string>();
  return steps.flatMap(({ fields, path }) => {
    const id = String(fields.id);
    if (fields.id === undefined || !seen.has(id)) return seen.add(id) && [];
    return [{ path: [...path, 'id'], message: `Two steps have the id ${shown(id)}`, advice: 'Give each its own' }];
  });
}

/** Where a step runs must fit its kind. */
function places({ fields, phase, path }: Placed, file: unknown, kinds: Kinds): Mistake[] {
  const kind = Object.keys(fields).find((key) => Object.hasOwn(kinds.steps, key));
  const place = kind === undefined ? undefined : kinds.steps[kind]?.place;
  if (place === 'host' && fields.on === undefined && phase.on === undefined) {
    return [{ path, message: `${kind} needs a role to run on`, advice: `Add on: to the step or its phase. ${didYouMean([], rolesOf(file))}` }];
  }
  if (place === 'bot' && fields.on !== undefined) {
    return [{ path: [...path, 'on'], message: `${kind} is done by the bot, on no host`, advice: 'Remove on:' }];
  }
  return named(fields.on, rolesOf(file), 'role', [...path, 'on']);
}

/** File groups and people that a step's params name: `git.restore: code`, `{ group: code }`, `sign: { by: lead }`. */
export function checkParams({ fields, path }: Pick<Placed, 'fields' | 'path'>, file: unknown): Mistake[] {
  const withoutBackups = fields['backup.restore'] !== undefined && fieldsOf(file).backups === undefined;
  return [
    ...checkGroups(groupsIn(fields, path), file),
    ...(withoutBackups
      ? [{ path: [...path, 'backup.restore'], message: 'The file does not say where backups lie', advice: 'Add backups: { dir: backups }' }]
      : []),
    ...alias(fieldsOf(fields.sign).by, file, [...path, 'sign', 'by']),
  ];
}

function proofs(book: Book, file: unknown): Mistake[] {
  const roles = Object.keys(fieldsOf(book.fields.proof));
  const uses = proofsIn(book).flatMap(({ value, path }): GroupUse[] => {
    const { tree, gone } = fieldsOf(value);
    const whole = tree === 'all' ? [] : [{ name: tree, path: [...path, 'tree'], inRepository: 'tree' }];
    return [...whole, { name: gone, path: [...path, 'gone'] }];
  });
  return [
    ...roles.flatMap((role) => named(role, rolesOf(file), 'role', [...book.path, 'proof', role]).map((one) => ({ ...one, at: 'key' as const }))),
    ...checkGroups(uses, file),
  ];
}

/** The normal proof covers all roles. A variant's own must cover those that its own steps name: without, any state would count as proven. */
function unproven(book: Book, file: unknown): Mistake[] {
  if (book.variant !== undefined && book.fields.proof === undefined) return [];
  const there = Object.keys(fieldsOf(book.fields.proof));
  const missing = rolesIn(book, file).filter((role) => !there.includes(role));
  return missing.map((role) => ({
    path: book.variant === undefined ? ['roles', role] : [...book.path, 'proof'],
    at: 'key' as const,
    message: book.variant === undefined ? `Nothing proves that ${role} runs the release` : `Nothing proves what ${book.variant} did on ${role}`,
    advice: `Add it under proof: ${role}: [{ commit: head }]`,
  }));
}

function rolesIn(book: Book, file: unknown): string[] {
  if (book.variant === undefined) return rolesOf(file);
  const ons = stepsIn(book).map(({ fields, phase }) => fields.on ?? phase.on);
  return rolesOf(file).filter((role) => ons.includes(role));
}
