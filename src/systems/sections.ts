import { z } from 'zod';
import { duration } from '../domain/duration.ts';
import { absolutePath, host, innerPath, line, secretName, someone, versionText, word } from './fields.ts';

export const release = z.strictObject({
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
  keep: z.number().int().min(1).max(100).default(5).describe('How many past releases are kept on each host'),
  dependencies: z.array(innerPath).default([]).describe('Files that name dependencies; a change of them between two releases is said'),
});

const compose = z.strictObject({
  file: innerPath.describe('The compose file, inside the role’s directory'),
  service: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'a name of a compose service')
    .describe('The service that is the system'),
  env_file: innerPath.optional().describe('The env file that the containers are given'),
  env_example: innerPath.optional().describe('The release’s example of it: names that the env file lacks are a problem'),
});

export const role = z.strictObject({
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
  remind: duration.prefault('2m').describe('When those who have not answered are reminded'),
  escalate: z
    .strictObject({
      after: duration.prefault('5m').describe('When the next one is called, and an override is offered'),
      to: z.string().optional().describe('Who is called then, and may approve from then on too; nobody when absent'),
    })
    .prefault({})
    .describe('What happens when nobody answers'),
});

export const policy = z.strictObject({
  request: z.string().optional().describe('Who may ask: members of this channel or group; the system’s channel when absent'),
  approve: approve.describe('Who approves'),
  override: z
    .string()
    .optional()
    .describe('Who may start it alone when nobody answered in time, with a reason and a review afterwards; nobody when absent'),
  skip: z.string().optional().describe('Who may skip a step that did not end well, with a reason; nobody when absent'),
  stop: z.string().optional().describe('Who may stop it once it runs; those who approve, and the requester, when absent'),
  put_back: z.string().optional().describe('Who may ask to put back what it changed; those of `request` when absent'),
  unlock: z.string().optional().describe('Who may take away the lock of a rollback that nobody works on; those who approve when absent'),
});

export const question = z.strictObject({
  name: word.describe('Name of the field'),
  choices: z.array(line).min(1).optional().describe('What can be chosen; free text when absent'),
  default: line.describe('What stands when nobody answers'),
});

export const fileGroup = z.strictObject({
  dir: z
    .union([innerPath, absolutePath])
    .describe('Directory, inside the role’s directory and the repository alike; an absolute one is only for `remove`, `gone` and `backups.record`'),
  names: z.array(innerPath).min(1).describe('The files; `*` and `?` are patterns, and a name that ends in `/` is a whole directory'),
  ignore: z.array(line).default([]).describe('Names that running the system makes and that are no part of a release'),
});

export const backups = z.strictObject({
  dir: innerPath.describe('Where backups lie, inside the role’s directory: `<dir>/<release>/<manifest>`'),
  manifest: innerPath.default('MANIFEST.sha256').describe('Checksums as `sha256sum` writes them'),
  stale_after: duration.prefault('24h').describe('From this age on a backup is warned of'),
  record: z.array(word).default([]).describe('File groups that are copied there when a release is recorded'),
});

export const github = z.strictObject({
  repository: z
    .string()
    .regex(/^[A-Za-z0-9._-]+\/[A-Za-z0-9._-]+$/, 'owner/name')
    .describe('`owner/name` on GitHub, for pipelines'),
  token: secretName.describe('Environment variable that holds the token'),
});

export const resource = z.strictObject({
  name: line.describe('What they are called: Development team'),
  who: someone.describe('`@user`, `@group`, `#channel` or a name from `people`'),
  count: z.number().int().min(1).default(1).describe('How many of them a rollback needs; fewer is a warning'),
});

export const drill = z.strictObject({
  every: duration.optional().describe('How often it is rehearsed; by command only when absent'),
  to: versionText.optional().describe('The release to go back to; the second newest tag when absent'),
  run: line.optional().describe('The owner’s own flow script: a command that each host runs first, in the role’s directory'),
});

/** Work owed afterwards: its name, or its name and by when. */
export const afterWork = z.union([
  line,
  z
    .record(line, duration)
    .refine((work) => Object.keys(work).length === 1, 'one piece of work and its time: { review: 3d }')
    .describe('With its time: `{ review: 3d }`'),
]);
