import type { Part } from './part.ts';
import { buttons } from './parts/buttons.ts';
import { commands } from './parts/commands.ts';
import { files } from './parts/files.ts';
import { frames } from './parts/frames.ts';
import { realGit } from './parts/git.ts';
import { masking } from './parts/masking.ts';
import { modals } from './parts/modals.ts';
import { readings } from './parts/readings.ts';
import { removal } from './parts/removal.ts';
import { shell } from './parts/shell.ts';
import { steps } from './parts/steps.ts';
import { told } from './parts/told.ts';
import { versions } from './parts/versions.ts';
import { workspace } from './parts/workspace.ts';

/** Parts that stay within this process, but for the system files, which are written to be read. */
export const pureParts: readonly Part[] = [commands, versions, buttons, modals, frames, masking, told, readings, files];

/** The sample that goes through real sh, real git, real files and a workspace. */
export const realParts: readonly Part[] = [shell, steps, removal, realGit, workspace];
