import type { HaltWay } from '../domain/event.ts';
import { HostError } from '../domain/host.ts';
import { noRelease } from '../domain/release.ts';
import { holdsLock, type State } from '../domain/state.ts';
import type { HaltStep, System } from '../domain/system.ts';
import { isHaltOpen } from '../domain/work.ts';
import { type Context, systemOf } from './context.ts';
import { type EffectEnd, runEffect } from './effect.ts';
import { type Site, sitesOf } from './plan/sites.ts';
import { paramsAt, type Target, whereOf } from './plan/where.ts';

/** How long a halt may take on a host, in milliseconds. */
const haltWithinMs = 60_000;

/** Stops the bleeding, or takes that back, on every host where that was not tried yet, side by side. Under a receipt, like every effect. */
export async function haltHosts(context: Context, id: string, signal: AbortSignal): Promise<void> {
  const state = await context.log.load(id);
  if (!state || !isHaltOpen(state) || !state.halted) return;
  const { halted } = state;
  if (holdsLock(state)) return notAnyMore(context, state, halted.way);
  if (halted.way === 'back') await context.log.sound(id); // who starts production must be known; who stops it is not kept waiting
  const system = systemOf(context, state.system);
  if (!system.halt) throw new Error(`${system.file} has no halt any more`);
  const step = halted.way === 'halt' ? system.halt.step : system.halt.back;
  const token = await context.log.newToken();
  const sites = sitesOf(system).filter(({ role, host }) => role.name === system.halt?.on && !Object.hasOwn(halted.hosts, host.name));
  await Promise.all(
    sites.map(async (site) => {
      const ended = await halt(context, state, system, site, step, token, signal);
      const why = ended.ok ? {} : { why: context.mask(ended.line) };
      await context.log.observe(id, '', [{ type: 'halt-ended', way: halted.way, host: site.host.name, ok: ended.ok, ...why }]);
    }),
  );
}

/** Once the rollback runs, its own steps stop and start production: what was not tried by then is not begun. */
async function notAnyMore({ log }: Context, { id, halt, halted }: State, way: HaltWay): Promise<void> {
  const open = (halt?.hosts ?? []).filter((host) => !Object.hasOwn(halted?.hosts ?? {}, host));
  const why = 'the rollback had begun by then: its own steps stop and start production';
  await log.observe(
    id,
    '',
    open.map((host) => ({ type: 'halt-ended', way, host, ok: false, why })),
  );
}

async function halt(
  context: Context,
  state: State,
  system: System,
  site: Site,
  step: HaltStep,
  token: string,
  signal: AbortSignal,
): Promise<EffectEnd> {
  const kind = context.stepKinds[step.kind];
  if (!kind) return { ok: false, line: `there is no step kind ${step.kind}` };
  const target: Target = { rollback: state.id, system, release: noRelease, tree: [] };
  const name = `halt-${state.halted?.seq}`;
  const placed = { kind, step: { id: name, name, kind: step.kind, params: step.params, testsFromTarget: false, timeoutMs: haltWithinMs } };
  const where = whereOf(target, site.role, site.host, placed.step);
  try {
    const host = context.hosts.get(site.host);
    const params = paramsAt(target, placed, site.role, site.host);
    const identity = await host.identity();
    const planned = kind.plan(params, await host.read(kind.probes?.(params, where) ?? []), where);
    if (planned.problems?.length) return { ok: false, line: planned.problems.map(({ what, advice }) => `${what}: ${advice}`).join('; ') };
    if (planned.work.type !== 'shell') return { ok: false, line: `${step.kind} cannot halt anything` };
    return await runEffect(host, { state, name, token, identity, signal, journal: context.journal }, planned.work);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    return { ok: false, line: `${error.message}: ${error.advice}` };
  }
}
