import { z } from 'zod';
import type { Reading } from '../domain/host.ts';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Planned, StepKind, Where } from '../domain/step.ts';
import { type Before, beforeOf } from './baseline.ts';
import { cpuPercent, httpStatus, memoryMib, metric, prometheus } from './readings.ts';
import { line, unitName, webAddress } from './schema.ts';
import { answer, asWritten, complaint, inDir, shellWork, withPython } from './shell.ts';

interface Limits {
  readonly name: string;
  readonly below?: number | undefined;
  readonly above?: number | undefined;
  readonly baseline?: number | undefined;
}

type Item = Limits &
  (
    | { readonly http: string }
    | { readonly unit: string; readonly of: 'cpu' | 'memory' }
    | { readonly metric: string; readonly at: string }
    | { readonly prometheus: string; readonly at: string }
    | { readonly run: string }
  );

const limits = {
  name: z
    .string()
    .regex(/^[A-Za-z0-9_.-]+$/, 'a measure is named with letters, digits and _ . -')
    .describe('The name under which the value is shown and signed.'),
  below: z.number().optional().describe('The value must be below this.'),
  above: z.number().optional().describe('The value must be above this.'),
  baseline: z
    .number()
    .positive()
    .optional()
    .describe(
      'A factor. The value is measured when planning too, and must then be at most factor times what it was; with `above`, and no `below`, at least factor times. Not measurable before: no such limit, and a warning.',
    ),
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
  z.strictObject({
    ...limits,
    prometheus: line.describe('A Prometheus query; with several series the first.'),
    at: webAddress.describe('The address of the Prometheus server, as the host reaches it: `http://prometheus:9090`.'),
  }),
  z.strictObject({
    ...limits,
    run: z.string().min(1).describe("A command in the role's directory that changes nothing; the value is its last line."),
  }),
]);

/** Measures values and judges them against their limits. All are measured before one that is wrong fails the step. Changes nothing. */
export const measure: StepKind<readonly Item[]> = {
  key: 'measure',
  version: 2,
  about:
    'Measures values (health, CPU, memory, metrics, Prometheus queries, commands) and judges them against limits, or against what they were before.',
  place: 'host',
  schema: z.array(item).min(1),
  probes: (params, where) => compared(params).map((one) => inDir(where, withPython(where.role), readOne(one, where), sh`printf '%s' "$value"`)),
  plan(params, facts, where): Planned {
    const befores = compared(params).map((one, i) => beforeOf(one, answer(facts[i])));
    const command = inDir(
      where,
      withPython(where.role),
      sh`wrong=0`,
      judge,
      ...params.map((one) => script(readOne(one, where), ...judgeOne(one, befores))),
      sh`[ "$wrong" = 0 ] || die "$wrong of the values are not right"`,
    );
    const was = befores.flatMap((before) => (before.value === undefined ? [] : [`${before.name} ${before.value} before`])).join(', ');
    return {
      work: shellWork(where, { command, from: was, to: was, atLeastMs: params.length * 15_000 }),
      warnings: befores.flatMap((before, i) => (before.value === undefined ? [notBefore(before, facts[i])] : [])),
    };
  },
  values(output) {
    const found = output.split('\n').flatMap((entry): [string, string][] => {
      const [, name, value] = /^measure (\S+) (.*\S)\s*$/.exec(entry) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    });
    return Object.fromEntries(found);
  },
};

/** The items that are measured when planning too. */
const compared = (params: readonly Item[]): Item[] => params.filter((one) => one.baseline !== undefined);

const notBefore = ({ name }: Before, reading: Reading | undefined): string =>
  `${name} could not be measured before (${reading?.exitCode === 0 && reading.stdout.trim() !== '' ? `${reading.stdout.trim().slice(0, 60)} is not a number` : complaint(reading)}): it has no limit from it`;

/** `judge NAME VALUE BELOW ABOVE ATMOST ATLEAST`; empty limits are none. Values reach awk by the environment: `-v` would read backslashes in them. */
const judge = sh`judge() {
  value=$(printf '%s' "$2" | tail -n 1 | tr -cd '[:print:]' | cut -c 1-200)
  [ -n "$value" ] || { echo "FAIL $1: no value"; wrong=$((wrong + 1)); return; }
  echo "measure $1 $value"
  said=$(VALUE=$value BELOW=$3 ABOVE=$4 MOST=$5 LEAST=$6 awk 'BEGIN {
    v = ENVIRON["VALUE"]; b = ENVIRON["BELOW"]; a = ENVIRON["ABOVE"]; m = ENVIRON["MOST"]; l = ENVIRON["LEAST"]
    if ((b a m l) != "" && v !~ /^[-+]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][-+]?[0-9]+)?$/) print "is not a number"
    else if (b != "" && v + 0 >= b + 0) print "is not below " b
    else if (a != "" && v + 0 <= a + 0) print "is not above " a
    else if (m != "" && v + 0 > m + 0) print "is more than " m ", the limit by what it was before"
    else if (l != "" && v + 0 < l + 0) print "is less than " l ", the limit by what it was before"
  }')
  [ -z "$said" ] || { echo "FAIL $1: $value $said"; wrong=$((wrong + 1)); }
}`;

function judgeOne(one: Item, befores: readonly Before[]): Sh[] {
  const before = befores.find(({ name }) => name === one.name);
  const judged = sh`judge ${one.name} "$value" ${one.below ?? ''} ${one.above ?? ''} ${before?.atMost ?? ''} ${before?.atLeast ?? ''}`;
  const must200 = 'http' in one && one.below === undefined && one.above === undefined;
  return must200 ? [judged, sh`case $value in ''|200) : ;; *) echo FAIL ${one.name}: "$value" 'is not 200'; wrong=$((wrong + 1)) ;; esac`] : [judged];
}

/** Sets `$value`; empty when it cannot be measured. */
function readOne(one: Item, where: Where): Sh {
  if ('http' in one) return httpStatus(one.http);
  if ('metric' in one) return metric(one.metric, one.at);
  if ('prometheus' in one) return prometheus(one.prometheus, one.at);
  if ('unit' in one) return one.of === 'cpu' ? cpuPercent(one.unit) : memoryMib(one.unit);
  return sh`value=$( (cd -- ${where.role.dir} && ${raw(asWritten(one.run))}) ) || { echo "$value"; value=; }`;
}
