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

const source = new URL('../systems/', import.meta.url).pathname;
const repositoryOf: Readonly<Record<string, SampleName>> = { sac: 'trade-agent', agentrader: 'agentrader' };

/** Writes the product's own system files to `dir` with the lab's hosts filled in; everything else stays as a user reads it. */
export function writeSystems(dir: string, systems: readonly string[], overlay: Overlay): void {
  mkdirSync(join(dir, 'announcements'), { recursive: true });
  cpSync(join(source, 'announcements'), join(dir, 'announcements'), { recursive: true });
  for (const name of readdirSync(join(dir, 'announcements')))
    edit(join(source, 'announcements', name), join(dir, 'announcements', name), (rules) => hurry(rules, overlay));
  for (const name of systems) edit(join(source, `${name}.yaml`), join(dir, `${name}.yaml`), (file) => fillIn(file, name, overlay));
}

function edit(from: string, to: string, change: (document: Document) => void): void {
  const document = parseDocument(readFileSync(from, 'utf8'));
  change(document);
  writeFileSync(to, document.toString({ lineWidth: 0 }));
}

function fillIn(file: Document, name: string, overlay: Overlay): void {
  const sample = repositoryOf[name];
  if (!sample) throw new Error(`the lab has no sample repository for ${name}`);
  file.set('repository', overlay.repositories[sample]);
  const roles = file.get('roles');
  if (!isMap(roles)) throw new Error(`${name}.yaml has no roles`);
  for (const { key } of roles.items) {
    const hosts = file.getIn(['roles', String(key), 'hosts'], true);
    if (!isSeq(hosts)) continue;
    const names = hosts.items.map((item) => String(item).replace(/^.*@/, ''));
    file.setIn(['roles', String(key), 'hosts'], file.createNode(names.map((host) => overlay.hosts.find((one) => one.name === host) ?? host)));
  }
  shortenWatches(file, overlay.watchFor);
}

function shortenWatches(file: Document, watchFor: string): void {
  const phases = file.get('runbook');
  for (const [p] of isSeq(phases) ? phases.items.entries() : []) {
    const steps = file.getIn(['runbook', p, 'steps']);
    for (const [s] of isSeq(steps) ? steps.items.entries() : []) {
      if (file.hasIn(['runbook', p, 'steps', s, 'watch', 'for'])) file.setIn(['runbook', p, 'steps', s, 'watch', 'for'], watchFor);
    }
  }
}

/** Hours become seconds, so that a person at the page sees the schedule at work. */
function hurry(rules: Document, { progressEvery }: Overlay): void {
  const list = rules.contents;
  for (const [i] of isSeq(list) ? list.items.entries() : []) if (rules.hasIn([i, 'every'])) rules.setIn([i, 'every'], progressEvery);
}
