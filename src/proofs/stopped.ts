import { z } from 'zod';
import type { ProofKind } from '../domain/proof.ts';
import { type Sh, script, sh } from '../domain/sh.ts';
import { unitName } from '../steps/schema.ts';
import { answer, complaint } from '../steps/shell.ts';

interface Params {
  readonly stopped: string;
}

/** A unit is inactive, and no process of it runs: neither left in its control group, nor started by hand with its command line. */
export const stopped: ProofKind<Params> = {
  key: 'stopped',
  version: 1,
  about: 'A systemd unit is inactive and nothing of it runs.',
  identifies: true,
  schema: z.strictObject({ stopped: unitName.describe('The systemd unit.') }),
  probes: (params) => [processes(params.stopped)],
  judge(params, { readings: [reading] }) {
    const expected = 'inactive, no process';
    const [load = '', active = '', count = ''] = answer(reading).split('\n');
    if (!/^\d+$/.test(count)) return { found: `${params.stopped} cannot be read: ${complaint(reading)}`, expected, ok: false };
    if (load === 'not-found' && count === '0') return { found: 'no such unit, no process', expected, ok: true };
    const state = active === 'failed' ? 'inactive' : active; // many services end badly on TERM: what failed does not run
    const found = `${state}, ${count === '0' ? 'no process' : `${count} ${count === '1' ? 'process' : 'processes'}`}`;
    const ok = found === expected;
    return { found, expected, ok, ...(ok ? {} : { ill: `${params.stopped} is ${found}` }) };
  },
};

/** Prints load state, state, and how many processes are in the unit's control group or have the command line of its ExecStart. */
function processes(name: string): Sh {
  return script(
    sh`systemctl show -p LoadState --value ${name} && systemctl show -p ActiveState --value ${name} || exit 1`,
    sh`unit=$(systemctl show -p Id --value ${name}); count=0`,
    sh`line=$(systemctl show -p ExecStart --value ${name} | sed -n '1s/.* argv\\[\\]=\\(.*\\) ; ignore_errors=.*/\\1/p')`,
    sh`for one in /proc/[0-9]*; do
  groups=$(cat "$one/cgroup" 2>/dev/null) || continue
  case $groups/ in */"$unit"/* | */"$unit
"*) count=$((count + 1)); continue ;; esac
  [ -n "$line" ] && [ "$(tr '\\0' ' ' 2>/dev/null < "$one/cmdline")" = "$line " ] && count=$((count + 1))
done`,
    sh`echo "$count"`,
  );
}
