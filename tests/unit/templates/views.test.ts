import { describe, expect, it } from 'vitest';
import { checkView } from '../../../lab/workspace/blockkit/check.ts';
import type { View } from '../../../src/domain/message.ts';
import { type Plan, type RunKey, runKey } from '../../../src/domain/plan.ts';
import type { Sh } from '../../../src/domain/sh.ts';
import type { Work } from '../../../src/domain/step.ts';
import { detailsView, planView, rejectView, signView, stepsView } from '../../../src/templates/views.ts';
import { buttonsOf, readable } from '../../helpers/said.ts';
import { storyAt } from '../../helpers/story.ts';
import { leastSystem } from '../../helpers/system.ts';

const told = storyAt('waiting');

function planWith(command: (run: RunKey) => string): Plan {
  const work: Record<RunKey, Work> = {};
  for (const step of told.outline.phases.flatMap((phase) => phase.steps)) {
    for (const host of step.hosts) {
      const key = runKey(step.id, host);
      work[key] = {
        type: 'shell',
        guard: 'test -d .' as Sh,
        command: command(key) as Sh,
        restore: 'cp -a kept .' as Sh,
        from: 'v0.2.0',
        to: 'v0.1.0',
        timeoutMs: 60_000,
      };
    }
  }
  work['3@bot'] = { type: 'announce', template: 'initial' };
  work['12.4@bot'] = { type: 'sign', by: '@sac-oncall', shown: ['sac_pnl_1h'] };
  work['11.2@prod-1'] = {
    type: 'pipeline',
    order: { via: 'url', url: 'https://ci.example', body: { ref: 'v0.1.0' } },
    back: { via: 'url', url: 'https://ci.example', body: { ref: 'v0.2.0' } },
    from: 'v0.2.0',
    to: 'v0.1.0',
    timeoutMs: 60_000,
  };
  return { v: 1, rollback: 'sac-42', outline: told.outline, hosts: {}, work, kinds: {}, system: leastSystem };
}

function allPages(plan: Plan): View[] {
  const pages: View[] = [];
  for (;;) {
    const page = planView(plan, told.state(), pages.length);
    pages.push(page);
    const next = buttonsOf(page.blocks).find((button) => button.action_id === 'plan-page');
    if (!next) return pages;
    expect(JSON.parse(next.value)).toEqual({ rollback: 'sac-42', page: pages.length });
  }
}

const unescaped = (text: string) => text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

describe('the plan', () => {
  it('begins with what each step changes, hosts alike together', () => {
    const [first, second] = allPages(planWith(() => 'true')).map((page) => readable(page.blocks));
    expect(first).toContain('Page 1 of');
    expect(first).toContain('• *11.1 Stop* · prod-1, prod-2 · v0.2.0 → v0.1.0');
    expect(first).toContain(
      '• *11.2 Deploy* · prod-1 · triggers a pipeline and follows it: v0.2.0 → v0.1.0\n• *11.2 Deploy* · prod-2 · v0.2.0 → v0.1.0',
    );
    expect(first).not.toContain('```');
    expect(second).toContain('```\ntrue\n```');
  });

  it('shows each step on each host with all that runs', () => {
    const pages = allPages(planWith((run) => `cp 'a b' "${run}" && echo <done> >log`));
    const text = unescaped(pages.map((page) => readable(page.blocks)).join('\n'));
    for (const page of pages) expect(checkView(page, ['modal'])).toEqual([]);
    for (const run of Object.keys(planWith(() => '').work)) {
      if (['3@bot', '12.4@bot', '11.2@prod-1'].includes(run)) continue;
      expect(text).toContain(`cp 'a b' "${run}" && echo <done> >log`);
    }
    expect(text).toContain('Only if still as found:\n```\ntest -d .\n```');
    expect(text).toContain('v0.2.0 → v0.1.0');
    expect(text).toContain('@sac-oncall is asked to sign sac_pnl_1h.');
    expect(text).toContain('"ref": "v0.1.0"');
    expect(text).toContain('digest `dddddddddddddddd`');
  });

  it('shows what undo would run, and what it cannot bring back', () => {
    const plan = planWith(() => 'true');
    const work = {
      ...plan.work,
      '11.3@prod-1': { type: 'shell', command: 'x' as Sh, from: 'a', to: 'b', timeoutMs: 1000, cannotUndo: 'the logs' },
    } as Plan['work'];
    const text = unescaped(
      allPages({ ...plan, work })
        .map((page) => readable(page.blocks))
        .join('\n'),
    );
    expect(text).toContain('Undo runs:\n```\ncp -a kept .\n```');
    expect(text).toContain('Undo orders:\n```\n{\n  "via": "url"');
    expect(text).toContain('· prod-1 · a → b · ⚠ cannot be put back: the logs');
    expect(text).toContain('Undo runs nothing for it.\n⚠ Cannot be put back: the logs');
  });

  it('shows a list of what is removed whole, and commands for people', () => {
    const plan = planWith(() => 'true');
    const list = Array.from({ length: 80 }, (_, i) => `/opt/trade-agent/sac/file-${i}.py`).join('\n');
    const work = {
      ...plan.work,
      '11.1@prod-1': { type: 'shell', command: 'x' as Sh, from: list, to: 'gone', timeoutMs: 1000 },
      '11.1@prod-2': { type: 'hand', text: 'sudo systemctl stop sac' },
    } as Plan['work'];
    const text = allPages({ ...plan, work })
      .map((page) => readable(page.blocks))
      .join('\n');
    expect(text).toContain('There now:\n```\n/opt/trade-agent/sac/file-0.py\n');
    expect(text).toContain('/opt/trade-agent/sac/file-79.py\n```');
    expect(text).toContain('*11.1 Stop* · prod-2 · a person runs its commands and ticks it off');
    expect(text).toContain('A person runs this, and ticks it off:\n```\nsudo systemctl stop sac\n```');
  });

  it('begins with what is to be heeded', () => {
    const plan = planWith(() => 'true');
    const outline = {
      ...plan.outline,
      about: 'Production first',
      selected: 'x: left out: step 12.4',
      cannotUndo: ['sent orders'],
      warnings: ['old backup'],
    };
    const first = readable(planView({ ...plan, outline }, told.state(), 0).blocks);
    expect(first).toContain('⚠ *Cannot be undone:* sent orders.\nProduction first\n*Scenario* x: left out: step 12.4.\n⚠ old backup');
    expect(readable(planView(plan, { ...told.state(), dryRun: true }, 0).blocks)).toContain('Dry run: SAC agent: v0.2.0 → v0.1.0');
  });

  it('keeps long commands whole, over pages', () => {
    const long = Array.from({ length: 400 }, (_, i) => `install -m 0644 file-${i}`).join('\n');
    const pages = allPages(planWith(() => long));
    expect(pages.length).toBeGreaterThan(3);
    for (const page of pages) expect(checkView(page, ['modal'])).toEqual([]);
    const text = pages.map((page) => readable(page.blocks)).join('\n');
    const runs = Object.values(planWith(() => long).work).filter((work) => work.type === 'shell').length;
    expect(text.split('install -m 0644 file-399\n').length - 1).toBe(runs);
  });

  it('turns back too, and a page that does not exist gives the last', () => {
    const plan = planWith(() => 'x'.repeat(20_000));
    const last = planView(plan, told.state(), 9999);
    expect(buttonsOf(last.blocks).map((button) => button.action_id)).toEqual(['plan-page-back']);
    expect(planView(plan, told.state(), Number.NaN).private_metadata).toBe('{"rollback":"sac-42","page":0}');
  });
});

describe('the other modals', () => {
  it('asks the questions with their answers or defaults', () => {
    const view = detailsView(told.state(), [
      { name: 'scenario', choices: ['testing failure', 'deployment failure'], default: 'testing failure' },
      { name: 'impact_since', default: 'unknown' },
    ]);
    expect(checkView(view, ['modal'])).toEqual([]);
    expect(view).toMatchObject({ callback_id: 'details', private_metadata: '{"rollback":"sac-42"}', submit: { text: 'Save' } });
    expect(readable(view.blocks.slice(0, 1))).toContain('the hosts are read anew and approvals that were given are void');
    expect(view.blocks.slice(1)).toMatchObject([
      { block_id: 'scenario', element: { action_id: 'scenario', initial_option: { value: 'deployment failure' } } },
      { block_id: 'impact_since', label: { text: 'Impact since' }, element: { action_id: 'impact_since', initial_value: 'unknown' } },
    ]);
  });

  it('asks for the lessons at the end', () => {
    expect(detailsView(storyAt('complete').state(), []).blocks).toMatchObject([{ block_id: 'lessons' }]);
    expect(detailsView(told.state(), []).submit).toBeUndefined();
  });

  it('asks why not', () => {
    const view = rejectView(told.state());
    expect(checkView(view, ['modal'])).toEqual([]);
    expect(view).toMatchObject({ callback_id: 'reject', private_metadata: '{"rollback":"sac-42"}' });
  });

  it('shows the numbers to sign, and takes the signature once', () => {
    const done = storyAt('complete');
    const view = signView(done.state(), '12.4@bot');
    expect(checkView(view, ['modal'])).toEqual([]);
    expect(view).toMatchObject({ callback_id: 'sign', private_metadata: '{"rollback":"sac-42","run":"12.4@bot"}', submit: { text: 'Sign' } });
    expect(readable(view.blocks)).toContain('• *sac_pnl_1h* 1.5');
    done.tell({ type: 'signed', by: { id: 'U1', name: 'noor', via: 'slack' }, run: '12.4@bot', numbers: { sac_pnl_1h: '1.5' } });
    expect(signView(done.state(), '12.4@bot').submit).toBeUndefined();
  });

  it('shows all steps with how far they are', () => {
    const text = readable(stepsView(storyAt('trouble').state(), told.now()).blocks);
    expect(text).toContain('✗ 11.3 Start · prod-2 · failed · 4 s');
    expect(text).toContain('*Phase 5 of 5: Verification and communication* · to come · estimated 1 h');
  });
});
