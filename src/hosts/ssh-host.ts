import type { ContainerSeen, Host, HostAddress, HostIdentity, ImageSeen, Reading, ReceiptAnswer, ReceiptOrder, StopAnswer } from '../domain/host.ts';
import { HostError } from '../domain/host.ts';
import { raw, type Sh, sh } from '../domain/sh.ts';
import { Connection, type ConnectionOptions } from './connection.ts';
import { Engine } from './docker.ts';
import { broken, lost, sshLine } from './errors.ts';
import { Follower } from './follow.ts';
import type { Frame } from './frames.ts';
import type { OnOutput } from './output.ts';
import type { ShellSetup } from './script.ts';
import { type Pipes, Shell, ShellEnded } from './shell.ts';
import { Shells } from './shells.ts';
import { parseStopped, type StopOrder } from './standing.ts';

/** How to reach hosts and how to work on them, for all hosts alike. */
export interface SshHostOptions extends ConnectionOptions, ShellSetup {
  /** From the login to a working shell: what the login user's ~/.bashrc may take. Default 15,000. */
  readonly shellTimeoutMs?: number;
  /** Default `/var/run/docker.sock`. */
  readonly dockerSocket?: string;
}

const answerTimeoutMs = 30_000;
const one = { out: 1, err: 0 };
const readingBytes = 256 * 1024;
const nameForm = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,119}$/;

/** A host over one ssh connection, which is made when first needed and mended when lost. */
export class SshHost implements Host {
  readonly address: HostAddress;
  readonly #connection: Connection;
  readonly #shells: Shells;
  readonly #engine: Engine;

  /** `jump`: the connection to the host that is gone over; it stays its owner's to close. */
  constructor(address: HostAddress, options: SshHostOptions, jump?: Connection) {
    this.address = address;
    this.#connection = new Connection(address, options, jump);
    this.#shells = new Shells(() => this.#openShell(options));
    this.#engine = new Engine(address, options.dockerSocket ?? '/var/run/docker.sock', (path) => this.#connection.forward(path));
  }

  async identity(): Promise<HostIdentity> {
    const [, , bootId, storeId] = (await this.#ask(call('rb_hello'), noArguments)).fields;
    if (!bootId || !storeId) throw this.#noStore();
    return { bootId, storeId, hostKey: this.#connection.hostKey };
  }

  async raiseFence(rollback: string, token: string): Promise<string> {
    checkNames({ rollback, token });
    const { fields } = await this.#ask(call('rb_fence_to'), sh`${[rollback, token]}`);
    if (fields[1] !== 'fence' || !fields[2]) throw this.#noStore();
    return fields[2];
  }

  async read(commands: readonly Sh[], timeoutMs = 30_000): Promise<Reading[]> {
    if (commands.length === 0) return [];
    const seconds = Math.max(1, Math.ceil(timeoutMs / 1000));
    const wants = { out: commands.length, err: commands.length + 1 };
    const allMs = commands.length * (seconds + 2) * 1000 + answerTimeoutMs;
    const answer = await this.#again(() => this.#lend((shell) => shell.request(call('rb_read'), sh`${[seconds, ...commands]}`, wants, allMs)));
    return answer.out.map((out, i) => ({ exitCode: Number(out.fields[2]), stdout: text(out), stderr: text(answer.err[i + 1]) }));
  }

  async run(order: ReceiptOrder, onOutput: OnOutput, signal: AbortSignal, beforeSending?: () => Promise<void>): Promise<ReceiptAnswer> {
    checkNames(order);
    return await new Follower(this.address, (use) => this.#lend(use), order, onOutput, signal, beforeSending).follow();
  }

  async stop(order: StopOrder): Promise<StopAnswer> {
    checkNames(order);
    const { key, rollback, token, bootId = '', storeId = '' } = order;
    const answer = parseStopped(this.address, await this.#ask(call('rb_stop'), sh`${[key, rollback, token, bootId, storeId]}`));
    if (answer === 'broken') throw this.#noStore();
    return answer;
  }

  async sweep(olderThanDays: number): Promise<number> {
    if (!Number.isInteger(olderThanDays) || olderThanDays < 1) throw new TypeError(`not a number of days: ${olderThanDays}`);
    const { fields } = await this.#ask(call('rb_sweep'), sh`${olderThanDays}`);
    return Number(fields[2] ?? 0);
  }

  containers(): Promise<ContainerSeen[]> {
    return this.#again(() => this.#engine.containers());
  }

  image(reference: string): Promise<ImageSeen | undefined> {
    return this.#again(() => this.#engine.image(reference));
  }

  /** Ends the connection. What runs on the host goes on. */
  async close(): Promise<void> {
    this.#shells.close();
    await this.#connection.close();
  }

  async #ask(name: Sh, args: Sh): Promise<Frame> {
    const answer = await this.#again(() => this.#lend((shell) => shell.request(name, args, one, answerTimeoutMs)));
    const frame = answer.out[0];
    if (!frame) throw new TypeError('an answer without a frame');
    return frame;
  }

  /** These questions change nothing by being asked twice: a connection that died while idle is not the asker's business. */
  async #again<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof HostError && error.code === 'connection-lost')) throw error;
      return await ask();
    }
  }

  async #lend<T>(use: (shell: Shell) => Promise<T>): Promise<T> {
    try {
      return await this.#shells.with(use);
    } catch (error) {
      if (!(error instanceof ShellEnded)) throw error;
      throw lost(this.address, error.said ? `${error.message} (it said: ${error.said})` : error.message, error);
    }
  }

  async #openShell(setup: SshHostOptions): Promise<Shell> {
    const channel = await this.#connection.shell();
    const pipes: Pipes = { stdin: channel, stdout: channel, stderr: channel.stderr, destroy: () => channel.close() };
    const shell = new Shell(pipes, setup);
    try {
      await shell.request(call('rb_hello'), noArguments, one, setup.shellTimeoutMs ?? 15_000);
      return shell;
    } catch (error) {
      shell.close();
      throw error instanceof ShellEnded && (error.said || error.late) ? this.#noShell(error) : error;
    }
  }

  #noShell(error: ShellEnded): HostError {
    const advice = `Try ${sshLine(this.address, "'exec /bin/sh'")} </dev/null: no forced command, and a ~/.bashrc that ends at once. Hosts need coreutils and Linux /proc.`;
    return broken(this.address, `no shell starts there: ${error.message}${error.said && `; it said: ${error.said}`}`, advice, error);
  }

  #noStore(): HostError {
    const advice = 'Make room on its disk, or name a directory that the login user may write as the store of receipts.';
    return broken(this.address, 'the store of receipts cannot be written', advice);
  }
}

const noArguments = sh``;
const call = (name: string): Sh => sh`${raw(name)}`;
const text = (frame: Frame | undefined): string => frame?.payload.subarray(0, readingBytes).toString('utf8') ?? '';

/** They become file names on the host, so what is refused here is a mistake of ours. */
function checkNames(names: { key?: string; rollback?: string; token?: string }): void {
  for (const name of [names.key, names.rollback]) {
    if (name !== undefined && !nameForm.test(name)) throw new TypeError(`not a name for a receipt or a rollback: ${name}`);
  }
  if (names.token !== undefined && !/^\d{12}$/.test(names.token)) throw new TypeError(`a token has 12 digits: ${names.token}`);
}
