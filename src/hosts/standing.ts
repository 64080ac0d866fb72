import type { HostAddress, HostError, ReceiptOrder, Stage, StopAnswer } from '../domain/host.ts';
import { broken } from './errors.ts';
import type { Frame } from './frames.ts';

/** How a receipt stands, as the host said it. */
export type Standing =
  | {
      readonly kind: 'ended';
      readonly exitCode: number;
      readonly stage: Stage;
      readonly timedOut: boolean;
      readonly durationMs: number;
      /** How many bytes it printed beyond those that are kept from its beginning; `more`: not counted yet. */
      readonly beyondBytes: number | 'more';
    }
  | { readonly kind: 'running' | 'claimed' | 'none' | 'void' }
  | { readonly kind: 'unknown'; readonly why: string }
  | { readonly kind: 'not-started'; readonly why: string }
  | { readonly kind: 'fenced'; readonly seen: string };

/** Nothing more will come of it. */
export const isOver = (standing: Standing): boolean => standing.kind === 'ended' || standing.kind === 'unknown';

const stages: readonly string[] = ['guard', 'command', 'verify'] satisfies Stage[];

/** Reads an answer of `rb_step` or `rb_poll`. Throws a HostError where it makes no sense. */
export function parseStanding(at: HostAddress, { fields: [, kind, ...rest] }: Frame): Standing {
  switch (kind) {
    case 'ended':
      return parseEnded(at, rest);
    case 'running':
    case 'claimed':
    case 'none':
    case 'void':
      return { kind };
    case 'unknown':
      return { kind, why: rest.join(' ') };
    case 'not-started':
      return { kind, why: rest.join(' ') };
    case 'fenced':
      return { kind, seen: rest[0] ?? '' };
    default:
      throw unreadable(at, [kind, ...rest]);
  }
}

function parseEnded(at: HostAddress, fields: readonly string[]): Extract<Standing, { kind: 'ended' }> {
  const [code, stage, timedOut, ms, beyond] = fields;
  if (!/^\d+$/.test(code ?? '') || !stages.includes(stage ?? '')) throw unreadable(at, fields);
  return {
    kind: 'ended',
    exitCode: Number(code),
    stage: stage as Stage,
    timedOut: timedOut === '1',
    durationMs: Math.max(0, Number(ms)),
    beyondBytes: beyond === 'more' ? beyond : Number(beyond),
  };
}

/** What is to be stopped. With the boot and the store of its intent a missing receipt is `unknown` where they have changed since. */
export type StopOrder = Pick<ReceiptOrder, 'key' | 'rollback' | 'token'> & Partial<Pick<ReceiptOrder, 'bootId' | 'storeId'>>;

/** Reads an answer of `rb_stop`; `broken`: it never began, but the fence cannot be written. Throws a HostError where it makes no sense. */
export function parseStopped(at: HostAddress, { payload, fields: [, kind, ...rest] }: Frame): StopAnswer | 'broken' {
  const tail = payload.toString('utf8');
  switch (kind) {
    case 'never-started':
      return { kind };
    case 'broken':
      return kind;
    case 'runs-on':
      return { kind, why: rest.join(' ') };
    case 'unknown':
      return { kind, why: rest.join(' '), tail };
    case 'ended': {
      const { beyondBytes, ...ended } = parseEnded(at, rest);
      const outputBytes = Number(rest[5]) + (beyondBytes === 'more' ? 0 : beyondBytes);
      return { ...ended, outputBytes, tail, isCut: rest[6] === '1' };
    }
    default:
      throw unreadable(at, [kind, ...rest]);
  }
}

function unreadable(at: HostAddress, fields: readonly unknown[]): HostError {
  const advice = 'Something changed the receipt store, or the login shell there. Look at the receipt by hand before going on.';
  return broken(at, `a receipt cannot be read: ${fields.join(' ')}`, advice);
}
