import type { AnyStepKind } from '../domain/step.ts';
import { announce } from './announce.ts';
import { backupRestore } from './backup-restore.ts';
import { check } from './check.ts';
import { collect } from './collect.ts';
import { composeBuild } from './compose-build.ts';
import { composeDown } from './compose-down.ts';
import { composeUp } from './compose-up.ts';
import { containerRun } from './container-run.ts';
import { containersStop } from './containers-stop.ts';
import { gitCheckout } from './git-checkout.ts';
import { gitFetch } from './git-fetch.ts';
import { gitRestore } from './git-restore.ts';
import { http } from './http.ts';
import { log } from './log.ts';
import { measure } from './measure.ts';
import { pipInstall } from './pip-install.ts';
import { pipRemove } from './pip-remove.ts';
import { pipReplace } from './pip-replace.ts';
import { pipelineRun } from './pipeline-run.ts';
import { remove } from './remove.ts';
import { run } from './run.ts';
import { sign } from './sign.ts';
import { systemdRestart } from './systemd-restart.ts';
import { systemdStart } from './systemd-start.ts';
import { systemdStatus } from './systemd-status.ts';
import { systemdStop } from './systemd-stop.ts';
import { watch } from './watch.ts';

const all: readonly AnyStepKind[] = [
  announce,
  backupRestore,
  check,
  collect,
  composeBuild,
  composeDown,
  composeUp,
  containerRun,
  containersStop,
  gitCheckout,
  gitFetch,
  gitRestore,
  http,
  log,
  measure,
  pipInstall,
  pipRemove,
  pipReplace,
  pipelineRun,
  remove,
  run,
  sign,
  systemdRestart,
  systemdStart,
  systemdStatus,
  systemdStop,
  watch,
];

/** Every kind of step, by its key in the YAML. */
export const stepKinds: Readonly<Record<string, AnyStepKind>> = Object.fromEntries(all.map((kind) => [kind.key, kind]));
