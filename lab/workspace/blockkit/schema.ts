import type { Json } from '../model.ts';

/** Looks at one value; adds a sentence per fault, each ending in the place as Slack writes it: `[json-pointer:/blocks/0/text]`. */
export type Check = (value: unknown, at: string, found: string[]) => void;

/** One field of an object. */
export interface Field {
  check: Check;
  isRequired: boolean;
}

/** Adds a fault in Slack's form. */
export const fault = (found: string[], at: string, sentence: string): void => {
  found.push(`${sentence} [json-pointer:${at}]`);
};

/** True for a plain JSON object. */
export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field that must be there. */
export const must = (check: Check): Field => ({ check, isRequired: true });

/** A field that may be there. */
export const may = (check: Check): Field => ({ check, isRequired: false });

/** An object with these fields and no others. `also` sees the whole object when its fields were looked at. */
export function object(fields: Record<string, Field>, also?: (value: Json, at: string, found: string[]) => void): Check {
  return (value, at, found) => {
    if (!isObject(value)) return fault(found, at, 'must be an object');
    for (const [name, field] of Object.entries(fields)) {
      if (value[name] !== undefined) field.check(value[name], `${at}/${name}`, found);
      else if (field.isRequired) fault(found, at, `missing required field: ${name}`);
    }
    for (const name of Object.keys(value)) if (!(name in fields)) fault(found, at, `invalid additional property: ${name}`);
    also?.(value, at, found);
  };
}

/** A string of `min` to `max` characters. Slack's sentences name the first length that is out of bounds. */
export function string(max: number, min = 0): Check {
  return (value, at, found) => {
    if (typeof value !== 'string') return fault(found, at, 'must be a string');
    if (value.length > max) fault(found, at, `must be less than ${max + 1} characters`);
    if (value.length < min) fault(found, at, `must be more than ${min - 1} characters`);
  };
}

/** A list of `min` to `max` things. */
export function list(check: Check, max: number, min = 0): Check {
  return (value, at, found) => {
    if (!Array.isArray(value)) return fault(found, at, 'must be an array');
    if (value.length > max) fault(found, at, `no more than ${max} items allowed`);
    if (value.length < min) fault(found, at, `must provide at least ${min} items`);
    value.forEach((item, index) => {
      check(item, `${at}/${index}`, found);
    });
  };
}

/** true or false, and not the words. */
export const boolean: Check = (value, at, found) => {
  if (typeof value !== 'boolean') fault(found, at, 'must be a boolean');
};

/** A whole number from `min` to `max`. */
export function integer(min: number, max: number): Check {
  return (value, at, found) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) return fault(found, at, 'must be an integer');
    if (value < min || value > max) fault(found, at, `must be between ${min} and ${max}`);
  };
}

/** One of these words. */
export function oneOf(...words: string[]): Check {
  return (value, at, found) => {
    if (typeof value !== 'string' || !words.includes(value)) fault(found, at, `must be one of: ${words.join(', ')}`);
  };
}

/** A string that this expression matches. */
export function pattern(expression: RegExp, sentence: string): Check {
  return (value, at, found) => {
    if (typeof value !== 'string' || !expression.test(value)) fault(found, at, sentence);
  };
}

/** Chooses the check by the object's `type`. */
export function byType(checks: Record<string, Check>): Check {
  return (value, at, found) => {
    if (!isObject(value)) return fault(found, at, 'must be an object');
    if (value.type === undefined) return fault(found, at, 'missing required field: type');
    const check = Object.hasOwn(checks, String(value.type)) ? checks[String(value.type)] : undefined;
    if (check) check(value, at, found);
    else fault(found, `${at}/type`, `unsupported type: ${String(value.type)}`);
  };
}

/** Any value. */
export const anything: Check = () => undefined;
