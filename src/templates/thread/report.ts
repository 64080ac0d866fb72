import type { Message } from '../../domain/message.ts';
import { reportLines } from '../report.ts';
import type { MessagesView } from '../view.ts';
import { inThread } from './message.ts';

/** The report at the end, in the thread. Kept true, so that it is whole once numbers are signed and lessons are known. */
export const report = (view: MessagesView): Message => inThread(view, 'report', { lines: reportLines(view.state) }, { live: true });
