import { type ZodType, z } from 'zod';
import { duration } from '../domain/duration.ts';
import { channel, innerPath, line, person, plainName, someone, word } from './fields.ts';
import { proof, runbook, scenario, variants } from './runbooks.ts';
import { afterWork, backups, drill, fileGroup, github, policy, question, release, resource, role } from './sections.ts';

const repository = z.string().regex(/^(?!-)(?!ext::)[^\s\p{C}]+$/u, 'a URL or path that git takes');

/** The schemas of what depends on the kinds there are. */
export interface KindSchemas {
  readonly step: ZodType;
  readonly proofItem: ZodType;
  readonly halt: ZodType;
}

/** The whole system file. */
export function systemSchema({ step, proofItem, halt }: KindSchemas) {
  return z.strictObject({
    system: plainName.describe('The name people type: `/rollback NAME v0.1.0`'),
    title: line.describe('The name people read'),
    channel: channel.describe('The incident channel'),
    repository: repository.describe('Any URL or path that git takes, a clone on a host included'),
    release: release.prefault({}).describe('What a release is'),
    roles: z.record(word, role).describe('Hosts that are treated alike, by name'),
    people: z.record(word, person).default({}).describe('Names for people, used below'),
    policy: policy.describe('Who may do what'),
    resources: z.array(resource).default([]).describe('Who a rollback needs'),
    affected: duration.optional().describe('How long production is without during a rollback, until that is known better'),
    halt: halt.optional().describe('The system’s own containment, usable before approval; a step’s kind, with its way back'),
    ask: z.array(question).default([]).describe('What no machine can know, asked on the request'),
    scenarios: z.record(line, scenario).default({}).describe('What the answers to the question `scenario` select'),
    files: z.record(word, fileGroup).default({}).describe('Files named once, used by restore, removal, backup and proof'),
    backups: backups.optional().describe('Backups on the hosts'),
    github: github.optional().describe('GitHub, for pipelines'),
    runbook: runbook(step).describe('The phases, in order'),
    variants: variants(runbook(step), proof(proofItem)).default({}).describe('Other runbooks, asked for by name: `/rollback sac remove`'),
    proof: proof(proofItem).describe('By role: what proves that a host runs the release'),
    cannot_undo: z.array(line).default([]).describe('What no undo brings back: trades made meanwhile'),
    drill: drill.optional().describe('Makes the system an environment for rehearsals'),
    announcements: innerPath.optional().describe('File with the audiences, beside this one'),
    afterwards: z.array(afterWork).default([]).describe('What is to be done after the rollback'),
  });
}

/** A file's fields, but for steps, proof and halt, which are read by their kinds. */
export const plainSystem = systemSchema({ step: z.unknown(), proofItem: z.unknown(), halt: z.unknown() });

const announcement = z.strictObject({
  audience: line.describe('Who they are'),
  to: someone.describe('`#channel`, `@user` or a name from the system’s `people`'),
  template: z.enum(['initial', 'progress', 'completion']).describe('Which message'),
  within: duration.optional().describe('At the latest so long after the start (for completion: after the end)'),
  every: duration.optional().describe('Again and again while it runs'),
  affected_over: duration.optional().describe('When production was without for longer'),
});

/** The file of announcements: a list of who is owed what. */
export const announcementsSchema = z.array(announcement);

/** A system file that fits, but for steps, proof and halt. */
export type SystemFile = z.output<typeof plainSystem>;
export type VariantLine = SystemFile['variants'][string];
export type PhaseLine = SystemFile['runbook'][number];
export type AnnouncementLine = z.output<typeof announcement>;
