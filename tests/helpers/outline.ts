import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { duration } from '../../src/domain/duration.ts';
import { BOT, type Outline, type OutlineHost, type OutlinePhase, type OutlineStep, type Stage } from '../../src/domain/plan.ts';
import type { AfterWork, AnnouncementRule } from '../../src/domain/system.ts';

interface YamlStep extends Record<string, unknown> {
  readonly id: string | number;
  readonly name: string;
  readonly on?: string;
  readonly cannot_undo?: string;
}

interface YamlSystem {
  readonly system: string;
  readonly title: string;
  readonly channel: string;
  readonly roles: Readonly<Record<string, { hosts: string[]; serial?: number; production?: boolean }>>;
  readonly people: Readonly<Record<string, string>>;
  readonly affected: string;
  readonly cannot_undo?: readonly string[];
  readonly runbook: readonly { phase: string; estimate: string; on?: string; steps: readonly YamlStep[] }[];
  readonly announcements: string;
  readonly afterwards: readonly (string | Readonly<Record<string, string>>)[];
}

interface YamlRule {
  readonly audience: string;
  readonly to: string;
  readonly template: 'initial' | 'progress' | 'completion';
  readonly within?: string;
  readonly every?: string;
  readonly affected_over?: string;
}

const read = <T>(path: string): T => parse(readFileSync(new URL(`../../systems/${path}`, import.meta.url), 'utf8')) as T;

const known = new Map<string, Outline>();

/** The outline of a rollback of one of the two systems from v0.2.0 to v0.1.0, made from its own YAML without its hosts being read. */
export function outlineOf(name: string): Outline {
  const outline = known.get(name) ?? readOutline(name);
  known.set(name, outline);
  return outline;
}

function readOutline(name: string): Outline {
  const system = read<YamlSystem>(`${name}.yaml`);
  const hosts = hostsOf(system);
  const phases = system.runbook.map((phase) => phaseOf(system, phase));
  return {
    system: system.system,
    title: system.title,
    variant: 'normal',
    from: { version: 'v0.2.0', tag: 'v0.2.0', commit: 'b'.repeat(40), date: '2026-11-18T09:00:00Z', subject: 'Entropy tuning' },
    target: {
      version: 'v0.1.0',
      tag: 'v0.1.0',
      commit: 'a'.repeat(40),
      date: '2026-11-03T09:00:00Z',
      subject: 'First release',
      packageVersion: '0.1.0',
    },
    commits: subjects.map((subject, i) => ({
      commit: `${i + 1}`.repeat(40),
      author: 'Ada Okafor',
      date: '2026-11-1'.concat(`${i}T10:00:00Z`),
      subject,
    })),
    hosts,
    phases,
    stages: phases.flatMap((phase, i) => stagesOf(system, phase, i)),
    policy: { by: system.people.approvers ?? '@leads', count: 1, requester: false, standsMs: 1_800_000 },
    announcements: read<YamlRule[]>(system.announcements).map(ruleOf),
    affected: { ms: duration.parse(system.affected), measured: 0 },
    cannotUndo: system.cannot_undo ?? [],
    warnings: [],
    afterwards: system.afterwards.map(afterWork),
    lastProvenAt: Date.UTC(2026, 10, 3, 12, 0),
    runbook: 'r'.repeat(64),
    records: true,
  };
}

function afterWork(written: YamlSystem['afterwards'][number]): AfterWork {
  if (typeof written === 'string') return { what: written };
  const [what = '', within = '0s'] = Object.entries(written)[0] ?? [];
  return { what, withinMs: duration.parse(within) };
}

const subjects = [
  'Tune the entropy target',
  'Cache features',
  'Add a reward term',
  'Read limits from the file',
  'Rename a metric',
  'Raise the batch size',
  'Release v0.2.0',
];

function hostsOf({ roles }: YamlSystem): OutlineHost[] {
  return Object.entries(roles).flatMap(([role, { hosts, production = false }]) =>
    hosts.map((host) => ({ name: nameOf(host), role, production, before: production ? 'v0.2.0, health failing' : 'v0.2.0' })),
  );
}

const nameOf = (host: string): string => host.replace(/^.*@/, '');
const hostNames = ({ roles }: YamlSystem, role: string): string[] => (roles[role]?.hosts ?? []).map(nameOf);

function phaseOf(system: YamlSystem, { phase, estimate, on, steps }: YamlSystem['runbook'][number]): OutlinePhase {
  return { name: phase, estimateMs: duration.parse(estimate), steps: steps.map((step) => stepOf(system, step, on)) };
}

const common = ['id', 'name', 'on', 'timeout', 'verify', 'cannot_undo'];
const looking = ['check', 'collect', 'measure', 'watch', 'run', 'git.fetch', 'compose.build', 'log', 'announce', 'sign'];
const types: Readonly<Record<string, OutlineStep['type']>> = { announce: 'announce', sign: 'sign', 'pipeline.run': 'pipeline' };
const serving: Readonly<Record<string, 'stopped' | 'running'>> = {
  'systemd.stop': 'stopped',
  'systemd.start': 'running',
  'compose.down': 'stopped',
  'compose.up': 'running',
};

function stepOf(system: YamlSystem, step: YamlStep, on: string | undefined): OutlineStep {
  const kind = Object.keys(step).find((key) => !common.includes(key)) ?? '';
  const type = types[kind] ?? 'shell';
  const changes = serving[kind];
  return {
    id: String(step.id),
    name: step.name,
    kind,
    type,
    hosts: hostsOfStep(system, kind, step.on ?? on),
    ...(changes && { serving: changes }),
    ...(step.cannot_undo !== undefined && { cannotUndo: step.cannot_undo }),
    ...(!looking.includes(kind) && { undoable: true }),
    ...(kind === 'announce' && { template: step[kind] as 'initial' }),
    ...(kind === 'sign' && { sign: signOf(system, step[kind] as { by: string; shown: string[] }) }),
  };
}

const signOf = ({ people }: YamlSystem, { by, shown }: { by: string; shown: string[] }) => ({ by: people[by] ?? by, shown });

function hostsOfStep(system: YamlSystem, kind: string, on: string | undefined): string[] {
  if (kind === 'announce' || kind === 'sign') return [BOT];
  return on === undefined ? Object.keys(system.roles).flatMap((role) => hostNames(system, role)) : hostNames(system, on);
}

/** Steps one after another on the same hosts are one stage; a role with `serial` gives a stage for so many of its hosts at a time. */
function stagesOf(system: YamlSystem, phase: OutlinePhase, index: number): Stage[] {
  const groups: { hosts: readonly string[]; steps: string[] }[] = [];
  for (const { id, hosts } of phase.steps) {
    const last = groups.at(-1);
    if (last && last.hosts.join() === hosts.join()) last.steps.push(id);
    else groups.push({ hosts, steps: [id] });
  }
  return groups.flatMap(({ hosts, steps }) => batches(system, hosts).map((batch) => ({ phase: index, hosts: batch, steps })));
}

function batches({ roles }: YamlSystem, hosts: readonly string[]): (readonly string[])[] {
  const serial = Object.values(roles).find((role) => role.hosts.map(nameOf).join() === hosts.join())?.serial ?? hosts.length;
  return Array.from({ length: Math.ceil(hosts.length / serial) }, (_, i) => hosts.slice(i * serial, (i + 1) * serial));
}

function ruleOf({ audience, to, template, within, every, affected_over: over }: YamlRule): AnnouncementRule {
  if (every !== undefined) return { audience, to, template, when: { everyMs: duration.parse(every) } };
  if (over !== undefined) return { audience, to, template, when: { affectedOverMs: duration.parse(over) } };
  return { audience, to, template, when: { withinMs: duration.parse(within?.replace(/^0m$/, '0s') ?? '0s') } };
}
