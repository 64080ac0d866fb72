import type { Fault as SlackFault } from '../workspace/faults.ts';
import type { Fault } from './fault.ts';
import type { Random } from './random.ts';

/** The next calls that post or update meet this: so many of each, at most for so long. */
function calls(name: string, fault: (random: Random) => SlackFault): (random: Random) => Fault {
  return (random) => {
    const [met, posts, updates, lastsMs] = [
      fault(random),
      1 + Math.floor(random.between(0, 3)),
      Math.floor(random.between(0, 3)),
      random.between(1000, 8000),
    ];
    return {
      text: `${name} of ${posts} posts and ${updates} updates, ${(lastsMs / 1000).toFixed(1)} s`,
      lastsMs,
      excuses: [],
      inject({ workspace }) {
        workspace.faults.next('chat.postMessage', met, posts);
        workspace.faults.next('chat.update', met, updates);
      },
      heal: ({ workspace }) => workspace.faults.clear(),
    };
  };
}

function gone(random: Random): Fault {
  const lastsMs = random.between(1000, 8000);
  return {
    text: `slack-gone, ${(lastsMs / 1000).toFixed(1)} s`,
    lastsMs,
    excuses: ['request-lost'],
    inject: ({ workspace }) => workspace.faults.outage(true),
    heal: ({ workspace }) => workspace.faults.clear(),
  };
}

/** What happens to Slack. */
export const slackFaults = {
  'slack-429': calls('slack-429', (random) => ({ kind: 'ratelimited', retryAfterS: random.pick([1, 2, 3]) })),
  'slack-500': calls('slack-500', () => ({ kind: 'http500' })),
  'slack-hang': calls('slack-hang', () => ({ kind: 'hang' })),
  'slack-lost-reply': calls('slack-lost-reply', () => ({ kind: 'drop-reply' })),
  'slack-gone': gone,
} as const;
