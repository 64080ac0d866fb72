import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Document, isMap, isSeq, parseDocument } from 'yaml';
import type { LabHostAddress } from './hosts/hosts.ts';
import type { Repositories, SampleName } from './samples/repositories.ts';

/** What of a user's system file is the lab's own: where things are, and times short enough to watch. */
export interface Overlay {
  readonly hosts: readonly LabHostAddress[];
  readonly repositories: Repositories;
  /** How long a `watch` step watches: `5s`. */
  readonly watchFor: string;
  /** How often stakeholders hear of progress: `20s`. */
  readonly progressEvery: string;
}

/** What a lab's system is made from. */
interface Origin {
  /** The product's file, without `.yaml`. */
  readonly file: string;
  readonly sample: SampleName;
  /** A second copy for rehearsals: on no production, with leave to be drilled. */
  readonly isDrill?: boolean;
}

const source = new URL('../systems/', import.meta.url).pathname;
const origins: Readonly<Record<string, Origin>> = {
  sac: { file: 'sac', sample: 'trade-agent' },
  agentrader: { file: 'agentrader', sample: 'agentrader' },
  'agentrader-drill': { file: 'agentrader', sample: 'agentrader', isDrill: true },
};

/** Writes the product's own system files to `dir` with the lab's hosts filled in; everything else stays as a user reads it. */
export function writeSystems(dir: string, systems: readonly string[], overlay: Overlay): void {
  mkdirSync(join(dir, 'announcements'), { recursive: true });
  cpSync(join(source, 'announcements'), join(dir, 'announcements'), { recursive: true });
  for (const name of readdirSync(join(dir, 'announcements')))
    edit(join(source, 'announcements', name), join(dir, 'announcements', name), (rules) => hurry(rules, overlay));
  for (const name of systems) {
    const origin = origins[name];
    if (!origin) throw new Error(`the lab has no sample repository for ${name}`);
    edit(join(source, `${origin.file}.yaml`), join(dir, `${name}.yaml`), (file) => fillIn(file, name, origin, overlay));
  }
}

function edit(from: string, to: string, change: (document: Document) => void): void {
  const document = parseDocument(readFileSync(from, 'utf8'));
  change(document);
  writeFileSync(to, document.toString({ lineWidth: 0 }));
}

function fillIn(file: Document, name: string, origin: Origin, overlay: Overlay): void {
  file.set('repository', overlay.repositories[origin.sample]);
  for (const role of keysAt(file, ['roles'])) {
    const hosts = file.getIn(['roles', role, 'hosts'], true);
    if (!isSeq(hosts)) continue;
    const names = hosts.items.map((item) => String(item).replace(/^.*@/, ''));
    file.setIn(['roles', role, 'hosts'], file.createNode(names.map((host) => overlay.hosts.find((one) => one.name === host) ?? host)));
  }
  for (const book of [[], ...keysAt(file, ['variants']).map((variant) => ['variants', variant])]) shortenWatches(file, book, overlay.watchFor);
  if (origin.isDrill) forDrills(file, name);
}

function keysAt(file: Document, path: readonly string[]): string[] {
  const map = file.getIn(path);
  return isMap(map) ? map.items.map(({ key }) => String(key)) : [];
}

function shortenWatches(file: Document, book: readonly string[], watchFor: string): void {
  const phases = file.getIn([...book, 'runbook']);
  for (const [p] of isSeq(phases) ? phases.items.entries() : []) {
    const steps = file.getIn([...book, 'runbook', p, 'steps']);
    for (const [s] of isSeq(steps) ? steps.items.entries() : []) {
      const path = [...book, 'runbook', p, 'steps', s, 'watch', 'for'];
      if (file.hasIn(path)) file.setIn(path, watchFor);
    }
  }
}

function forDrills(file: Document, name: string): void {
  file.set('system', name);
  file.set('title', `${String(file.get('title'))} (rehearsal)`);
  for (const role of keysAt(file, ['roles'])) file.setIn(['roles', role, 'production'], false);
  file.set('drill', file.createNode({ to: 'v0.1.0' }));
}

/** Hours become seconds, so that a person at the page sees the schedule at work. */
function hurry(rules: Document, { progressEvery }: Overlay): void {
  const list = rules.contents;
  for (const [i] of isSeq(list) ? list.items.entries() : []) if (rules.hasIn([i, 'every'])) rules.setIn([i, 'every'], progressEvery);
}
