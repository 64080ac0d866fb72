import { z } from 'zod';
import type { ProofKind } from '../domain/proof.ts';
import { type Sh, script, sh } from '../domain/sh.ts';
import { unitName } from '../steps/schema.ts';
import { answer, complaint } from '../steps/shell.ts';

interface Params {
  readonly unit: string;
}

/** The unit is active with a main process, and no process outside the unit has the same command line. Shows that it lives, not which release. */
export const unit: ProofKind<Params> = {
  key: 'unit',
  version: 1,
  about: 'A systemd unit is active, and exactly one instance of it runs.',
  identifies: false,
  schema: z.strictObject({ unit: unitName.describe('The systemd unit.') }),
  probes: (params) => [instances(params.unit)],
  judge(params, { readings: [reading] }) {
    const expected = 'active, 1 instance';
    const [active = '', count = '', restarts = ''] = answer(reading).split('\n');
    if (active === '') return { found: `${params.unit} cannot be read: ${complaint(reading)}`, expected, ok: false };
    const found = `${active}, ${count} ${count === '1' ? 'instance' : 'instances'}${restarts === '' ? '' : `, ${restarts} restarts`}`;
    const ok = active === 'active' && count === '1';
    return { found, expected, ok, ...(ok ? {} : { ill: `${params.unit} is ${found}` }) };
  },
};

/** Prints state, instances and restarts. An instance is the main process, and each process with its command line in another cgroup: started by hand. */
function instances(name: string): Sh {
  return script(
    sh`state=$(systemctl show -p ActiveState --value ${name}) || exit 1`,
    sh`pid=$(systemctl show -p MainPID --value ${name}); count=0`,
    sh`if [ "\${pid:-0}" != 0 ] && [ -r "/proc/$pid/cmdline" ]; then
  count=1
  for other in /proc/[0-9]*; do
    cmp -s "$other/cmdline" "/proc/$pid/cmdline" && ! cmp -s "$other/cgroup" "/proc/$pid/cgroup" && [ -s "$other/cgroup" ] && count=$((count + 1))
  done
fi`,
    sh`printf '%s\\n%s\\n%s\\n' "$state" "$count" "$(systemctl show -p NRestarts --value ${name})"`,
  );
}
