import { spawn } from 'node:child_process';

/** How a command ended. `exitCode` is 124 when it was stopped after its time limit, 127 when there is no such program. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  /** Sent to its standard input, which is empty otherwise. */
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a program and answers how it ended. Never rejects for the program's own failure. */
export function command(program: string, args: readonly string[], options: CommandOptions = {}): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'pipe', env: options.env ?? process.env });
    const out = { stdout: '', stderr: '' };
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, options.timeoutMs ?? 600_000);
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (out.stderr += text));
    child.stdin.on('error', () => undefined).end(options.input ?? '');
    const end = (exitCode: number) => {
      clearTimeout(timer);
      resolve({ exitCode: late ? 124 : exitCode, ...out });
    };
    child.on('error', (error) => {
      out.stderr += error.message;
      end(127);
    });
    child.on('close', (code) => end(code ?? 1));
  });
}

/** Runs a program that must succeed and answers its output without the last line end. Rejects with what it wrote to stderr. */
export async function must(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const ended = await command(program, args, options);
  if (ended.exitCode === 0) return ended.stdout.trimEnd();
  throw new Error(`${program} ${args.slice(0, 3).join(' ')} … ended with ${ended.exitCode}: ${(ended.stderr || ended.stdout).trim().slice(-2000)}`);
}

/** The Docker client, which must succeed; it honours DOCKER_HOST and contexts. Answers its output. */
export function docker(...args: readonly string[]): Promise<string> {
  return must('docker', args);
}
