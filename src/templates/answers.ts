import { affectedMs, affectedSince } from '../domain/owed.ts';
import type { State } from '../domain/state.ts';
import { cut } from './cut.ts';
import { escaped, joined, type Mrkdwn, md } from './escape.ts';
import { affectedBefore, served } from './progress.ts';
import { dateTime, watched } from './times.ts';

/** An answer to one of the system file's questions; undefined where it was not asked or is empty. */
export function answer(state: State, name: string): Mrkdwn | undefined {
  const text = Object.hasOwn(state.answers, name) ? state.answers[name] : undefined;
  return text === undefined || text.trim() === '' ? undefined : cut(escaped(text), 600);
}

/** What the requester said of the incident: scenario, symptoms. */
export function symptoms(state: State): Mrkdwn | undefined {
  const parts = [labelled('Scenario', answer(state, 'scenario')), labelled('Symptoms', answer(state, 'symptoms'))];
  return parts.some((part) => part) ? joined(parts) : undefined;
}

/** Who is without what and since when: the answers of the request, then what was measured or is estimated. */
export function impact(state: State, now: number): Mrkdwn {
  return joined([
    sentence(answer(state, 'impact')),
    labelled('Scope', answer(state, 'scope')),
    labelled('Since', answer(state, 'impact_since')),
    affected(state, now),
  ]);
}

/** For how long production is, was, or will be without. */
export function affected(state: State, now: number): Mrkdwn {
  const ms = affectedMs(state, now);
  const since = affectedSince(state);
  if (since !== undefined && ms !== undefined) return md`${served(state)} stopped since ${dateTime(since)} (${watched(now - since)}).`;
  if (ms !== undefined) return md`${served(state)} was stopped for ${watched(ms)}.`;
  if (state.endedAt !== undefined || state.status === 'proving') return md`${served(state)} was not stopped by it.`;
  const before = affectedBefore(state);
  return before ? md`${served(state)} affected for about ${before}.` : md`How long production is affected has not been estimated.`;
}

const labelled = (label: string, text: Mrkdwn | undefined): Mrkdwn | undefined =>
  text ? md`${escaped(label)}: ${sentence(text) ?? text}` : undefined;

const sentence = (text: Mrkdwn | undefined): Mrkdwn | undefined => (text && !/[.!?…]$/.test(text) ? md`${text}.` : text);
