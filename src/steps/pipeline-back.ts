import type { Release } from '../domain/release.ts';
import type { PipelineOrder, PipelineWork, Where } from '../domain/step.ts';

/**
 * The same order for the release that ran before. Params come filled in, so each text in which the target is named (its tag, version, package version or
 * commit, as a whole word) names the other release there. An order that does not change by that cannot go back: it never said what to deploy.
 */
export function backOf(order: PipelineOrder, { from, target, cannotUndo }: Where): Pick<PipelineWork, 'back' | 'cannotUndo'> {
  if (cannotUndo !== undefined) return { cannotUndo };
  if (from === undefined) return { cannotUndo: 'the pipeline can only deploy a release, and what ran before is not known' };
  if (from.tag === undefined) return { cannotUndo: 'the pipeline can only deploy tags: what ran before has none' };
  const { back, lacks } = renamed(order, counterparts(target, from));
  if (lacks) return { cannotUndo: `the pipeline is given a name of ${target.version} of a kind that ${from.version} has not` };
  if (from.commit !== target.commit && JSON.stringify(back) === JSON.stringify(order))
    return { cannotUndo: 'the pipeline is not told which release to deploy, so it cannot be told the one before' };
  return { back };
}

/** The target's names and what they become, longest first, so that `v0.1.0` is not taken for `0.1.0`. */
function counterparts(target: Release, from: Release): ReadonlyMap<string, string | undefined> {
  const pairs = [
    [target.packageVersion, from.packageVersion],
    [target.commit, from.commit],
    [target.version, from.version],
    [target.tag, from.tag],
  ] as const;
  const known = pairs.flatMap(([name, other]): [string, string | undefined][] => (name === undefined ? [] : [[name, other]]));
  return new Map(known.sort(([a], [b]) => b.length - a.length));
}

/** The order with every name replaced; `lacks` when one of them has no counterpart. */
function renamed(order: PipelineOrder, names: ReadonlyMap<string, string | undefined>): { back: PipelineOrder; lacks: boolean } {
  const whole = [...names.keys()].map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|');
  const pattern = new RegExp(`(?<![A-Za-z0-9.])(?:${whole})(?![A-Za-z0-9]|\\.[A-Za-z0-9])`, 'g');
  let lacks = false;
  const rename = (text: string): string =>
    text.replaceAll(pattern, (name) => {
      const other = names.get(name);
      lacks ||= other === undefined;
      return other ?? name;
    });
  const all = (texts: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, rename(text)]));
  const back =
    order.via === 'github'
      ? { ...order, ref: rename(order.ref), inputs: all(order.inputs) }
      : { ...order, url: rename(order.url), body: all(order.body) };
  return { back, lacks };
}
