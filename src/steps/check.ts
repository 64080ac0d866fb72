import { z } from 'zod';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Planned, StepKind, Where } from '../domain/step.ts';
import { checkByHand } from './by-hand.ts';
import { answers } from './check-outside.ts';
import { type CheckName, checks } from './checks.ts';
import { webAddress } from './schema.ts';
import { complaint, inDir, problem, shellWork } from './shell.ts';

type Item = CheckName | { readonly api: string } | { readonly monitoring: string };

const names = ['state', 'backups', 'release', 'dependencies', 'disk', 'tools', 'access', 'variables', 'monitoring'] as const;
const one = z.union([
  z
    .enum(names)
    .describe(
      'state: directory, clone, services, engine. backups: manifest and checksums. release: the target is there or can be fetched. dependencies: pip check, and files that name them. disk: free space, and what could be freed. tools: programs the steps need. access: rights, origin, backups. variables: the env file has every name of the release. monitoring: what measures read answers.',
    ),
  z.strictObject({ api: webAddress.describe('An address that the system needs; the card says when it does not answer.') }),
  z.strictObject({ monitoring: webAddress.describe('An address of the monitoring that must answer.') }),
]);

/** Looks, before anything is changed, for what would stop the rollback; again when its step comes. Reads only. */
export const check: StepKind<readonly Item[]> = {
  key: 'check',
  version: 2,
  about: 'Read-only checks of a host: what would stop the rollback is found before anything is changed.',
  place: 'hosts',
  schema: z.array(one).min(1),
  byHand: (params, where) =>
    checkByHand(
      params.map((item) => (typeof item === 'string' ? item : Object.values(item).join())),
      where,
    ),
  probes: (params, where) => params.map((item) => script(findings, textOf(item, where))),
  plan(params, facts, where): Planned {
    const said = params.map((item, i) => {
      const reading = facts[i];
      return reading?.exitCode === 0
        ? parseFindings(reading.stdout)
        : [{ level: 'FAIL', what: `${nameOf(item)}: ${complaint(reading)}`, advice: 'look at the host' }];
    });
    const command = inDir(
      where,
      findings,
      sh`said=$(\n${raw(script(...params.map((item) => sh`(\n${raw(textOf(item, where))}\n) || fail ${nameOf(item)} 'the check itself failed' 'look at the host'`)))}\n)`,
      sh`printf '%s\\n' "$said"`,
      sh`! printf '%s\\n' "$said" | grep -q '^FAIL ' || die 'not everything is as it must be'`,
    );
    return {
      work: shellWork(where, { command, from: '', to: '', atLeastMs: 60_000 }),
      problems: said.flat().flatMap((finding) => (finding.level === 'FAIL' ? [problem(finding.what, finding.advice)] : [])),
      warnings: said.flat().flatMap((finding) => (finding.level === 'warn' ? [finding.what] : [])),
    };
  },
};

const nameOf = (item: Item): string => (typeof item === 'string' ? item : Object.keys(item).join());

function textOf(item: Item, where: Where): Sh {
  if (typeof item === 'string') return checks[item](where);
  return 'api' in item ? answers('api', item.api, 'warn') : answers('monitoring', item.monitoring, 'fail');
}

/** `ok|warn NAME WHAT` and `fail NAME WHAT ADVICE` print one finding a line. */
const findings = sh`ok() { printf 'ok %s: %s\\n' "$1" "$2"; }
warn() { printf 'warn %s: %s\\n' "$1" "$2"; }
fail() { printf 'FAIL %s: %s -- %s\\n' "$1" "$2" "$3"; }`;

function parseFindings(text: string): { level: string; what: string; advice: string }[] {
  return text.split('\n').flatMap((entry) => {
    const [, level, what, advice] = /^(ok|warn|FAIL) (.*?)(?: -- (.*))?$/.exec(entry) ?? [];
    return level === undefined || what === undefined ? [] : [{ level, what, advice: advice ?? '' }];
  });
}
