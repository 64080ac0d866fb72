import { z } from 'zod';

/** A kind's params where one value says it all: `git.restore: code` is `{ group: code }`. */
export function orShort<K extends string, V extends z.ZodType<unknown, unknown>, O extends z.ZodType>(field: K, value: V, full: O) {
  return z.union([value.transform((given) => ({ [field]: given }) as { [P in K]: z.output<V> }), full]);
}

/** A systemd unit: letters, digits and `: _ . @ \ -`, never an option or a pattern, so that it fits sudo rules as it is. */
export const unitName = z.string().regex(/^[A-Za-z0-9_@][A-Za-z0-9:_.@\\-]*$/, 'a systemd unit is named like sac-agent-service');

/** A compose service: letters, digits, `_ . -`. */
export const serviceName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'a compose service is named like agentrader');

/** A container, as docker takes names. */
export const containerName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,60}$/, 'a container is named like agentrader_emergency');

/** An address that the host itself can read. */
export const webAddress = z.string().regex(/^https?:\/\/\S+$/, 'a web address starts with http:// or https:// and has no spaces');

/** One line of text. */
export const line = z.string().regex(/^[^\0\r\n]+$/, 'must be one line, not empty');
