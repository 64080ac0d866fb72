import { z } from 'zod';
import { script, sh } from '../domain/sh.ts';
import type { StepKind } from '../domain/step.ts';
import { systemdByHand } from './by-hand.ts';
import { orShort, unitName } from './schema.ts';
import { die, shellWork } from './shell.ts';

interface Params {
  readonly unit: string;
}

const unit = unitName.describe('The systemd unit that must be active.');

/** Shows a unit's status; fails when it is not active. Changes nothing. */
export const systemdStatus: StepKind<Params> = {
  key: 'systemd.status',
  version: 1,
  about: "Shows a systemd unit's status and fails when it is not active.",
  place: 'host',
  schema: orShort('unit', unit, z.strictObject({ unit })),
  byHand: (params, where) => systemdByHand('status', params.unit, where),
  plan: (params, _facts, where) => ({
    work: shellWork(where, {
      command: script(
        die,
        sh`systemctl status --no-pager --lines=10 ${params.unit}`,
        sh`systemctl is-active --quiet ${params.unit} || die ${`${params.unit} is not active`}`,
      ),
      from: '',
      to: '',
    }),
  }),
};
