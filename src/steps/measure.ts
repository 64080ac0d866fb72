import { z } from 'zod';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { StepKind, Where } from '../domain/step.ts';
import { curl } from './http.ts';
import { unitName, webAddress } from './schema.ts';
import { asWritten, inDir, shellWork, withPython } from './shell.ts';

interface Limits {
  readonly name: string;
  readonly below?: number | undefined;
  readonly above?: number | undefined;
}

type Item = Limits &
  (
    | { readonly http: string }
    | { readonly unit: string; readonly of: 'cpu' | 'memory' }
    | { readonly metric: string; readonly at: string }
    | { readonly run: string }
  );

const limits = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9_.-]+$/, 'a measure is named with letters, digits and _ . -')
    .describe('The name under which the value is shown and signed.'),
  below: z.number().optional().describe('The value must be below this.'),
  above: z.number().optional().describe('The value must be above this.'),
};

const item = z.union([
  z.strictObject({ ...limits, http: webAddress.describe('An address; the value is its status, which must be 200 where no limit is given.') }),
  z.strictObject({
    ...limits,
    unit: unitName.describe('A systemd unit.'),
    of: z.enum(['cpu', 'memory']).describe('cpu: percent of one processor over 2 seconds; memory: MiB.'),
  }),
  z.strictObject({
    ...limits,
    metric: z
      .string()
      .regex(/^[A-Za-z_:][A-Za-z0-9_:]*$/, 'a metric is named like sac_latency_p95_ms')
      .describe('A Prometheus metric; with several series the first.'),
    at: webAddress.describe('The address of the metrics text.'),
  }),
  z.strictObject({ ...limits, run: z.string().min(1).describe("A command in the role's directory; the value is its last line.") }),
]);

/** Measures values and judges them against their limits. All are measured before one that is wrong fails the step. Changes nothing. */
export const measure: StepKind<readonly Item[]> = {
  key: 'measure',
  version: 1,
  about: 'Measures values (health, CPU, memory, Prometheus metrics, commands) and judges them against limits.',
  place: 'host',
  schema: z.array(item).min(1),
  plan(params, _facts, where) {
    const command = inDir(
      where,
      withPython(where.role),
      sh`wrong=0`,
      judge,
      ...params.map((one) => measureOne(one, where)),
      sh`[ "$wrong" = 0 ] || die "$wrong of the values are not right"`,
    );
    return { work: shellWork(where, { command, from: '', to: '', atLeastMs: params.length * 15_000 }) };
  },
  values(output) {
    const found = output.split('\n').flatMap((entry): [string, string][] => {
      const [, name, value] = /^measure (\S+) (.*\S)\s*$/.exec(entry) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    });
    return Object.fromEntries(found);
  },
};

/** `judge NAME VALUE BELOW ABOVE`; empty limits are none. Values reach awk by the environment: `-v` would read backslashes in them. */
const judge = sh`judge() {
  value=$(printf '%s' "$2" | tail -n 1 | tr -cd '[:print:]' | cut -c 1-200)
  [ -n "$value" ] || { echo "FAIL $1: no value"; wrong=$((wrong + 1)); return; }
  echo "measure $1 $value"
  said=$(VALUE=$value BELOW=$3 ABOVE=$4 awk 'BEGIN {
    v = ENVIRON["VALUE"]; b = ENVIRON["BELOW"]; a = ENVIRON["ABOVE"]
    if ((b != "" || a != "") && v !~ /^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$/) print "is not a number"
    else if (b != "" && v + 0 >= b + 0) print "is not below " b
    else if (a != "" && v + 0 <= a + 0) print "is not above " a
  }')
  [ -z "$said" ] || { echo "FAIL $1: $value $said"; wrong=$((wrong + 1)); }
}`;

function measureOne(one: Item, where: Where): Sh {
  const judged = sh`judge ${one.name} "$value" ${one.below ?? ''} ${one.above ?? ''}`;
  if ('http' in one) return script(httpStatus(one.http), one.below === undefined && one.above === undefined ? mustBe200(one.name, judged) : judged);
  if ('metric' in one) return script(metric(one.metric, one.at), judged);
  if ('unit' in one) return script(one.of === 'cpu' ? cpuPercent(one.unit) : memoryMib(one.unit), judged);
  return script(sh`value=$( (cd -- ${where.role.dir} && ${raw(asWritten(one.run))}) ) || { echo "$value"; value=; }`, judged);
}

const httpStatus = (url: string): Sh => sh`value=$(${raw(curl(url, 10))} -o /dev/null -w '%{http_code}'); [ "$value" != 000 ] || value=`;
const mustBe200 = (name: string, judged: Sh): Sh =>
  script(judged, sh`case $value in ''|200) : ;; *) echo FAIL ${name}: "$value" 'is not 200'; wrong=$((wrong + 1)) ;; esac`);

function metric(name: string, url: string): Sh {
  const pick = `index($0, n) == 1 { rest = substr($0, length(n) + 1); if (rest !~ /^[ \\t{]/) next; sub(/^[{].*[}]/, "", rest); split(rest, word, " "); print word[1]; exit }`;
  return sh`value=$(${raw(curl(url, 10))} | awk -v n=${name} ${pick})`;
}

/** Nanoseconds of the unit's cgroup where systemd counts them, else the ticks of its main process. */
function cpuPercent(unit: string): Sh {
  return sh`spent() {
  used=$(systemctl show -p CPUUsageNSec --value ${unit})
  case $used in *[!0-9]*|'') ;; *) [ \${#used} -gt 18 ] || { echo "$used"; return; } ;; esac
  pid=$(systemctl show -p MainPID --value ${unit}); [ "\${pid:-0}" != 0 ] || return
  sed 's/.*)//' "/proc/$pid/stat" | awk -v hz="$(getconf CLK_TCK)" '{ printf "%.0f\\n", ($12 + $13) * 1000000000 / hz }'
}
from=$(spent); began=$(date +%s%N); sleep 2; to=$(spent); ended=$(date +%s%N); value=
[ -z "$from" ] || [ -z "$to" ] || value=$(awk -v used="$((to - from))" -v took="$((ended - began))" 'BEGIN { printf "%.1f", 100 * used / took }')`;
}

function memoryMib(unit: string): Sh {
  return sh`bytes=$(systemctl show -p MemoryCurrent --value ${unit}); value=
case $bytes in
  *[!0-9]*|'') bytes= ;;
  *) [ \${#bytes} -le 18 ] || bytes= ;;
esac
if [ -z "$bytes" ]; then
  pid=$(systemctl show -p MainPID --value ${unit})
  [ "\${pid:-0}" = 0 ] || bytes=$(awk '/^VmRSS:/ { printf "%.0f", $2 * 1024 }' "/proc/$pid/status")
fi
[ -z "$bytes" ] || value=$(awk -v bytes="$bytes" 'BEGIN { printf "%.1f", bytes / 1048576 }')`;
}
