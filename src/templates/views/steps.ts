import type { View } from '../../domain/message.ts';
import type { State } from '../../domain/state.ts';
import { views } from '../actions.ts';
import { section } from '../blocks.ts';
import { chunks } from '../cut.ts';
import { md } from '../escape.ts';
import { runLine } from '../marks.ts';
import { runsOf } from '../runs.ts';
import { phaseLine } from '../thread/phase.ts';
import { modal } from './modal.ts';

/** All steps on all hosts with how far they are. `now` in milliseconds since 1970. */
export function stepsView(state: State, now: number): View {
  const phases = (state.outline?.phases ?? []).map((_, i) => [phaseLine(state, i, now), ...runsOf(state, i).map(runLine)]);
  const texts = (phases.length > 0 ? phases : [[md`There is no plan yet.`]]).flatMap((lines) => chunks(lines, 3000, 60_000));
  return modal({ id: views.steps, title: `Steps of ${state.id}`, about: { rollback: state.id }, blocks: texts.map(section) });
}
