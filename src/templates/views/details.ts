import type { Block, View } from '../../domain/message.ts';
import { isCutShort, type State } from '../../domain/state.ts';
import type { Question } from '../../domain/system.ts';
import { views } from '../actions.ts';
import { plainText, section } from '../blocks.ts';
import { cut } from '../cut.ts';
import { md } from '../escape.ts';
import { modal } from './modal.ts';

const maxChars = 1000;

/**
 * The questions no machine can answer, with their answers or defaults; nobody has to answer. Each is an input whose block_id and
 * action_id are the question's name. After the end it also asks for the lessons learned, under the name `lessons`.
 */
export function detailsView(state: State, questions: readonly Question[]): View {
  const isOver = state.status === 'complete' || isCutShort(state);
  const open = isBeforeApproval(state) ? questions : questions.filter((one) => one.name !== 'scenario');
  const asked = isOver && !open.some((one) => one.name === 'lessons') ? [...open, { name: 'lessons', default: '' }] : open;
  const about = { rollback: state.id };
  if (asked.length === 0) return modal({ id: views.details, title: 'Details', about, blocks: [section(md`This system asks nothing.`)] });
  return modal({
    id: views.details,
    title: `Details of ${state.id}`,
    about,
    submit: 'Save',
    blocks: [...aboutScenario(asked), ...asked.slice(0, 98).map((one) => input(state, one))],
  });
}

/** The scenario has chosen what runs, so it cannot be chosen again later. */
const isBeforeApproval = ({ status }: State): boolean => status === 'reading' || status === 'waiting';

function aboutScenario(asked: readonly Question[]): Block[] {
  if (!asked.some((one) => one.name === 'scenario')) return [];
  return [section(md`Another *scenario* can choose other steps: then the hosts are read anew and approvals that were given are void.`)];
}

function input(state: State, question: Question): Block {
  const answer = Object.hasOwn(state.answers, question.name) ? state.answers[question.name] : question.default;
  const element = question.choices ? choice(question, question.choices, answer ?? '') : text(question, answer ?? '');
  return { type: 'input', block_id: question.name.slice(0, 255), optional: true, label: plainText(label(question.name), 2000), element };
}

function choice({ name }: Question, choices: readonly string[], answer: string) {
  const options = choices.slice(0, 100).map((one) => ({ text: plainText(one, 75), value: cut(one, 150) }));
  const chosen = options.find((option) => option.value === cut(answer, 150));
  return { type: 'static_select', action_id: name.slice(0, 255), options, ...(chosen && { initial_option: chosen }) };
}

function text({ name }: Question, answer: string) {
  const initial = cut(answer, maxChars);
  const filled = initial === '' ? {} : { initial_value: initial };
  return { type: 'plain_text_input', action_id: name.slice(0, 255), multiline: true, max_length: maxChars, ...filled };
}

/** `impact_since` as a person reads it. */
const label = (name: string): string => `${name.charAt(0).toUpperCase()}${name.slice(1)}`.replaceAll('_', ' ');
