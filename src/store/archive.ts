import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The archive of this DATA_DIR. */
export const archiveIn = (dataDir: string): Archive => new Archive(join(dataDir, 'ended'));

/**
 * What has ended, as files that outlive what Redis keeps. `<dir>/sac-42.jsonl`: an event a line, oldest first, byte for byte as it was sealed;
 * `sac-42.plans.jsonl`: its plans, with every command; `journal-1-500.jsonl`: what was cut off the front of the journal.
 */
export class Archive {
  readonly #dir: string;
  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Writes a rollback's whole log and its plans; what was written of it before is replaced at once. Answers the log's file. */
  async keep(id: string, texts: readonly string[], plans: readonly string[]): Promise<string> {
    await this.#write(`${id}.plans.jsonl`, plans);
    return this.#write(`${id}.jsonl`, texts);
  }

  /** A rollback's log, an event each; undefined where there is no file of it. */
  async log(id: string): Promise<string[] | undefined> {
    return this.#lines(`${id}.jsonl`);
  }

  /** A rollback's plans as JSON; none where there is no file of them. */
  async plans(id: string): Promise<string[]> {
    return (await this.#lines(`${id}.plans.jsonl`)) ?? [];
  }

  /** Keeps entries of the journal, of which `first` is the number of the first. */
  async keepJournal(first: number, texts: readonly string[]): Promise<string> {
    return this.#write(`journal-${first}-${first + texts.length - 1}.jsonl`, texts);
  }

  /** The journal's entries from its first on, as far as files have them without a gap. */
  async journal(): Promise<string[]> {
    const names = await readdir(this.#dir).catch(() => []);
    const files = names.flatMap((name) => {
      const [, first] = /^journal-(\d+)-\d+\.jsonl$/.exec(name) ?? [];
      return first === undefined ? [] : [{ name, first: Number(first) }];
    });
    const texts: string[] = [];
    for (const { name, first } of files.sort((a, b) => a.first - b.first)) {
      if (first > texts.length + 1) break;
      texts.push(...((await this.#lines(name)) ?? []).slice(texts.length + 1 - first)); // two workers may have cut at once
    }
    return texts;
  }

  async #write(name: string, lines: readonly string[]): Promise<string> {
    await mkdir(this.#dir, { recursive: true, mode: 0o750 });
    const file = join(this.#dir, name);
    const made = `${file}.${randomUUID()}.new`;
    await writeFile(made, lines.map((line) => `${line}\n`).join(''), { mode: 0o640, flush: true });
    await rename(made, file);
    return file;
  }

  async #lines(name: string): Promise<string[] | undefined> {
    try {
      return (await readFile(join(this.#dir, name), 'utf8')).split('\n').filter((line) => line !== '');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }
}
