import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach } from 'vitest';
import type { ReceiptOrder, StopAnswer } from '../../../src/domain/host.ts';
import { type Sh, sh } from '../../../src/domain/sh.ts';
import { parseStopped, type StopOrder } from '../../../src/hosts/standing.ts';
import { LocalHost, type LocalSh } from '../../helpers/local-shell.ts';

export const key = 'sac-1.4.prod-1';
const at = { name: 'here', address: 'localhost', port: 0, user: 'nobody' };

/** For each test a store of receipts of its own, and shells of one kind that work on it. `HOME` is the test's directory. */
export class LocalReceipts {
  readonly #local: LocalSh;
  readonly #open: LocalHost[] = [];
  dir = '';
  host!: LocalHost;
  identity = { bootId: '', storeId: '' };

  constructor(local: LocalSh) {
    this.#local = local;
    beforeEach(() => this.#begin());
    afterEach(() => this.#end());
  }

  async #begin(): Promise<void> {
    this.dir = mkdtempSync(join(tmpdir(), 'rollback-receipts-'));
    this.host = this.another();
    const [, bootId = '', storeId = ''] = await this.host.fields('rb_hello');
    this.identity = { bootId, storeId };
  }

  #end(): void {
    for (const one of this.#open.splice(0)) one.close();
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }

  /** Another worker's shells on the same store. */
  another(): LocalHost {
    const stepPath = this.#local.path(this.dir);
    const host = new LocalHost(this.#local, { storeDir: join(this.dir, '.rollback-bot'), ...(stepPath ? { stepPath } : {}) }, undefined, this.dir);
    this.#open.push(host);
    return host;
  }

  order(more: Partial<ReceiptOrder> = {}): ReceiptOrder {
    const who = { key, rollback: 'sac-1', token: '000000000005', ...this.identity, resumed: false };
    return { ...who, command: sh`true`, timeoutMs: 20_000, maxOutputBytes: 1_000_000, ...more };
  }

  /** As Host.stop, by another worker. */
  async stop(more: Partial<StopOrder> = {}): Promise<StopAnswer | 'broken'> {
    const { rollback, token, bootId, storeId, ...rest } = { rollback: 'sac-1', token: '000000000006', bootId: '', storeId: '', ...more };
    const [frame] = (await this.another().ask('rb_stop', rest.key ?? key, rollback, token, bootId, storeId)).out;
    if (!frame) throw new Error('no answer');
    return parseStopped(at, frame);
  }

  file = (name: string): string => join(this.dir, name);
  receipt = (name: string, of = key): string => join(this.dir, '.rollback-bot', 'steps', `${of}.${name}`);
  receipts = (): string[] => readdirSync(join(this.dir, '.rollback-bot', 'steps'));
  effect = (): Sh => sh`echo done >>${this.file('effects')}`;
  effects = (): number => (existsSync(this.file('effects')) ? readFileSync(this.file('effects'), 'utf8').trim().split('\n').length : 0);
}

/** A zombie does not live: in a container nobody may be there to bury it. */
export function lives(pid: number): boolean {
  try {
    return !/^[ZX]/.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, ''));
  } catch {
    return false;
  }
}
