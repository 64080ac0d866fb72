import type { Reading } from '../domain/host.ts';
import { raw, type Sh, script, sh } from '../domain/sh.ts';
import type { Problem, Where } from '../domain/step.ts';
import { answer, asRoot, die, problem } from './shell.ts';

/** `from → to` in two words: a unit that fails and is started again all the time is `active` for the plan, or each look would be drift. */
export type UnitState = 'active' | 'inactive';

/** What the probes of a unit tell. */
export interface UnitSeen {
  readonly loaded: boolean;
  readonly state: UnitState;
  readonly file: string;
  /** How systemctl is called to change something. */
  readonly systemctl: Sh;
  readonly problems: readonly Problem[];
}

/** Reads the unit, who we are, and whether sudo would allow the verb without a password. */
export function unitProbes(unit: string, verb: 'stop' | 'start' | 'restart'): Sh[] {
  return [
    sh`systemctl show -p LoadState -p ActiveState -p FragmentPath ${unit}`,
    sh`id -u`,
    sh`[ "$(id -u)" = 0 ] || sudo -n -l systemctl ${verb} ${unit}`,
  ];
}

/** The probes' answers, with what stands in the way. */
export function seeUnit(unit: string, verb: string, [show, uid, allowed]: readonly (Reading | undefined)[], where: Where): UnitSeen {
  const values = new Map(
    answer(show)
      .split('\n')
      .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
  const loaded = values.get('LoadState') === 'loaded';
  return {
    loaded,
    state: ['active', 'activating', 'reloading'].includes(values.get('ActiveState') ?? '') ? 'active' : 'inactive',
    file: values.get('FragmentPath') ?? '',
    systemctl: sh`${raw(asRoot(answer(uid)))}systemctl`,
    problems: [
      ...(loaded ? [] : [problem(`there is no unit ${unit}`, 'install the unit, or mend its name in the system file')]),
      ...(allowed?.exitCode === 0
        ? []
        : [
            problem(
              `${where.host.user} may not ${verb} ${unit}`,
              `add to sudoers: ${where.host.user} ALL=(root) NOPASSWD: /usr/bin/systemctl ${verb} ${unit}`,
            ),
          ]),
    ],
  };
}

/** The guard: the unit is loaded from the same file. Whether it runs at this moment is not part of it. */
export function sameUnit(unit: string, seen: UnitSeen): Sh {
  return script(
    die,
    sh`state=$(systemctl show -p LoadState --value ${unit}) || die 'systemctl does not answer: is the host going down?'`,
    sh`[ "$state" = loaded ] || die ${`there is no unit ${unit}`}`,
    sh`[ "$(systemctl show -p FragmentPath --value ${unit})" = ${seen.file} ] || die ${`${unit} comes from another file since the plan was made`}`,
  );
}

/** Remembers whether the unit ran before the step, once. */
export function keepUnit(unit: string): Sh {
  return script(
    sh`if [ ! -e "$keep/was" ]; then`,
    sh`  case $(systemctl show -p ActiveState --value ${unit}) in active|activating|reloading) was=active ;; *) was=inactive ;; esac`,
    sh`  echo "$was" > "$keep/was" || die "cannot write to $keep"`,
    sh`fi`,
  );
}

/** Waits until the unit runs, or stops for good; then says which in systemctl's words. */
export function waitActive(unit: string, seconds: number): Sh {
  return script(
    sh`end=$(($(date +%s) + ${seconds}))`,
    sh`until systemctl is-active --quiet ${unit}; do
  case $(systemctl show -p ActiveState --value ${unit}) in failed|inactive) break ;; esac
  [ "$(date +%s)" -lt "$end" ] || break
  sleep 0.2
done`,
    sh`systemctl is-active --quiet ${unit} || { systemctl status --no-pager --lines=20 ${unit}; die ${`${unit} is not active`}; }`,
  );
}

/** Proves that nothing of the unit runs. `failed` is stopped too: many services end badly on TERM. */
export function isStopped(unit: string): Sh {
  return script(
    sh`case $(systemctl show -p ActiveState --value ${unit}) in inactive|failed) : ;; *) die ${`${unit} still runs`} ;; esac`,
    sh`[ "$(systemctl show -p MainPID --value ${unit})" = 0 ] || die ${`${unit} still has a main process`}`,
  );
}
