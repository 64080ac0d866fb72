import { describe, expect, it } from 'vitest';
import { workOrders } from '../../../src/domain/work.ts';
import { storyAt } from '../../helpers/story.ts';

const queues = (told: ReturnType<typeof storyAt>) => workOrders(told.state(), told.now()).map((order) => `${order.queue} ${order.id}`);

describe('the jobs that a state calls for', () => {
  it('a request is planned; once it waits, only its expiry is looked for', () => {
    expect(queues(storyAt('reading'))).toEqual([
      'announce sac-42.announce.1',
      'plan sac-42.plan.1',
      expect.stringMatching(/^reconcile sac-42\.wake\./),
    ]);
    const waiting = storyAt('waiting');
    const state = waiting.state();
    expect(workOrders(state, waiting.now()).at(-1)).toMatchObject({ queue: 'reconcile', at: (state.plannedAt ?? 0) + 1_800_000 });
  });

  it('each phase has a job of its own, named for it and for the event that ended the one before', () => {
    const started = storyAt('waiting').started();
    const { cause } = started.state();
    expect(queues(started)).toContain(`phase sac-42.phase-1.${cause}`);
    const inFirst = started.upTo('2@dev-1');
    expect(queues(inFirst)).toContain(`phase sac-42.phase-1.${cause}`);
    const inSecond = started.upTo('4@dev-1');
    expect(queues(inSecond).filter((id) => id.includes('.phase-'))).toEqual([`phase sac-42.phase-2.${inSecond.state().cause}`]);
    expect(inSecond.state().cause).toBeGreaterThan(cause);
  });

  it('a pipeline is looked at again on a grid of time, so that everyone means the same job', () => {
    const told = storyAt('waiting')
      .started()
      .upTo('11.2@prod-1')
      .tell({ type: 'pipeline-triggered', run: '11.2@prod-1', attempt: 1, ref: '7', url: 'x' });
    const [one, two] = [1000, 1500].map((ms) => workOrders(told.state(), ms).find((order) => order.id.includes('.poll.')));
    expect(one).toEqual(two);
    expect(one).toMatchObject({ queue: 'phase', at: 2000 });
  });

  it('what has ended calls for nothing but its messages', () => {
    for (const status of ['rejected', 'withdrawn', 'expired', 'unplannable', 'trouble'] as const)
      expect(queues(storyAt(status)).filter((id) => !id.startsWith('announce') && !id.startsWith('reconcile'))).toEqual([]);
  });

  it('ids have no colon and are no whole numbers, which BullMQ does not take', () => {
    for (const status of ['reading', 'waiting', 'running', 'proving', 'complete'] as const) {
      const told = storyAt(status);
      for (const { id } of workOrders(told.state(), told.now())) expect(id).toMatch(/^sac-42\.[a-z0-9.-]+\.\d+$/);
    }
  });
});
