import { type ZodType, z } from 'zod';
import { duration } from '../domain/duration.ts';
import { absolutePath, channel, host, innerPath, line, person, plainName, secretName, word } from './fields.ts';

const release = z.strictObject({
  tags: z
    .string()
    .regex(/^[A-Za-z0-9._+/*?-]+$/, 'a pattern of tags: v*')
    .default('v*')
    .describe('Which tags are releases; `*` is any text'),
  commits: z.number().int().min(0).max(100).default(10).describe('How many recent commits are listed'),
  package: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a name of a Python package')
    .optional()
    .describe('The Python package a release becomes'),
  image: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._/:-]*$/, 'a name of an image, without tag')
    .optional()
    .describe('The image a release becomes, without tag'),
});

const compose = z.strictObject({
  file: innerPath.describe('The compose file, inside the role’s directory'),
  service: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a name of a compose service')
    .describe('The service that is the system'),
});

const role = z.strictObject({
  hosts: z.array(host).min(1, 'at least one host').describe('The machines, reached over SSH'),
  dir: absolutePath.describe('Directory on the host in which commands run'),
  python: z
    .string()
    .regex(/^[A-Za-z0-9._/][A-Za-z0-9._/+-]*$/, 'a path or name of an interpreter: .venv/bin/python')
    .optional()
    .describe('Interpreter: absolute, or inside `dir` when it has a slash, or a name on the PATH'),
  compose: compose.optional().describe('Docker Compose on these hosts'),
  serial: z.number().int().min(1).optional().describe('How many hosts are changed at once; all when absent'),
  production: z.boolean().default(false).describe('Whether people feel it when these hosts stand still'),
});

const approve = z.strictObject({
  by: z.string().describe('Who may approve: a name from `people`, `@user`, `@group` or `#channel`'),
  count: z.number().int().min(1).max(10).default(1).describe('How many different people'),
  requester: z.boolean().default(false).describe('Whether the requester may approve too'),
  stands: duration.prefault('30m').describe('How long a request, and then its approval, stands'),
});

const policy = z.strictObject({
  request: z.string().optional().describe('Who may ask: members of this channel or group; the system’s channel when absent'),
  approve: approve.describe('Who approves'),
});

const question = z.strictObject({
  name: word.describe('Name of the field'),
  choices: z.array(line).min(1).optional().describe('What can be chosen; free text when absent'),
  default: line.describe('What stands when nobody answers'),
});

const fileGroup = z.strictObject({
  dir: innerPath.describe('Directory, inside the role’s directory and the repository alike'),
  names: z.array(innerPath).min(1).describe('The files'),
  ignore: z.array(line).default([]).describe('Names that running the system makes and that are no part of a release'),
});

const backups = z.strictObject({
  dir: innerPath.describe('Where backups lie, inside the role’s directory: `<dir>/<release>/<manifest>`'),
  manifest: innerPath.default('MANIFEST.sha256').describe('Checksums as `sha256sum` writes them'),
  stale_after: duration.prefault('24h').describe('From this age on a backup is warned of'),
});

const github = z.strictObject({
  repository: z
    .string()
    .regex(/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/, 'owner/name')
    .describe('`owner/name` on GitHub, for pipelines'),
  token: secretName.describe('Environment variable that holds the token'),
});

const repository = z.string().regex(/^(?!-)(?!ext::)[^\s\p{C}]+$/u, 'a URL or path that git takes');

/** The fields of every step beside the one that is its kind. */
export const stepFields = {
  id: z
    .union([z.string(), z.number()])
    .transform(String)
    .refine((id) => /^[A-Za-z0-9][A-Za-z0-9.-]{0,19}$/.test(id), 'an id is digits, letters, dots and dashes, at most 20: 11.2')
    .describe('The document’s own number'),
  name: line.describe('What people call the step'),
  on: word.optional().describe('The role it runs on; the phase’s when absent'),
  timeout: duration.optional().describe('After this time it is stopped and has failed'),
  verify: line.optional().describe('A command in the role’s directory that must succeed afterwards'),
};

const phase = (step: ZodType) =>
  z.strictObject({
    phase: line.describe('Name of the phase'),
    estimate: duration.describe('How long it takes, as the document says'),
    on: word.optional().describe('The role its steps run on'),
    tests_from: z.literal('target').optional().describe('`target`: commands run in the tree of the release that goes in'),
    steps: z.array(step).min(1).describe('In this order'),
  });

/** The whole system file; `step` and `proofItem` are the schemas of those, which depend on the kinds there are. */
export const systemSchema = (step: ZodType, proofItem: ZodType) =>
  z.strictObject({
    system: plainName.describe('The name people type: `/rollback NAME v0.1.0`'),
    title: line.describe('The name people read'),
    channel: channel.describe('The incident channel'),
    repository: repository.describe('Any URL or path that git takes, a clone on a host included'),
    release: release.prefault({}).describe('What a release is'),
    roles: z.record(word, role).describe('Hosts that are treated alike, by name'),
    people: z.record(word, person).default({}).describe('Names for people, used below'),
    policy: policy.describe('Who may do what'),
    affected: duration.optional().describe('How long production is without during a rollback, until that is known better'),
    ask: z.array(question).default([]).describe('What no machine can know, asked on the request'),
    files: z.record(word, fileGroup).default({}).describe('Files named once, used by restore and proof'),
    backups: backups.optional().describe('Backups on the hosts'),
    github: github.optional().describe('GitHub, for pipelines'),
    runbook: z.array(phase(step)).min(1).describe('The phases, in order'),
    proof: z.record(word, z.array(proofItem).min(1)).describe('By role: what proves that a host runs the release'),
    announcements: innerPath.optional().describe('File with the audiences, beside this one'),
    afterwards: z.array(line).default([]).describe('What is to be done after the rollback'),
  });

const announcement = z.strictObject({
  audience: line.describe('Who they are'),
  to: person.describe('`#channel` or `@user`'),
  template: z.enum(['initial', 'progress', 'completion']).describe('Which message'),
  within: duration.optional().describe('At the latest so long after the start (for completion: after the end)'),
  every: duration.optional().describe('Again and again while it runs'),
  affected_over: duration.optional().describe('When production was without for longer'),
});

/** The file of announcements: a list of who is owed what. */
export const announcementsSchema = z.array(announcement);

/** A system file that fits, but for steps and proof, which are read by their kinds. */
export type SystemFile = z.output<ReturnType<typeof systemSchema>>;
export type AnnouncementLine = z.output<typeof announcement>;
