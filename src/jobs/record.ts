import { HostError } from '../domain/host.ts';
import type { PlanHost } from '../domain/plan.ts';
import type { HostRecord } from '../domain/release.ts';
import type { State } from '../domain/state.ts';
import type { ShellWork } from '../domain/step.ts';
import { isRecordDue } from '../domain/work.ts';
import { recordBackup } from '../steps/backup-record.ts';
import { pinImages } from '../steps/image-pins.ts';
import { parseRecord, recordProbes } from '../steps/record.ts';
import type { Context } from './context.ts';
import { runEffect } from './effect.ts';
import { exactly } from './plan/releases.ts';
import { type Target, whereOf } from './plan/where.ts';

interface HostKept {
  readonly name: string;
  readonly record?: HostRecord;
  readonly lines: readonly string[];
}

/**
 * Reads what the release that was just proven is made of on each host, copies the files that backups record, and pins its images. What cannot be
 * kept is said and takes nothing from the proof.
 */
export async function recordRelease(context: Context, id: string, signal: AbortSignal): Promise<void> {
  const state = await context.log.sound(id); // what becomes last known good must have been proven by us
  if (!state?.outline || !isRecordDue(state)) return;
  const plan = await context.plans.load(id, state.digest ?? '');
  const target = await exactly(context, { rollback: id, system: plan.system }, context.mirror(plan.system), state.outline.target);
  const token = await context.log.newToken();
  const kept = await Promise.all(Object.values(plan.hosts).map((host) => recordHost(context, state, target, host, token, signal)));
  const hosts = Object.fromEntries(kept.flatMap(({ name, record }) => (record ? [[name, record]] : [])));
  await context.proven.keep(state.system, { release: target.release, at: state.endedAt ?? state.at, rollback: id, hosts });
  const lines = kept.flatMap(({ name, lines: said }) => said.map((line) => context.mask(`${name}: ${line}`)));
  await context.log.observe(id, token, [{ type: 'recorded', lines }]);
}

async function recordHost(context: Context, state: State, target: Target, planned: PlanHost, token: string, signal: AbortSignal): Promise<HostKept> {
  const { name } = planned.address;
  const role = target.system.roles[planned.role];
  if (!role) return { name, lines: [] };
  const where = whereOf(target, role, planned.address);
  try {
    const host = context.hosts.get(planned.address);
    const identity = await host.identity();
    if (identity.hostKey !== planned.identity.hostKey) return { name, lines: ['not recorded: another machine answers at its address'] };
    const record = parseRecord(await host.read(recordProbes(where)));
    const keep = async (what: string, work: ShellWork | undefined): Promise<string[]> => {
      if (!work) return [];
      const end = await runEffect(host, { state, name: what, token, identity, signal, journal: context.journal }, work);
      return [end.ok ? end.line : `${what}, not done: ${end.line}`];
    };
    return {
      name,
      record,
      lines: [
        ...summary(record),
        ...(await keep('backup', recordBackup(where))),
        ...(await keep('images', target.system.release.image === undefined ? undefined : pinImages({ ...where, recorded: record }))),
      ],
    };
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { name, lines: [`not recorded: ${error.message}`] };
  }
}

function summary(record: HostRecord): string[] {
  const parts = [
    ...(record.commit === undefined ? [] : [`clone at ${record.commit.slice(0, 12)}`]),
    ...(record.image === undefined ? [] : [`image ${record.image.reference} (${record.image.id.replace('sha256:', '').slice(0, 12)})`]),
    ...(record.packages === undefined ? [] : [count(record.packages.length, 'Python package')]),
    ...(record.files === undefined ? [] : [count(Object.keys(record.files).length, 'file')]),
  ];
  return parts.length === 0 ? [] : [parts.join(', ')];
}

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;
