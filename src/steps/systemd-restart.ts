import { z } from 'zod';
import { raw, script, sh } from '../domain/sh.ts';
import type { StepKind } from '../domain/step.ts';
import { systemdByHand } from './by-hand.ts';
import { orShort, unitName } from './schema.ts';
import { die, shellWork } from './shell.ts';
import { sameUnit, seeUnit, unitProbes, waitActive } from './systemd.ts';

interface Params {
  readonly unit: string;
}

const unit = unitName.describe('The systemd unit to restart.');

/** Restarts a unit and waits until it is active. */
export const systemdRestart: StepKind<Params> = {
  key: 'systemd.restart',
  version: 2,
  about: 'Restarts a systemd unit and waits until it is active.',
  place: 'host',
  schema: orShort('unit', unit, z.strictObject({ unit })),
  byHand: (params, where) => systemdByHand('restart', params.unit, where),
  probes: (params) => unitProbes(params.unit, 'restart'),
  plan(params, facts, where) {
    const seen = seeUnit(params.unit, 'restart', facts, where);
    return {
      work: shellWork(where, {
        guard: sameUnit(params.unit, seen),
        command: script(
          die,
          sh`${raw(seen.systemctl)} restart ${params.unit} || die ${`cannot restart ${params.unit}`}`,
          waitActive(params.unit, 30),
          sh`echo ${`restarted ${params.unit}`}`,
        ),
        verify: script(die, sh`systemctl is-active --quiet ${params.unit} || die ${`${params.unit} is not active`}`),
        from: seen.state,
        to: 'active, restarted',
        serving: 'running',
        cannotUndo: `the restart of ${params.unit} and the moment it was away`,
      }),
      problems: seen.problems,
    };
  },
};
