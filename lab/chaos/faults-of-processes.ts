import type { Fault, Hit } from './fault.ts';
import type { Member } from './member.ts';
import type { Random } from './random.ts';
import type { ChaosWorld } from './world.ts';

/** The worker that holds the rollback, or `otherwise` where nobody does. */
function holder({ workers }: ChaosWorld, { holderPid }: Hit, otherwise: number): Member {
  return workers.find(({ pid }) => pid !== 0 && pid === holderPid) ?? (otherwise < 0.5 ? workers[0] : workers[1]);
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

function workerKill(random: Random): Fault {
  const otherwise = random.next();
  return {
    text: 'worker-kill',
    lastsMs: 0,
    excuses: [],
    inject(world, hit) {
      const pid = holder(world, hit, otherwise).kill9();
      if (pid !== 0) hit.killed(pid);
    },
  };
}

function workerFreeze(random: Random): Fault {
  const [otherwise, lastsMs] = [
    random.next(),
    random.pick([random.between(300, 5000), random.between(6000, 10_000), random.between(10_000, 15_000)]),
  ];
  let frozen: Member | undefined;
  return {
    text: `worker-freeze, ${seconds(lastsMs)}`,
    lastsMs,
    excuses: ['deliverer-stale'],
    inject(world, hit) {
      frozen = holder(world, hit, otherwise);
      frozen.freeze();
    },
    heal: () => frozen?.thaw(),
  };
}

/** Only one worker is there all the time: it must not be one that has gone blind in an earlier round. */
function alone(random: Random): Fault {
  const at = random.next() < 0.5 ? 0 : 1;
  return {
    text: `only worker-${2 - at}, 6.0 s`,
    lastsMs: 6000,
    excuses: ['deliverer-stale'],
    inject: ({ workers }) => workers[at].freeze(),
    heal: ({ workers }) => workers[at].thaw(),
  };
}

function botKill(): Fault {
  return { text: 'bot-kill', lastsMs: 0, excuses: ['request-lost'], inject: ({ bot }) => void bot.kill9() };
}

function redisKill(random: Random): Fault {
  const lastsMs = random.between(50, 4000);
  return {
    text: `redis-kill, ${seconds(lastsMs)}`,
    lastsMs,
    excuses: ['request-lost'],
    inject: ({ redis }) => redis.kill9(),
    heal: ({ redis }) => redis.restart(),
  };
}

/** At most 20 minutes: a request and its approval stand for two hours. */
function clockJump(random: Random): Fault {
  const jumpS = Math.round((random.next() < 0.5 ? -1 : 1) * random.between(30, 1200));
  const lastsMs = random.between(2000, 8000);
  const who = random.pick(['worker-1', 'worker-2', 'bot', 'all']);
  const members = ({ workers, bot }: ChaosWorld): Member[] => [...workers, bot].filter(({ name }) => who === 'all' || name === who);
  const jump = (world: ChaosWorld, by: number): void => {
    for (const { clock } of members(world)) clock.jump(by);
  };
  return {
    text: `clock-jump ${who} ${jumpS > 0 ? '+' : ''}${jumpS} s, ${seconds(lastsMs)}`,
    lastsMs,
    excuses: [],
    inject: (world) => jump(world, jumpS),
    heal: (world) => jump(world, 0),
  };
}

/** What happens to processes of ours. */
export const processFaults = {
  'worker-kill': workerKill,
  'worker-freeze': workerFreeze,
  alone,
  'bot-kill': botKill,
  'redis-kill': redisKill,
  'clock-jump': clockJump,
} as const;
