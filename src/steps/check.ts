import { z } from 'zod';
import { raw, script, sh } from '../domain/sh.ts';
import type { Planned, StepKind } from '../domain/step.ts';
import { checks } from './checks.ts';
import { complaint, inDir, problem, shellWork } from './shell.ts';

const names = ['state', 'backups', 'release', 'dependencies', 'disk', 'tools', 'access'] as const;
const one = z
  .enum(names)
  .describe(
    'state: directory, clone, services. backups: manifest and checksums. release: the target is there or can be fetched. dependencies: pip check. disk: free space. tools: programs the steps need. access: rights.',
  );

/** Looks, before anything is changed, for what would stop the rollback; again when its step comes. Reads only. */
export const check: StepKind<readonly (typeof names)[number][]> = {
  key: 'check',
  version: 1,
  about: 'Read-only checks of a host: what would stop the rollback is found before anything is changed.',
  place: 'hosts',
  schema: z.array(one).min(1),
  probes: (params, where) => params.map((name) => script(findings, checks[name](where))),
  plan(params, facts, where): Planned {
    const said = params.map((name, i) => {
      const reading = facts[i];
      return reading?.exitCode === 0
        ? parseFindings(reading.stdout)
        : [{ level: 'FAIL', what: `${name}: ${complaint(reading)}`, advice: 'look at the host' }];
    });
    const command = inDir(
      where,
      findings,
      sh`said=$(\n${raw(script(...params.map((name) => sh`(\n${raw(checks[name](where))}\n) || fail ${name} 'the check itself failed' 'look at the host'`)))}\n)`,
      sh`printf '%s\\n' "$said"`,
      sh`! printf '%s\\n' "$said" | grep -q '^FAIL ' || die 'not everything is as it must be'`,
    );
    return {
      work: shellWork(where, { command, from: '', to: '', atLeastMs: 60_000 }),
      problems: said.flat().flatMap((finding) => (finding.level === 'FAIL' ? [problem(finding.what, finding.advice)] : [])),
      warnings: said.flat().flatMap((finding) => (finding.level === 'warn' ? [`${where.host.name}: ${finding.what}`] : [])),
    };
  },
};

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
