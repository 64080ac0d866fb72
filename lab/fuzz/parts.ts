import type { Part } from './part.ts';
import { buttons } from './parts/buttons.ts';
import { commands } from './parts/commands.ts';
import { files } from './parts/files.ts';
import { frames } from './parts/frames.ts';
import { masking } from './parts/masking.ts';
import { modals } from './parts/modals.ts';
import { readings } from './parts/readings.ts';
import { told } from './parts/told.ts';
import { versions } from './parts/versions.ts';

/** Parts that stay within this process, but for the system files, which are written to be read. */
export const pureParts: readonly Part[] = [commands, versions, buttons, modals, frames, masking, told, readings, files];
