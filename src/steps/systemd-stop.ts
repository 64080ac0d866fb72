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

const unit = unitName.describe('The systemd unit to stop.');

/** Stops a unit and proves that nothing of it runs. Undo starts it again if it ran when the plan was made, which a halt may have ended since, or when it was stopped. */
export const systemdStop: StepKind<Params> = {
  key: 'systemd.stop',
  version: 3,
  about: 'Stops a systemd unit.',
  place: 'host',
  schema: orShort('unit', unit, z.strictObject({ unit })),
  byHand: (params, where) => systemdByHand('stop', params.unit, where),
  probes: (params) => unitProbes(params.unit, 'stop'),
  plan(params, facts, where) {
    const seen = seeUnit(params.unit, 'stop', facts, where);
    const systemctl = raw(seen.systemctl);
    return {
      work: shellWork(where, {
        guard: sameUnit(params.unit, seen),
        command: script(
          die,
          makeKeep(where),
          keepUnit(params.unit),
          sh`${systemctl} stop ${params.unit} || die ${`cannot stop ${params.unit}`}`,
          sh`echo ${`stopped ${params.unit}`}`,
        ),
        verify: script(die, isStopped(params.unit)),
        restore: script(
          die,
          keepAt(where),
          sh`[ -e "$keep/was" ] || { echo 'nothing had been changed'; exit 0; }`,
          seen.state === 'active' ? undefined : sh`[ "$(cat -- "$keep/was")" = active ] || { echo ${`${params.unit} did not run before`}; exit 0; }`,
          sh`${systemctl} start ${params.unit} || die ${`cannot start ${params.unit}`}`,
          waitActive(params.unit, 30),
          sh`echo ${`started ${params.unit} again`}`,
        ),
        settles: true,
        from: seen.state,
        to: 'inactive',
        serving: 'stopped',
      }),
      problems: seen.problems,
    };
  },
};
