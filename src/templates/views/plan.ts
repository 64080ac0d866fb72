import type { Block, View } from '../../domain/message.ts';
import { BOT, type OutlineStep, type Plan, runKey } from '../../domain/plan.ts';
import type { State } from '../../domain/state.ts';
import type { Work } from '../../domain/step.ts';
import { actions, views } from '../actions.ts';
import { type Button, buttonRow, section } from '../blocks.ts';
import { chunks, counted, cut, firstOf } from '../cut.ts';
import { bold, code, escaped, type Mrkdwn, md } from '../escape.ts';
import { fenced } from '../fence.ts';
import { lasting } from '../times.ts';
import { modal } from './modal.ts';

// Slack takes 100 blocks a view; two are ours. So much text in one view is still read on a telephone.
const page = { blocks: 90, chars: 40_000 };

/**
 * The plan as it will run: first what each step changes, then each step on each host with its exact guard, command, verification and restore, unabridged.
 * `wanted` counts from 0; one that does not exist gives the nearest.
 */
export function planView(plan: Plan, state: State, wanted: number): View {
  const { phases } = plan.outline;
  const overview = paged(phases.map((phase, i) => overviewBlocks(plan, phase, i)));
  const pages = [...overview, ...paged(phases.flatMap((phase, i) => phaseGroups(plan, phase, i)))];
  const index = Math.min(Math.max(0, Math.trunc(wanted) || 0), pages.length - 1);
  const about = { rollback: plan.rollback, page: index };
  const blocks = [section(intro(plan, state, index, pages.length)), ...(pages[index] ?? []), ...buttonRow(turns(plan, index, pages.length))];
  return modal({ id: views.plan, title: `Plan of ${plan.rollback}`, about, blocks });
}

function intro(plan: Plan, state: State, index: number, pages: number): Mrkdwn {
  const { outline } = plan;
  const what = md`${escaped(outline.title)} to ${escaped(outline.target.version)} (${code(outline.target.commit.slice(0, 12))}) on ${counted(outline.hosts.length, 'host')}.`;
  const digest = state.digest === undefined ? md`` : md` Approval is for exactly this: digest ${code(state.digest.slice(0, 16))}.`;
  const how =
    index === 0
      ? md`\nWhat changes is shown as before → after; steps without an arrow are not known to change anything. The exact commands are on the next pages.`
      : md``;
  return md`${what}${digest} Page ${index + 1} of ${pages}.${how}`;
}

/** What each step changes, and where: hosts on which it changes the same share a line. */
function overviewBlocks(plan: Plan, phase: Plan['outline']['phases'][number], index: number): Block[] {
  const lines = phase.steps.flatMap((step) => {
    const hosts = step.hosts.length > 0 ? step.hosts : [BOT];
    const groups = new Map<Mrkdwn, string[]>();
    for (const host of hosts) groups.set(effect(plan, step, host), [...(groups.get(effect(plan, step, host)) ?? []), host]);
    return [...groups].map(([what, where]) => md`• *${escaped(step.id)} ${escaped(step.name)}* · ${places(where)} · ${what}`);
  });
  return chunks([phaseHead(phase, index), ...lines], 3000, 100_000).map(section);
}

const places = (hosts: readonly string[]): Mrkdwn =>
  firstOf(
    hosts.map((host) => (host === BOT ? md`the bot` : escaped(host))),
    12,
  );

function effect(plan: Plan, step: OutlineStep, host: string): Mrkdwn {
  const work = plan.work[runKey(step.id, host)];
  if (!work) return md`nothing to do`;
  if (work.type === 'pipeline') return md`triggers a pipeline and follows it`;
  if (work.type === 'announce') return md`the ${escaped(work.template)} message`;
  if (work.type === 'sign') return md`${escaped(work.by)} is asked to sign, nothing waits for it`;
  return work.from === work.to ? code(step.kind) : md`${cut(escaped(work.from), 200)} → ${cut(escaped(work.to), 200)}`;
}

const phaseHead = (phase: Plan['outline']['phases'][number], index: number): Mrkdwn =>
  bold(md`Phase ${index + 1}: ${escaped(phase.name)} (estimated ${lasting(phase.estimateMs)})`);

/** A phase's steps on their hosts, one group of blocks each; the first has the phase's headline. */
function phaseGroups(plan: Plan, phase: Plan['outline']['phases'][number], index: number): Block[][] {
  const groups = phase.steps.flatMap((step) => (step.hosts.length > 0 ? step.hosts : [BOT]).map((host) => stepBlocks(plan, step, host)));
  return groups.map((group, i) => (i === 0 ? [section(phaseHead(phase, index)), ...group] : group));
}

function stepBlocks(plan: Plan, step: OutlineStep, host: string): Block[] {
  const work = plan.work[runKey(step.id, host)];
  const head = md`${bold(md`${escaped(step.id)} ${escaped(step.name)}`)} · ${host === BOT ? md`the bot` : escaped(host)} · ${code(step.kind)}`;
  return work ? [section(head), ...workTexts(work).map(section)] : [section(md`${head}\nNothing to do.`)];
}

function workTexts(work: Work): Mrkdwn[] {
  switch (work.type) {
    case 'shell':
      return [
        change(work.from, work.to),
        ...block('Only if still as found', work.guard),
        ...block(`Command, at most ${lasting(work.timeoutMs)}`, work.command),
        ...block('Must succeed afterwards', work.verify),
        ...block('Puts it back', work.restore),
        ...(work.cannotUndo === undefined ? [] : [md`Cannot be put back: ${cut(escaped(work.cannotUndo), 1000)}`]),
      ];
    case 'pipeline':
      return [
        md`Triggers a pipeline once and follows it for at most ${lasting(work.timeoutMs)}.`,
        ...block('Order', JSON.stringify(work.order, null, 2)),
      ];
    case 'announce':
      return [md`From here on the audiences are owed the ${escaped(work.template)} message.`];
    case 'sign':
      return [md`${escaped(work.by)} is asked to sign ${escaped(work.shown.join(', '))}. Nothing waits for it.`];
  }
}

function change(from: string, to: string): Mrkdwn {
  if (from === to) return md`Not known to change anything.`;
  return md`${cut(escaped(from), 1000)} → ${cut(escaped(to), 1000)}`;
}

const block = (label: string, text: string | undefined): Mrkdwn[] =>
  text === undefined ? [] : fenced(text).map((piece, i) => (i === 0 ? md`${escaped(label)}:\n${piece}` : piece));

/** Groups stay together on a page where one holds them. */
function paged(groups: readonly (readonly Block[])[]): Block[][] {
  const pages: Block[][] = [[]];
  const isRoom = (blocks: readonly Block[]): boolean => {
    const all = [...(pages.at(-1) ?? []), ...blocks];
    return all.length <= page.blocks && all.reduce((sum, one) => sum + sizeOf(one), 0) <= page.chars;
  };
  for (const group of groups) {
    if (!isRoom(group) && pages.at(-1)?.length !== 0) pages.push([]);
    for (const one of group) {
      if (!isRoom([one])) pages.push([]);
      pages.at(-1)?.push(one);
    }
  }
  return pages;
}

const sizeOf = (block: Block): number => JSON.stringify(block).length;

function turns(plan: Plan, index: number, pages: number): Button[] {
  const to = (action: string, label: string, target: number): Button => ({ action, label, value: { rollback: plan.rollback, page: target } });
  return [
    ...(index > 0 ? [to(actions.planPageBack, 'Page before', index - 1)] : []),
    ...(index < pages - 1 ? [to(actions.planPage, index === 0 ? 'Show the commands' : 'Next page', index + 1)] : []),
  ];
}
