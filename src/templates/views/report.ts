import type { View } from '../../domain/message.ts';
import type { State } from '../../domain/state.ts';
import { views } from '../actions.ts';
import { section } from '../blocks.ts';
import { chunks } from '../cut.ts';
import { md } from '../escape.ts';
import { hasReport, reportLines } from '../report.ts';
import { modal } from './modal.ts';

/** The report whole: a modal holds more than a message. */
export function reportView(state: State): View {
  const lines = hasReport(state) ? reportLines(state) : [md`There is a report once it is over.`];
  const blocks = chunks(lines, 3000, 60_000).map(section);
  return modal({ id: views.report, title: `Report of ${state.id}`, about: { rollback: state.id }, blocks });
}
