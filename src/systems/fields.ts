import { z } from 'zod';
import type { HostAddress } from '../domain/host.ts';
import { fieldsOf } from './values.ts';

const hostName = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;
const userName = /^[a-z_][a-z0-9_.-]{0,31}$/;
const hostText = /^([^@\s]+)@([^@:\s]+)(?::(\d{1,5}))?$/;
const hostAdvice = 'a host is user@name, user@name:port, or { name, address, port, user } or { host: user@name, key, jump }';

const port = z.number().int().min(1).max(65_535);
const hostLine = z.string().refine(isHostText, hostAdvice);
const fingerprint = z.string().regex(/^SHA256:[A-Za-z0-9+/]{43}=?$/, 'a fingerprint as ssh-keygen -l prints it: SHA256:…');

/** One machine in fields; {@link oneName} says what of them must be there. */
const machine = {
  host: hostLine.optional().describe('`user@name` or `user@name:port`; or name, port and user in fields'),
  name: z.string().regex(hostName, 'letters, digits, dots and dashes').optional().describe('What people call it: `prod-1`'),
  address: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.:_-]*$/, 'a DNS name or an IP address')
    .optional()
    .describe('DNS name or IP address; the name when absent'),
  port: port.optional().describe('Port of sshd; 22 when absent'),
  user: z.string().regex(userName, 'a login name').optional().describe('Who logs in; an ordinary user'),
  key: z
    .union([fingerprint, z.array(fingerprint).min(1)])
    .optional()
    .describe('`SHA256:…` of its host key, or a list of them; what known_hosts says when absent'),
};
type Machine = z.output<z.ZodObject<typeof machine>>;

const oneName = (spec: Machine): boolean =>
  spec.host === undefined
    ? spec.name !== undefined && spec.user !== undefined
    : spec.name === undefined && spec.port === undefined && spec.user === undefined;

const jump = z
  .union([hostLine, z.strictObject(machine).refine(oneName, hostAdvice)])
  .transform(placeOf)
  .describe('The host over which it is reached: written as a host, without a jump of its own; its key is verified too');

/** `deploy@prod-1`, `deploy@prod-1:2222` or the same in fields, with pinned keys and a jump host, read as a HostAddress. */
export const host = z
  .union([hostLine, z.strictObject({ ...machine, jump: jump.optional() }).refine(oneName, hostAdvice)])
  .transform((spec): HostAddress => {
    if (typeof spec === 'string' || spec.jump === undefined) return placeOf(spec);
    return { ...placeOf(spec), jump: spec.jump };
  })
  .describe('`user@name`, `user@name:port`, or fields');

function placeOf(spec: string | Machine): HostAddress {
  const { host: text, address, key, ...rest } = typeof spec === 'string' ? { host: spec } : (spec as Machine);
  const { name, port: number, user } = text === undefined ? { name: rest.name ?? '', port: rest.port ?? 22, user: rest.user ?? '' } : splitHost(text);
  // What is approved does not depend on the order of lists, nor on the padding of digests.
  const keys = key === undefined ? [] : [...new Set([key].flat().map((one) => one.replace(/=$/, '')))].sort();
  return { name, address: address ?? name, port: number, user, ...(keys.length > 0 && { keys }) };
}

/** The name of a host as it is written, right or wrong; undefined where it has none. */
export function hostNameIn(spec: unknown): string | undefined {
  if (typeof spec === 'string') return spec.split(/[@:]/)[1] ?? spec;
  const { host: text, name } = fieldsOf(spec);
  if (typeof text === 'string') return text.split(/[@:]/)[1] ?? text;
  return typeof name === 'string' ? name : undefined;
}

function isHostText(text: string): boolean {
  const { name, port: number, user } = splitHost(text);
  return hostName.test(name) && userName.test(user) && port.safeParse(number).success;
}

function splitHost(text: string): { name: string; port: number; user: string } {
  const [, user = '', name = '', number = '22'] = hostText.exec(text) ?? [];
  return { name, port: Number(number), user };
}

/** A name that becomes part of ids, Redis keys and commands: lower-case letters, digits and dashes. */
export const plainName = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'a name is lower-case letters, digits and dashes, at most 31');

/** A name of a role, file group or alias. */
export const word = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,40}$/, 'a name is letters, digits, dashes and underscores');

/** Text for people: one line. */
export const line = z.string().regex(/^\S(.*\S)?$/, 'one line of text, not empty');

/** `#channel` of the workspace. */
export const channel = z.string().regex(/^#[\p{Ll}\p{N}_-]{1,80}$/u, 'a channel is # and its name: "#inc-trading"');

/** `@user`, `@group` or `#channel` of the workspace. */
export const person = z.string().regex(/^[@#][\p{L}\p{N}._-]{1,80}$/u, 'people are "@user", "@group" or "#channel"');

/** A person as above, or a name from `people`. */
export const someone = z
  .string()
  .regex(/^([@#][\p{L}\p{N}._-]{1,80}|[A-Za-z][A-Za-z0-9_-]{0,40})$/u, 'people are "@user", "@group" or "#channel", or a name from people');

/** An absolute path on a host. No blanks and nothing a shell reads, because it may be filled into commands. */
export const absolutePath = z.string().regex(/^\/[A-Za-z0-9._@+/-]*$/, 'an absolute path of letters, digits and . _ @ + - /');

/** A path below another directory; it cannot leave it. */
export const innerPath = z
  .string()
  .regex(/^(?!\/|-)(?!.*(^|\/)\.\.(\/|$))[^\p{C}]+$/u, 'a path inside the directory: no / or - at the beginning, no ..')
  .describe('Path inside the directory');

/** A version as somebody would ask for it: a tag, or a commit in hexadecimal digits. */
export const versionText = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+/-]{0,99}$/, 'a tag or a commit: v0.1.0');

/** The name of an environment variable of the bot; never its value. */
export const secretName = z.string().regex(/^[A-Z][A-Z0-9_]{0,80}$/, 'the name of an environment variable in capitals: GITHUB_TOKEN');
