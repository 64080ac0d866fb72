import type { Block, View } from '../../domain/message.ts';
import { BOT, type OutlineStep, type Plan, runKey } from '../../domain/plan.ts';
import type { State } from '../../domain/state.ts';
import { actions, views } from '../actions.ts';
import { lostLine } from '../before/lost.ts';
import { type Button, buttonRow, section } from '../blocks.ts';
import { chunks, counted, cut, firstOf } from '../cut.ts';
import { bold, code, escaped, type Mrkdwn, md } from '../escape.ts';
import { fenced } from '../fence.ts';
import { headline, isWithoutVersion, prefix } from '../goal.ts';
import { lasting } from '../times.ts';
import { modal } from './modal.ts';
import { workTexts } from './work.ts';

// Slack takes 100 blocks a view; two are ours. So much text in one view is still read on a telephone.
const page = { blocks: 90, chars: 40_000 };

/**
 * The plan as it will run: first what each step changes, then each step on each host with its exact guard, command, verification and restore, unabridged.
 * `wanted` counts from 0; one that does not exist gives the nearest.
 */
export function planView(plan: Plan, state: State, wanted: number): View {
  const { phases } = plan.outline;
  const overview = paged([
    heedBlocks(plan),
    driftBlocks(state),
    ...phases.map((phase, i) => overviewBlocks(plan, phase, i)),
    configurationBlocks(plan),
    commitBlocks(plan),
  ]);
  const pages = [...overview, ...paged(phases.flatMap((phase, i) => phaseGroups(plan, phase, i)))];
  const index = Math.min(Math.max(0, Math.trunc(wanted) || 0), pages.length - 1);
  const about = { rollback: plan.rollback, page: index };
  const blocks = [section(intro(plan, state, index, pages.length)), ...(pages[index] ?? []), ...buttonRow(turns(plan, index, pages.length))];
  return modal({ id: views.plan, title: `Plan of ${plan.rollback}`, about, blocks });
}

function intro(plan: Plan, state: State, index: number, pages: number): Mrkdwn {
  const { outline } = plan;
  const commit = isWithoutVersion(state) ? md`` : md` (${code(outline.target.commit.slice(0, 12))})`;
  const what = md`${escaped(`${prefix(state)}${headline(state)}`)}${commit} on ${counted(outline.hosts.length, 'host')}.`;
  const how =
    index === 0
      ? md`\nWhat changes is shown as before → after; steps without an arrow are not known to change anything. The exact commands are on the next pages, each with what undo would run.`
      : md``;
  return md`${what}${digestText(state)} Page ${index + 1} of ${pages}.${how}`;
}

function digestText({ digest, dryRun }: State): Mrkdwn {
  if (dryRun) return md` It cannot be approved; a request in earnest runs the same commands.`;
  return digest === undefined ? md`` : md` Approval is for exactly this: digest ${code(digest.slice(0, 16))}.`;
}

/** What is to be known before the commands: what is lost, what is special about this runbook, every warning. */
function heedBlocks({ outline }: Plan): Block[] {
  const { about, selected, byHand } = outline;
  const lines = [
    lostLine(outline),
    about === undefined ? undefined : escaped(about),
    selected === undefined ? undefined : md`*Scenario* ${escaped(selected)}.`,
    byHand ? md`*By hand:* people run the commands and tick them off.` : undefined,
    ...outline.warnings.map((warning) => md`⚠ ${escaped(warning)}`),
  ];
  return chunks(
    lines.filter((line) => line !== undefined),
    3000,
    9000,
  ).map(section);
}

/** What differs from the plan that was approved before. */
function driftBlocks({ superseded }: State): Block[] {
  if (!superseded || superseded.differences.length === 0) return [];
  const lines = superseded.differences.map((line) => md`• ${cut(escaped(line), 1000)}`);
  return chunks([bold(md`Different from the plan approved before`), ...lines], 3000, 12_000).map(section);
}

/** How the configuration differs, file by file. */
function configurationBlocks({ configuration = [], outline }: Plan): Block[] {
  if (configuration.length === 0) return [];
  const head = section(
    bold(md`Configuration: what going from ${escaped(outline.from?.version ?? 'what runs')} to ${escaped(outline.target.version)} changes`),
  );
  return [head, ...configuration.flatMap(({ path, diff }) => [section(code(path)), ...(diff === '' ? [] : fenced(diff).map(section))])];
}

/** Every commit that is undone, newest first, with who wrote it. */
function commitBlocks({ outline: { commits } }: Plan): Block[] {
  const lines = commits.map(
    ({ commit, author, date, subject }) =>
      md`• ${code(commit.slice(0, 7))} ${cut(escaped(subject), 200)} — ${cut(escaped(author), 100)}, ${escaped(date.slice(0, 10))}`,
  );
  return lines.length === 0 ? [] : chunks([bold(md`${counted(commits.length, 'commit')} undone`), ...lines], 3000, 30_000).map(section);
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
  if (work.type === 'hand') return md`a person runs its commands and ticks it off`;
  if (work.type === 'announce') return md`the ${escaped(work.template)} message`;
  if (work.type === 'sign') return md`${escaped(work.by)} is asked to sign, nothing waits for it`;
  const kept = work.cannotUndo === undefined ? md`` : md` · ⚠ cannot be put back: ${cut(escaped(work.cannotUndo), 200)}`;
  const how = work.type === 'pipeline' ? md`triggers a pipeline and follows it` : code(step.kind);
  if (work.from === work.to) return md`${how}${kept}`;
  const what = md`${cut(escaped(work.from), 200)} → ${cut(escaped(work.to), 200)}`;
  return work.type === 'pipeline' ? md`${how}: ${what}${kept}` : md`${what}${kept}`;
}

const phaseHead = (phase: Plan['outline']['phases'][number], index: number): Mrkdwn =>
  bold(md`Phase ${index + 1}: ${escaped(phase.name)}${phase.estimateMs === 0 ? md`` : md` (estimated ${lasting(phase.estimateMs)})`}`);

/** A phase's steps on their hosts, one group of blocks each; the first has the phase's headline. */
function phaseGroups(plan: Plan, phase: Plan['outline']['phases'][number], index: number): Block[][] {
  const groups = phase.steps.flatMap((step) => (step.hosts.length > 0 ? step.hosts : [BOT]).map((host) => stepBlocks(plan, step, host)));
  return groups.map((group, i) => (i === 0 ? [section(phaseHead(phase, index)), ...group] : group));
}

function stepBlocks(plan: Plan, step: OutlineStep, host: string): Block[] {
  const work = plan.work[runKey(step.id, host)];
  const head = md`${bold(md`${escaped(step.id)} ${escaped(step.name)}`)} · ${host === BOT ? md`the bot` : escaped(host)} · ${code(step.kind)}`;
  return work ? [section(head), ...workTexts(work, plan.outline.undoes !== undefined).map(section)] : [section(md`${head}\nNothing to do.`)];
}

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
