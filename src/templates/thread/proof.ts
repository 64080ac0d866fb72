import type { Message } from '../../domain/message.ts';
import type { OutlineHost } from '../../domain/plan.ts';
import type { Finding, Verdict } from '../../domain/proof.ts';
import type { State } from '../../domain/state.ts';
import { cut } from '../cut.ts';
import { bold, escaped, type Mrkdwn, md } from '../escape.ts';
import { isMidway } from '../hosts.ts';
import { own } from '../own.ts';
import { provenText } from '../results.ts';
import type { MessagesView } from '../view.ts';
import { inThread } from './message.ts';

/** What was found on each host, and what that makes of it: old, new or unknown. Kept true while hosts are proven. */
export function proof(view: MessagesView): Message {
  const { state } = view;
  const hosts = state.outline?.hosts ?? [];
  const lines = [bold(md`Proof: ${escaped(provenText(state))}`), ...hosts.flatMap((host) => ofHost(state, host))];
  return inThread(view, 'proof', { lines }, { live: true });
}

/** Whether there is a proof to tell of. Once told it stays, also when hosts are to be proven again. */
export const hasProof = (state: State): boolean =>
  state.status === 'proving' || (Object.keys(state.proofs).length > 0 && !isMidway(state)) || state.messages.proof !== undefined;

function ofHost(state: State, host: OutlineHost): Mrkdwn[] {
  const found = own(state.proofs, host.name);
  if (!found) return [md`${bold(escaped(host.name))}: to be proven`];
  const trouble = found.trouble === undefined ? [] : [md`  ${cut(escaped(found.trouble), 500)}`];
  return [md`${bold(escaped(host.name))}: ${verdictText(state, found.verdict)}`, ...trouble, ...found.findings.map(findingLine)];
}

/** `new`, `old` or `unknown`; an undo's hosts are as they were before what it undoes, or not. */
function verdictText({ undoes }: State, verdict: Verdict): Mrkdwn {
  return undoes && verdict === 'new' ? md`as recorded before ${escaped(undoes.rollback)}` : (verdict as Mrkdwn);
}

function findingLine({ ok, what, found, expected, ill }: Finding): Mrkdwn {
  const value = md`${cut(escaped(found), 300)}${ill ? md` (${cut(escaped(ill), 300)})` : md``}`;
  return ok ? md`  ✓ ${escaped(what)}: ${value}` : md`  ✗ ${escaped(what)}: ${value}, expected ${cut(escaped(expected), 300)}`;
}
