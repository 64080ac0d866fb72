import { nearest } from '../domain/nearest.ts';
import { didYouMean, type Mistake, shown } from './problem.ts';
import { fieldsOf } from './values.ts';

/** The names of a file's roles. */
export const rolesOf = (file: unknown): string[] => Object.keys(fieldsOf(fieldsOf(file).roles));
/** The names of a file's file groups. */
export const groupsOf = (file: unknown): string[] => Object.keys(fieldsOf(fieldsOf(file).files));

/** A mistake when a name is none of those there are; what is no text is the schema's to complain of. */
export function named(name: unknown, all: readonly string[], what: string, path: readonly PropertyKey[]): Mistake[] {
  if (typeof name !== 'string' || all.includes(name)) return [];
  return [{ path, message: `There is no ${what} ${shown(name)}`, advice: didYouMean(nearest(name, all), all) }];
}

/** A mistake when a person is neither written as the workspace does nor a name from `people`. */
export function alias(name: unknown, file: unknown, path: readonly PropertyKey[]): Mistake[] {
  if (typeof name === 'string' && /^[@#]/.test(name)) return [];
  return named(name, Object.keys(fieldsOf(fieldsOf(file).people)), 'name in people', path);
}
