import { describe, expect, it } from 'vitest';
import { checkView } from '../../../lab/workspace/blockkit/check.ts';
import type { Block, View } from '../../../src/domain/message.ts';
import { changeView, detailsView, putBackView, reportView, scopeOf } from '../../../src/templates/views.ts';
import { readable } from '../../helpers/said.ts';
import { people } from '../../helpers/story.ts';
import { told, undoing } from './told.ts';

interface Option {
  readonly text: { readonly text: string };
  readonly value: string;
}

const inputs = (view: View): Block[] => view.blocks.filter((block) => block.type === 'input');
const names = (view: View): unknown[] => inputs(view).map((block) => block.block_id);
const options = (view: View, name: string): Option[] => {
  const block = inputs(view).find((one) => one.block_id === name);
  return (block?.element as { options?: Option[] } | undefined)?.options ?? [];
};
const fine = (view: View): View => {
  expect(checkView(view, ['modal'])).toEqual([]);
  return view;
};
const started = () => told().requested().planned().started();

describe('what to put back', () => {
  const story = started().failing('11.2@prod-1');
  const view = fine(putBackView(story.state(), story.now()));

  it('offers only what has begun, from all of it down to a step', () => {
    expect(options(view, 'scope').map(({ value }) => value)).toEqual(['all', 'phase:2', 'phase:3', 'step:4', 'step:11.1', 'step:11.2']);
    expect(options(view, 'scope').map(({ text }) => text.text)).toEqual([
      'All that was changed',
      'Phase 2: Implementation',
      'Phase 3: Deployment',
      'Step 4: Code',
      'Step 11.1: Stop',
      'Step 11.2: Deploy',
    ]);
    expect(options(view, 'host').map(({ value }) => value)).toEqual(['dev-1', 'prod-1', 'prod-2']);
    expect(view).toMatchObject({ callback_id: 'put-back', private_metadata: '{"rollback":"sac-42"}', submit: { text: 'Make the plan' } });
  });

  it('says first what cannot come back, and that nothing changes yet', () => {
    const text = readable(view.blocks);
    expect(text).toMatch(/^⚠ \*Cannot come back:\*\n• production was without for/);
    expect(text).toContain('A plan is made and shown on a card of its own. Nothing changes until that is approved');
    expect(text).toContain('the lock of sac-42 passes to it');
  });

  it('is nothing where nothing was changed, and for an undo', () => {
    for (const one of [started().failing('1@prod-1'), undoing().requested().planned().started().failing('11.2@prod-1')]) {
      const none = fine(putBackView(one.state(), one.now()));
      expect(none.submit).toBeUndefined();
      expect(readable(none.blocks)).toBe('Nothing of it can be put back.');
    }
  });

  it.each([
    ['all', '', { of: 'all' }],
    ['', 'prod-2', { of: 'all', host: 'prod-2' }],
    ['phase:4', '', { of: { phase: 3 } }],
    ['step:11.2', 'prod-2', { of: { step: '11.2' }, host: 'prod-2' }],
    ['phase:0', '', undefined],
    ['phase:x', '', undefined],
    ['anything', '', undefined],
  ])('is read back: %s on %s', (scope, host, wanted) => expect(scopeOf(scope, host)).toEqual(wanted));
});

describe('another version, variant or scenario', () => {
  const scenario = { name: 'scenario', choices: ['deployment failure', 'data corruption'], default: 'deployment failure' };

  it('begins with what was asked', () => {
    const view = fine(changeView(told().requested().state(), ['remove', 'production-first'], scenario));
    expect(names(view)).toEqual(['version', 'variant', 'scenario']);
    expect(view).toMatchObject({ callback_id: 'change', private_metadata: '{"rollback":"sac-42"}' });
    expect(inputs(view)).toMatchObject([
      { element: { action_id: 'version', initial_value: 'v0.1.0' } },
      { element: { action_id: 'variant', initial_option: { value: 'normal' } } },
      { element: { action_id: 'scenario', initial_option: { value: 'deployment failure' } } },
    ]);
    expect(options(view, 'variant').map(({ value }) => value)).toEqual(['normal', 'remove', 'production-first']);
    expect(readable(view.blocks)).toContain('Approvals that were given are void');
  });

  it('does not offer the version of what has none, nor a scenario that nobody asks for', () => {
    const view = fine(
      changeView(
        told({ version: 'nothing', request: { variant: 'remove' } })
          .requested()
          .state(),
        ['remove'],
      ),
    );
    expect(names(view)).toEqual(['version', 'variant']);
    expect(inputs(view)[0]?.element).not.toHaveProperty('initial_value');
    expect(inputs(view)[1]).toMatchObject({ element: { initial_option: { value: 'remove' } } });
  });
});

describe('details', () => {
  const questions = [
    { name: 'scenario', choices: ['a', 'b'], default: 'a' },
    { name: 'symptoms', default: '' },
  ] as const;

  it('asks for the scenario only while it can still choose what runs', () => {
    expect(names(fine(detailsView(told().requested().state(), questions)))).toEqual(['scenario', 'symptoms']);
    const later = fine(detailsView(started().upTo('4@dev-1').state(), questions));
    expect(names(later)).toEqual(['symptoms']);
    expect(readable(later.blocks)).not.toContain('read anew');
  });
});

describe('the report as a modal', () => {
  it('is whole where a message has to be cut', () => {
    const warnings = Array.from({ length: 60 }, (_, i) => `warning ${i} ${'x'.repeat(280)}`);
    const story = told({ outline: { warnings } }).requested().planned().started().completed();
    const text = readable(fine(reportView(story.state())).blocks);
    expect(text).toContain('warning 59 ');
    expect(text).toContain('*Next steps owed:* root cause analysis');
  });

  it('is not there before the end', () => {
    expect(readable(fine(reportView(told().requested().state())).blocks)).toBe('There is a report once it is over.');
    const left = started().failing('4@dev-1').tell({ type: 'left', by: people.requester });
    expect(readable(fine(reportView(left.state())).blocks)).toContain('not completed, left as it is by requester');
  });
});
