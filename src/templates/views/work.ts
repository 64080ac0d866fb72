import type { PipelineWork, ShellWork, Work } from '../../domain/step.ts';
import { cut } from '../cut.ts';
import { escaped, type Mrkdwn, md } from '../escape.ts';
import { fenced } from '../fence.ts';
import { lasting } from '../times.ts';

/** All of a step's work on one host: what it changes, what exactly runs, and what undo would run; `isUndo` where the work is an undo's own. */
export function workTexts(work: Work, isUndo: boolean): Mrkdwn[] {
  switch (work.type) {
    case 'shell':
      return [
        ...change(work.from, work.to),
        ...block('Only if still as found', work.guard),
        ...block(`Command, at most ${lasting(work.timeoutMs)}`, work.command),
        ...block('Must succeed afterwards', work.verify),
        ...(work.restore === undefined ? nothing(work, isUndo) : block('Undo runs', work.restore)),
        ...notBack(work.cannotUndo),
      ];
    case 'pipeline':
      return [
        ...change(work.from, work.to),
        md`Triggers a pipeline once and follows it for at most ${lasting(work.timeoutMs)}.`,
        ...block('Order', JSON.stringify(work.order, null, 2)),
        ...(work.back ? block('Undo orders', JSON.stringify(work.back, null, 2)) : nothing(work, isUndo)),
        ...notBack(work.cannotUndo),
      ];
    case 'hand':
      return block('A person runs this, and ticks it off', work.text);
    case 'announce':
      return [md`From here on the audiences are owed the ${escaped(work.template)} message.`];
    case 'sign':
      return [md`${escaped(work.by)} is asked to sign ${escaped(work.shown.join(', '))}. Nothing waits for it.`];
  }
}

/** Of a step that changes nothing, and of an undo, nobody asks how it is put back. */
const nothing = ({ from, to }: ShellWork | PipelineWork, isUndo: boolean): Mrkdwn[] => (from === to || isUndo ? [] : [md`Undo runs nothing for it.`]);

const notBack = (why: string | undefined): Mrkdwn[] => (why === undefined ? [] : [md`⚠ Cannot be put back: ${cut(escaped(why), 1000)}`]);

/** A list of what is removed, or any other long text, is shown whole: it is part of what is approved. */
function change(from: string, to: string): Mrkdwn[] {
  if (from === to) return [md`Not known to change anything.`];
  const isShort = [from, to].every((text) => text.length <= 500 && !text.includes('\n'));
  return isShort ? [md`${escaped(from)} → ${escaped(to)}`] : [...block('There now', from), ...block('Afterwards', to)];
}

const block = (label: string, text: string | undefined): Mrkdwn[] =>
  text === undefined ? [] : fenced(text).map((piece, i) => (i === 0 ? md`${escaped(label)}:\n${piece}` : piece));
