/** Why a command was not done. `message` says what was wrong, `advice` what to do instead; both are for the person who asked. */
export interface Refusal {
  readonly code: RefusalCode;
  readonly message: string;
  readonly advice: string;
}

export type RefusalCode =
  | 'malformed'
  | 'system-unknown'
  | 'version-unknown'
  | 'variant-unknown'
  | 'rollback-unknown'
  | 'not-allowed'
  | 'own-request'
  | 'already-approved'
  | 'superseded'
  | 'not-ready'
  | 'over'
  | 'expired'
  | 'locked'
  | 'too-many'
  | 'nothing-to-do';

export const refuse = (code: RefusalCode, message: string, advice: string): Refusal => ({ code, message, advice });

/** True for a refusal, false for the events of a decision. */
export const isRefusal = (decision: readonly unknown[] | Refusal): decision is Refusal => !Array.isArray(decision);
