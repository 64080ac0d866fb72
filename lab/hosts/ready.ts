import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { command, docker } from './docker.ts';

const LIMIT_MS = 90_000;

/** Waits until sshd answers with its banner at 127.0.0.1:`port`. Rejects after 90 s. */
export async function sshReady(port: number, limitMs = LIMIT_MS): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!(await hasBanner(port))) {
    if (Date.now() > deadline) throw new Error(`no sshd answered at 127.0.0.1:${port} within ${limitMs / 1000} s`);
    await sleep(50);
  }
}

/**
 * Waits until everything that a host starts by itself has started. Rejects with what failed, and with the container's log when it died.
 * systemd's own bus is not there in the first moments, which is why a failing question is asked again while the container lives.
 */
export async function systemReady(container: string): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  while (Date.now() < deadline) {
    const asked = await command('docker', ['exec', container, 'systemctl', 'is-system-running', '--wait'], { timeoutMs: LIMIT_MS });
    const state = asked.stdout.trim();
    if (state === 'running') return;
    if (state === 'degraded')
      throw new Error(`units failed on ${container}:\n${await docker('exec', container, 'systemctl', '--failed', '--no-legend', '--plain')}`);
    await mustLive(container);
    await sleep(50);
  }
  throw new Error(`${container} did not finish starting within ${LIMIT_MS / 1000} s`);
}

async function mustLive(container: string): Promise<void> {
  if ((await docker('inspect', '--format', '{{.State.Running}}', container)) === 'true') return;
  const { stdout, stderr } = await command('docker', ['logs', '--tail', '20', container]);
  throw new Error(`${container} ended while it started:\n${stdout}${stderr}`);
}

function hasBanner(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 2000 });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => end(data.toString('latin1').startsWith('SSH-')));
    for (const event of ['error', 'timeout', 'close']) socket.once(event, () => end(false));
  });
}
