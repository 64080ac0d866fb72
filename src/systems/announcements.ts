import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readYaml } from './document.ts';
import { readBy } from './issues.ts';
import { alias } from './names.ts';
import type { FileProblem, Mistake } from './problem.ts';
import { type AnnouncementLine, announcementsSchema } from './schema.ts';
import { fieldsOf, listOf } from './values.ts';

/** A file of announcements that was read. `mistakes` belong to the system file that names it. */
export interface AnnouncementsRead {
  readonly lines: readonly AnnouncementLine[];
  readonly text: string;
  readonly problems: readonly FileProblem[];
  readonly mistakes: readonly Mistake[];
}

/** Reads the announcements that a system file, whose value is given, names beside itself. Never rejects: what is wrong is in the result. */
export async function readAnnouncements(systemFile: string, system: unknown): Promise<AnnouncementsRead> {
  const none = { lines: [], text: '', problems: [], mistakes: [] };
  const name = fieldsOf(system).announcements;
  if (typeof name !== 'string') return none;
  const path = join(dirname(systemFile), name);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) {
    return {
      ...none,
      mistakes: [
        { path: ['announcements'], message: `There is no file ${path}`, advice: 'Write it, or correct the name; it is relative to this file' },
      ],
    };
  }
  const yaml = readYaml(path, text);
  if (yaml.broken) return { ...none, text, problems: yaml.problems };
  const { data, mistakes } = readBy(announcementsSchema, yaml.value);
  const times = listOf(yaml.value).flatMap((line, i) => oneTime(line, i));
  const people = listOf(yaml.value).flatMap((line, i) => alias(fieldsOf(line).to, system, [i, 'to']));
  return {
    lines: data ?? [],
    text,
    mistakes: [],
    problems: [...yaml.problems, ...[...mistakes, ...times, ...people].map((one) => yaml.locate(one))],
  };
}

const whens = ['within', 'every', 'affected_over'];

function oneTime(line: unknown, index: number): Mistake[] {
  const there = whens.filter((key) => key in fieldsOf(line));
  if (there.length === 1) return [];
  const message = there.length === 0 ? 'It is not said when this is owed' : `This is owed ${there.join(' and ')}`;
  return [{ path: [index], message, advice: `Give one of ${whens.join(', ')}` }];
}
