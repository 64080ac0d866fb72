import { nearest } from '../domain/nearest.ts';
import { type Refusal, refuse } from '../domain/refusal.ts';
import { NORMAL, RECORD, targetOf } from '../domain/runbook.ts';
import type { System } from '../domain/system.ts';

/** What was typed after the system's name, told apart. Without a version it is the variant that says which. */
export interface TypedWish {
  readonly version?: string;
  readonly variant: string;
  readonly symptoms: string;
}

/** Every variant that can be asked for by name. */
export const variantNames = (system: System): string[] => [NORMAL, ...Object.keys(system.variants), RECORD];

/** A version begins like one; a word that does is never taken for the first symptom. */
const likeVersion = /^v?\d|^[0-9a-f]{7,40}$/i;

/** `v0.1.0 production-first orders rejected`, `production-first v0.1.0 …`, `emergency`, `remove …`: in either order. */
export function wishOf(system: System, words: readonly string[]): TypedWish | Refusal {
  const names = variantNames(system);
  const [first = '', second = '', ...rest] = words;
  if (names.includes(first)) return byVariant(system, first, words.slice(1));
  if (names.includes(second)) return { version: first, variant: second, symptoms: rest.join(' ') };
  const near = likeVersion.test(first) ? [] : nearest(first, names);
  if (near.length > 0)
    return refuse('variant-unknown', `${system.title} has no variant “${first.slice(0, 60)}”.`, `Did you mean ${near.join(' or ')}?`);
  return first === ''
    ? refuse('malformed', 'To which version?', `Type /rollback versions ${system.name} to see those there are.`)
    : { version: first, variant: NORMAL, symptoms: words.slice(1).join(' ') };
}

function byVariant(system: System, variant: string, rest: readonly string[]): TypedWish | Refusal {
  const target = targetOf(system, variant);
  const [next = ''] = rest;
  if (target === 'asked' && next === '')
    return refuse('malformed', `To which version? ${variant} needs one.`, `Type /rollback ${system.name} <version> ${variant}.`);
  const hasVersion = target === 'asked' || (target === 'last-proven' && likeVersion.test(next));
  return hasVersion ? { version: next, variant, symptoms: rest.slice(1).join(' ') } : { variant, symptoms: rest.join(' ') };
}
