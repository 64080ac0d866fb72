import { type HostAddress, HostError } from '../domain/host.ts';

/** `deploy@10.0.0.5 port 22 (prod-1, by way of ops@bastion)`: which host an error is about. */
export const place = (at: HostAddress): string =>
  `${at.user}@${at.address} port ${at.port} (${at.name}${at.jump ? `, by way of ${at.jump.user}@${at.jump.name}` : ''})`;

/** The OpenSSH command that takes the same way to a host, for people to try. */
export const sshLine = (at: HostAddress, command: string): string => {
  const jump = at.jump ? `-J ${at.jump.user}@${at.jump.address}:${at.jump.port} ` : '';
  return `ssh ${jump}-p ${at.port} ${at.user}@${at.address} ${command}`;
};

/** The connection ended under us; whatever was running on the host is still running there. */
export function lost(at: HostAddress, detail: string, cause?: unknown): HostError {
  return new HostError(
    'connection-lost',
    `the connection to ${place(at)} was lost: ${detail}`,
    'What was started there goes on under its receipt. Check the network and sshd, then follow it again.',
    { cause },
  );
}

/** The host answers, but not as a host that can be worked on must. */
export function broken(at: HostAddress, detail: string, advice: string, cause?: unknown): HostError {
  return new HostError('host-broken', `${place(at)}: ${detail}`, advice, { cause });
}

/** What ssh2 says of a connection that did not come about, in people's words. */
export function connectFailed(at: HostAddress, error: Error & { level?: string; code?: string }, timeoutMs: number): HostError {
  if (error.level === 'client-authentication') return loginRefused(at, error);
  const why = reasons[error.code ?? error.message] ?? (error.level === 'client-timeout' ? `no answer within ${timeoutMs} ms` : error.message);
  return new HostError('host-unreachable', `cannot reach ${place(at)}: ${why}`, advices[error.code ?? ''] ?? reachAdvice(at), { cause: error });
}

const reasons: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'no such host name',
  EAI_AGAIN: 'its name cannot be looked up now',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to its network',
  ETIMEDOUT: 'it does not answer',
  ECONNRESET: 'it closed the connection before logging in',
  'Connection lost before handshake': 'it closed the connection before logging in',
};

const advices: Record<string, string> = {
  ECONNREFUSED: 'The machine is up, but nothing listens there: start sshd, or correct the port in the system file.',
  ENOTFOUND: 'Correct the address in the system file, or the name in DNS.',
  EAI_AGAIN: "Check the bot's DNS.",
};

const reachAdvice = (at: HostAddress): string =>
  `Check that the machine is up and that the bot may reach port ${at.port} (firewall, security group, VPN): ${sshLine(at, 'true')}`;

/** The jump host is there, but makes no way to the host behind it. `reason`: RFC 4254, 1 is forbidden. */
export function noWay(at: HostAddress, error: Error & { reason?: unknown }): HostError {
  const jump = `${at.jump?.user}@${at.jump?.name}`;
  if (error.reason === 1) {
    const advice = `Allow it in sshd_config of the jump host: AllowTcpForwarding yes (or local), PermitOpen ${at.address}:${at.port}.`;
    return new HostError('host-unreachable', `cannot reach ${place(at)}: ${jump} forbids forwarding to it`, advice, { cause: error });
  }
  return new HostError('host-unreachable', `cannot reach ${place(at)}: ${jump} cannot connect to it (${error.message})`, reachAdvice(at), {
    cause: error,
  });
}

/** What is wrong with the jump host, said as what it means for the host behind it. */
export const onTheWay = (at: HostAddress, error: HostError): HostError =>
  new HostError(error.code, `on the way to ${at.name}: ${error.message}`, error.advice, { cause: error });

/** The host does not let us in. */
export function loginRefused(at: HostAddress, cause: Error, why = 'it accepts none of our keys'): HostError {
  return new HostError(
    'login-refused',
    `${place(at)} refused the login: ${why}`,
    `Put the bot's public key into ${at.user}'s ~/.ssh/authorized_keys there, or correct the user in the system file.`,
    { cause },
  );
}
