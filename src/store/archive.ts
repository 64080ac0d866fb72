import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Event } from '../domain/event.ts';

/** Ended rollbacks as files: `<dir>/sac-42.jsonl`, an event a line, oldest first. They outlive what Redis keeps. */
export class Archive {
  readonly #dir: string;
  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Writes a rollback's whole log; what was written of it before is replaced at once. Answers the file. */
  async keep(id: string, events: readonly Event[]): Promise<string> {
    await mkdir(this.#dir, { recursive: true, mode: 0o750 });
    const file = join(this.#dir, `${id}.jsonl`);
    await writeFile(`${file}.new`, events.map((event) => `${JSON.stringify(event)}\n`).join(''), { mode: 0o640 });
    await rename(`${file}.new`, file);
    return file;
  }
}
