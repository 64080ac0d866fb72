import { z } from 'zod';

const hostName = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,62}[A-Za-z0-9])?$/;
const userName = /^[a-z_][a-z0-9_.-]{0,31}$/;
const hostText = /^([^@\s]+)@([^@:\s]+)(?::(\d{1,5}))?$/;
const hostAdvice = 'a host is user@name, user@name:port, or { name, address, port, user }';

const port = z.number().int().min(1).max(65_535);

const hostSpec = z.strictObject({
  name: z.string().regex(hostName, 'letters, digits, dots and dashes').describe('What people call it: `prod-1`'),
  address: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9.:_-]*$/, 'a DNS name or an IP address')
    .optional()
    .describe('DNS name or IP address; the name when absent'),
  port: port.default(22).describe('Port of sshd'),
  user: z.string().regex(userName, 'a login name').describe('Who logs in; an ordinary user'),
});

/** `deploy@prod-1`, `deploy@prod-1:2222` or the same in fields, read as a HostAddress. */
export const host = z
  .union([z.string().refine(isHostText, hostAdvice), hostSpec])
  .transform((spec) => {
    const { address, ...rest } = typeof spec === 'string' ? splitHost(spec) : spec;
    return { ...rest, address: address ?? rest.name };
  })
  .describe('`user@name`, `user@name:port`, or fields');

function isHostText(text: string): boolean {
  const { name, port: number, user } = splitHost(text);
  return hostName.test(name) && userName.test(user) && port.safeParse(number).success;
}

function splitHost(text: string): { name: string; address?: string | undefined; port: number; user: string } {
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
