import { z } from 'zod';
import { raw, script, sh } from '../domain/sh.ts';
import type { StepKind } from '../domain/step.ts';
import { systemdByHand } from './by-hand.ts';
import { orShort, unitName } from './schema.ts';
import { die, keepAt, makeKeep, shellWork } from './shell.ts';
import { isStopped, keepUnit, sameUnit, seeUnit, unitProbes, waitActive } from './systemd.ts';

interface Params {
  readonly unit: string;
}

const unit = unitName.describe('The systemd unit to start.');

/** Starts a unit and waits until it is active. Undo stops it again if it did not run. */
export const systemdStart: StepKind<Params> = {
  key: 'systemd.start',
  version: 2,
  about: 'Starts a systemd unit and waits until it is active.',
  place: 'host',
  schema: orShort('unit', unit, z.strictObject({ unit })),
  byHand: (params, where) => systemdByHand('start', params.unit, where),
  probes: (params) => unitProbes(params.unit, 'start'),
  plan(params, facts, where) {
    const seen = seeUnit(params.unit, 'start', facts, where);
    const systemctl = raw(seen.systemctl);
    return {
      work: shellWork(where, {
        guard: sameUnit(params.unit, seen),
        command: script(
          die,
          makeKeep(where),
          keepUnit(params.unit),
          sh`${systemctl} start ${params.unit} || die ${`cannot start ${params.unit}`}`,
          waitActive(params.unit, 30),
          sh`echo ${`started ${params.unit}`}`,
        ),
        verify: script(die, sh`systemctl is-active --quiet ${params.unit} || die ${`${params.unit} is not active`}`),
        restore: script(
          die,
          keepAt(where),
          sh`[ "$(cat -- "$keep/was" 2>/dev/null)" = inactive ] || { echo ${`${params.unit} ran before`}; exit 0; }`,
          sh`${systemctl} stop ${params.unit} || die ${`cannot stop ${params.unit}`}`,
          isStopped(params.unit),
          sh`echo ${`stopped ${params.unit} again`}`,
        ),
        settles: true,
        from: seen.state,
        to: 'active',
        serving: 'running',
      }),
      problems: seen.problems,
    };
  },
};
