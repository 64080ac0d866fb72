import type { Block, View } from '../../domain/message.ts';
import { noRelease } from '../../domain/release.ts';
import { NORMAL } from '../../domain/runbook.ts';
import type { State } from '../../domain/state.ts';
import type { Question } from '../../domain/system.ts';
import { views } from '../actions.ts';
import { section } from '../blocks.ts';
import { cut } from '../cut.ts';
import { escaped, md } from '../escape.ts';
import { input, menu } from './choice.ts';
import { modal } from './modal.ts';

/** The longest version that can be typed, in characters: a commit's 40, or a long tag. */
const maxChars = 200;

/**
 * The same request for another version, variant or scenario: inputs `version`, `variant` and, where the system asks for it,
 * `scenario`. `variants` are the system's own names; the normal runbook is always offered.
 */
export function changeView(state: State, variants: readonly string[], scenario?: Question): View {
  const what = md`${escaped(state.title)}: the hosts are read anew and the card shows the new plan. Approvals that were given are void, and nothing is changed.`;
  const names = [...new Set([NORMAL, ...variants, state.variant])];
  const variant = menu(
    'variant',
    names.map((name) => ({ label: name === NORMAL ? 'normal runbook' : name, value: name })),
    state.variant,
  );
  return modal({
    id: views.change,
    title: `Change ${state.id}`,
    about: { rollback: state.id },
    submit: 'Read the hosts anew',
    blocks: [
      section(what),
      input('version', 'Version', version(state), 'A tag or a commit. Variants that know their own version need none.'),
      ...(variant ? [input('variant', 'Runbook', variant)] : []),
      ...scenarioInput(state, scenario),
    ],
  });
}

function version(state: State): Block {
  const typed = state.version === noRelease.version ? '' : cut(state.version.trim(), maxChars);
  return { type: 'plain_text_input', action_id: 'version', max_length: maxChars, ...(typed === '' ? {} : { initial_value: typed }) };
}

function scenarioInput(state: State, question: Question | undefined): Block[] {
  const choices = (question?.choices ?? []).map((name) => ({ label: name, value: name }));
  const element = menu('scenario', choices, (Object.hasOwn(state.answers, 'scenario') ? state.answers.scenario : question?.default) ?? '');
  return element ? [input('scenario', 'Scenario', element, 'It can choose other steps; a runbook chosen above goes first.')] : [];
}
