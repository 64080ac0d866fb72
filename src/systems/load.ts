import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { System } from '../domain/system.ts';
import { readAnnouncements } from './announcements.ts';
import { buildSystem } from './build.ts';
import { crossChecks } from './checks.ts';
import { readYaml, type YamlFile } from './document.ts';
import { readBy } from './issues.ts';
import type { Kinds } from './kinds.ts';
import type { FileProblem } from './problem.ts';
import { readByKinds } from './read.ts';
import { plainSystem } from './schema.ts';
import { fieldsOf } from './values.ts';

/** All systems without mistakes, by name, and all mistakes of all files. */
export interface Loaded {
  readonly systems: Readonly<Record<string, System>>;
  readonly problems: readonly FileProblem[];
}

interface FileRead {
  readonly yaml: YamlFile;
  readonly system?: System;
  readonly problems: readonly FileProblem[];
}

/**
 * Reads every *.yaml and *.yml directly in `dir`. Never rejects over what is in it: each mistake is a FileProblem, and a file with
 * any is no system.
 */
export async function loadSystems(dir: string, kinds: Kinds): Promise<Loaded> {
  const names = await readdir(dir).catch((error: NodeJS.ErrnoException) => error);
  if (names instanceof Error) return { systems: {}, problems: [nowhere(dir, `This directory cannot be read (${names.code})`)] };
  const files = names.filter((name) => /\.ya?ml$/i.test(name)).sort();
  if (files.length === 0) return { systems: {}, problems: [nowhere(dir, 'There is no system file (*.yaml) here')] };
  const reads = await Promise.all(files.map((name) => readSystem(join(dir, name), kinds)));
  const repeated = repeatedNames(reads);
  const systems = Object.fromEntries(reads.flatMap(({ system }) => (system ? [[system.name, system]] : [])).reverse());
  return { systems, problems: inOrder([...reads.flatMap(({ problems }) => problems), ...repeated]) };
}

const nowhere = (file: string, message: string): FileProblem => ({
  file,
  line: 1,
  column: 1,
  message,
  advice: 'Set SYSTEMS_DIR to the directory with the system files',
});

async function readSystem(path: string, kinds: Kinds): Promise<FileRead> {
  const yaml = readYaml(path, await readFile(path, 'utf8'));
  if (yaml.broken) return { yaml, problems: yaml.problems };
  const file = readBy(plainSystem, yaml.value);
  const books = readByKinds(yaml.value, kinds);
  const audiences = await readAnnouncements(path, yaml.value);
  const mistakes = [...file.mistakes, ...books.mistakes, ...audiences.mistakes, ...crossChecks(yaml.value, kinds)];
  const problems = [...yaml.problems, ...mistakes.map((mistake) => yaml.locate(mistake)), ...audiences.problems];
  if (problems.length > 0 || file.data === undefined) return { yaml, problems };
  const digest = createHash('sha256').update(`${yaml.text}\0${audiences.text}`).digest('hex');
  const parts = { file: file.data, books, announcements: audiences.lines, path, digest };
  return { yaml, problems, system: buildSystem(parts, kinds) };
}

/** The first file keeps the name; also when one of the two has other mistakes. */
function repeatedNames(reads: readonly FileRead[]): FileProblem[] {
  const seen = new Map<string, string>();
  return reads.flatMap(({ yaml }) => {
    const name = fieldsOf(yaml.value).system;
    if (typeof name !== 'string') return [];
    const first = seen.get(name);
    if (first === undefined) return seen.set(name, yaml.file) && [];
    return [yaml.locate({ path: ['system'], message: `${first} has a system ${name} too`, advice: 'Give one of them another name' })];
  });
}

function inOrder(problems: readonly FileProblem[]): FileProblem[] {
  const unique = new Map(problems.map((one) => [`${one.file}:${one.line}:${one.column}:${one.message}`, one]));
  return [...unique.values()].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column);
}
