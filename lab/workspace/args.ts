import type { Json } from './model.ts';
import { invalidArguments, SlackError } from './slackerror.ts';

/** The arguments of one call, as they came: strings from a form, values from JSON. */
export class Args {
  private readonly values: Json;

  constructor(values: Json) {
    this.values = values;
  }

  /** Whether it was given at all; an empty string counts as given. */
  has(name: string): boolean {
    return this.values[name] !== undefined && this.values[name] !== null;
  }

  /** A text argument, or undefined. Numbers are taken as Slack takes them. */
  text(name: string): string | undefined {
    const value = this.values[name];
    if (typeof value === 'string') return value;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
  }

  /** A text argument that must be there. @throws SlackError invalid_arguments */
  need(name: string): string {
    const value = this.text(name);
    if (value === undefined || value === '') throw invalidArguments([`missing required field: ${name}`]);
    return value;
  }

  /** A yes or no; absent is no. */
  flag(name: string): boolean {
    return ['true', '1'].includes(this.text(name) ?? '');
  }

  /** A number of things from 1 to `max`. @throws SlackError invalid_limit */
  limit(byDefault: number, max: number): number {
    const value = Number(this.text('limit') ?? byDefault);
    if (!Number.isInteger(value) || value < 0) throw new SlackError('invalid_limit');
    return Math.min(value || byDefault, max);
  }

  /** A JSON argument: parsed when it came as a string, undefined when absent or empty. @throws SlackError with `code` */
  json(name: string, code: string): unknown {
    const value = this.values[name];
    if (typeof value !== 'string') return value ?? undefined;
    if (value === '') return undefined;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      throw new SlackError(code);
    }
  }
}
