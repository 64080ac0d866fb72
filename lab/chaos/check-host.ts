import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Event } from '../../src/domain/event.ts';
import type { ChaosHost } from './hosts.ts';
import { effectSteps } from './system.ts';
import type { ChaosWorld } from './world.ts';

const look = readFileSync(join(import.meta.dirname, 'host', 'look.sh'), 'utf8');
/** What may stay on a host for a moment after the end, in milliseconds: sessions of workers that died. */
const settlesWithinMs = 10_000;

/** How many lines of a host's logs were seen in earlier rounds. */
export interface Seen {
  effects: number;
  service: number;
  moves: number;
}

/** A host as it is seen from outside: the rest of the lines that begin with a word. */
type Sight = (word: string) => string[];

async function see({ hosts }: ChaosWorld, host: ChaosHost, { effects, service, moves }: Seen): Promise<Sight> {
  const { exitCode, stdout, stderr } = await hosts.exec(host, `set -- ${effects} ${service} ${moves}\n${look}`, { timeoutMs: 30_000 });
  if (exitCode !== 0) throw new Error(`${host} cannot be looked at (${exitCode}): ${stderr}`);
  const lines = stdout.split('\n');
  return (word) => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
}

/** Counts what is there before the first round. */
export async function firstSight(world: ChaosWorld, host: ChaosHost): Promise<Seen> {
  const sight = await see(world, host, { effects: 0, service: 0, moves: 0 });
  return seenAfter({ effects: 0, service: 0, moves: 0 }, sight);
}

const seenAfter = (seen: Seen, sight: Sight): Seen => ({
  effects: seen.effects + sight('effect').length,
  service: seen.service + sight('service').length,
  moves: seen.moves + sight('moved').length,
});

/** What was to come of a rollback on a host. */
export interface Wanted {
  readonly commit: string;
  readonly events: readonly Event[];
  /** It was booted in the middle: what systemd did while it went down is not counted there. */
  readonly isRebooted: boolean;
}

/** What is wrong on a host after a rollback; what was seen is counted on in `seen`. */
export async function checkHost(world: ChaosWorld, host: ChaosHost, wanted: Wanted, seen: Seen): Promise<string[]> {
  let sight = await see(world, host, seen);
  for (const end = performance.now() + settlesWithinMs; leftOn(sight).length > 0 && performance.now() < end; await delay(300))
    sight = await see(world, host, seen);
  Object.assign(seen, seenAfter(seen, sight));
  const wrong = [...stateOf(sight, wanted.commit), ...leftOn(sight), ...effectsOf(sight, host, wanted)];
  return wrong.map((text) => `${host}: ${text}`);
}

function stateOf(sight: Sight, commit: string): string[] {
  const [head] = sight('head');
  const [unit] = sight('unit');
  return [
    ...(head === commit ? [] : [`HEAD is ${head}, not ${commit}`]),
    ...(unit === 'active' ? [] : [`the service is ${unit}`]),
    ...sight('dirty').map((line) => `not committed: ${line}`),
  ];
}

/** Of processes, sshd's session and its feeding shell of each of the two workers may be there. */
function leftOn(sight: Sight): string[] {
  const processes = sight('process').map((line) => line.replace(/^\d+ /, ''));
  const strange = processes.filter((args) => !/^sshd: deploy|^\/bin\/sh$|^\/lib\/systemd\/systemd --user|^\(sd-pam\)/.test(args));
  const sessions = processes.filter((args) => args.startsWith('sshd: deploy')).length;
  return [
    ...sight('file').map((path) => `left behind: ${path}`),
    ...strange.map((args) => `still runs: ${args}`),
    ...(sessions > 2 ? [`${sessions} ssh sessions of two workers`] : []),
  ];
}

/** Each effect happened once, and once more at most for each time that people saw how it stood and pressed Retry. */
function effectsOf(sight: Sight, host: ChaosHost, { events, isRebooted }: Wanted): string[] {
  const begun = (step: string): number => sight('effect').filter((line) => line.startsWith(`begin ${step} `)).length;
  const ended = (step: string): number => sight('effect').filter((line) => line.startsWith(`end ${step} `)).length;
  const did = (verb: string): number => sight('service').filter((line) => line.startsWith(verb)).length;
  const least = isRebooted ? 0 : 1;
  const counted: Counted[] = [
    ...effectSteps.map((step) => ({ step, what: 'begun', count: begun(step), least: 1 })),
    { step: '2.1', what: 'stopped', count: did('stop'), least },
    { step: '2.3', what: 'checked out', count: sight('moved').length, least: 1 },
    { step: '2.4', what: 'started', count: did('start'), least },
  ];
  const lost = effectSteps.filter((step) => ended(step) === 0).map((step) => `step ${step} never ended`);
  return [...counted.flatMap((one) => countWrong(one, repeatsOf(events, `${one.step}@${host}`))), ...lost];
}

interface Counted {
  readonly step: string;
  readonly what: string;
  readonly count: number;
  readonly least: number;
}

function countWrong({ step, what, count, least }: Counted, repeats: number): string[] {
  if (count >= least && count <= 1 + repeats) return [];
  return [`step ${step} was ${what} ${count} times${repeats > 0 ? `, though people chose ${repeats} repeats` : ''}`];
}

/** How often people chose to repeat a run that had not ended well. */
function repeatsOf(events: readonly Event[], run: string): number {
  let [isBad, repeats] = [false, 0];
  for (const event of events) {
    if (event.type === 'step-finished' && event.run === run) isBad = event.result.outcome !== 'done';
    if (event.type === 'retry-chosen' && isBad) repeats += 1;
  }
  return repeats;
}
