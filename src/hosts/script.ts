import { readFileSync } from 'node:fs';
import type { ReceiptOrder, Stage } from '../domain/host.ts';
import { quote, raw, type Sh, script, sh } from '../domain/sh.ts';

/** How the shells of a host are set up. */
export interface ShellSetup {
  /** Where receipts are kept on the host; `~/…` is the login user's home. Default `~/.rollback-bot`. */
  readonly storeDir?: string;
  /** The PATH that steps and readings get. */
  readonly stepPath?: string;
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const prelude = readFileSync(new URL('receipt.sh', import.meta.url), 'utf8').replace(/^ *#.*\n/gm, '');

/** All that a shell is fed before its first request. */
export function opening(mark: string, setup: ShellSetup): Sh {
  const dir = setup.storeDir ?? '~/.rollback-bot';
  const store = dir.startsWith('~/') ? sh`"$HOME"/${raw(quote(dir.slice(2)))}` : quote(dir);
  return sh`RB_MARK=${mark} RB_STORE=${raw(store)} RB_PATH=${setup.stepPath ?? defaultPath}\n${raw(prelude)}`;
}

/** What a step's receipt runs: its parts one after the other, each in a subshell, the first that fails ends it. */
export function jobText(order: ReceiptOrder): Sh {
  const parts: readonly (readonly [Stage, Sh | undefined])[] = [
    ['guard', order.guard],
    ['command', order.command],
    ['verify', order.verify],
  ];
  const runs = parts.map(([stage, text]) => (text === undefined ? undefined : sh`[ "$rb_code" != 0 ] || rb_stage ${stage} ${raw(quote(text))}`));
  return script(jobHead, ...runs, jobEnd);
}

// No `( … ) || …` around the text: a `set -e` in it would be ignored there. The stage is written over room that was
// made beforehand, so that a full disk cannot lose it.
const jobHead = sh`LC_ALL=C.UTF-8 rb_receipt=\${0%.job} rb_code=0
rb_stage() {
  rb_name=$1 rb_text=$2
  printf '%-8s' "$rb_name" 1<>"$rb_receipt.stage"
  (set --; eval "$rb_text")
  rb_code=$?
}`;
const jobEnd = sh`read -r rb_now rb_idle </proc/uptime
printf '%s %s %s .\\n' "$rb_name" "$rb_code" "\${rb_now%.*}\${rb_now#*.}" 1<>"$rb_receipt.stage"
exit "$rb_code"`;

/** `rb_step …`: starts the step or attaches to it. `resumed`: it may have been sent before, 1: by an earlier order, 2: by this one. */
export function stepRequest(order: ReceiptOrder, from: { offset: number; limitBytes: number; resumed: 0 | 1 | 2; breakClaim: boolean }): Sh {
  const flags = [from.resumed, from.offset, from.limitBytes];
  const seconds = Math.max(1, Math.ceil(order.timeoutMs / 1000));
  const who = [order.key, order.rollback, order.token, order.bootId, order.storeId];
  return sh`${who} ${flags} ${[seconds, order.maxOutputBytes, from.breakClaim ? 1 : 0]} ${jobText(order)}`;
}
