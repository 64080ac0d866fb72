import type { ContainerSeen, Reading } from '../domain/host.ts';
import type { AnyProofKind, Finding } from '../domain/proof.ts';
import type { Sh } from '../domain/sh.ts';
import type { Where } from '../domain/step.ts';
import type { ProofItem } from '../domain/system.ts';

type Kinds = Readonly<Record<string, AnyProofKind>>;

/** The read-only commands of a host's proof, in order, and whether its containers are needed too. */
export function proofProbes(items: readonly ProofItem[], kinds: Kinds, where: Where): { probes: readonly Sh[]; needsContainers: boolean } {
  return {
    probes: items.flatMap((item) => probesOf(item, kinds, where)),
    needsContainers: items.some((item) => kindOf(item, kinds).needsContainers === true),
  };
}

/** What the readings say of each line of proof. Pure; `readings` in the order of {@link proofProbes}. */
export function findingsOf(
  items: readonly ProofItem[],
  kinds: Kinds,
  where: Where,
  readings: readonly Reading[],
  containers?: readonly ContainerSeen[],
): Finding[] {
  let at = 0;
  return items.map((item) => {
    const kind = kindOf(item, kinds);
    const params = kind.schema.parse(item.params);
    const count = probesOf(item, kinds, where).length;
    at += count;
    const found = kind.judge(params, { readings: readings.slice(at - count, at), ...(containers === undefined ? {} : { containers }) }, where);
    const identifies = typeof kind.identifies === 'function' ? kind.identifies(params) : kind.identifies;
    return { what: labelOf(item), identifies, ...found };
  });
}

function probesOf(item: ProofItem, kinds: Kinds, where: Where): readonly Sh[] {
  const kind = kindOf(item, kinds);
  return kind.probes?.(kind.schema.parse(item.params), where) ?? [];
}

function kindOf(item: ProofItem, kinds: Kinds): AnyProofKind {
  const kind = kinds[item.kind];
  if (!kind) throw new Error(`there is no proof kind ${item.kind}`);
  return kind;
}

/** `tree code`, `package trade-agent-sac`: the kind and what it is about. */
function labelOf(item: ProofItem): string {
  const about = typeof item.params === 'object' && item.params !== null ? (item.params as Record<string, unknown>)[item.kind] : item.params;
  return typeof about === 'string' ? `${item.kind} ${about}` : item.kind;
}
