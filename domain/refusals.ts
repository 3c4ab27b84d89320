/**
 * Owns every reason for which the rules refuse a command, with the sentence that a person reads.
 * Must not know HTTP: `api/problem.ts` alone decides the status. Codes: `contracts.md`, section 6.
 */
export const REFUSALS = {
  wrong_status: 'The escrow or milestone is not in a status that allows this.',
  escrow_closed: 'The escrow is closed.',
  release_is_final: 'The money has been released; a release cannot be disputed.',
  deadline_passed: 'The deadline for this has passed and its default has been carried out.',
  in_dispute: 'The milestone is in dispute; its clocks stand still until that is resolved.',
  on_hold: 'The escrow is on hold; nothing is released, refunded or defaulted until it is lifted.',
  not_a_party: 'The actor is no party of this escrow.',
  not_allowed: 'The actor may not do this here.',
  already_done: 'This has been done already.',
  terms_changed: 'The terms hash is not the one of the current terms.',
  amount_mismatch: 'The amounts do not add up.',
  insufficient_funds: 'The wallet does not hold enough free money.',
  conflict_of_interest: 'One account may not stand on both sides, nor judge its own case.',
  limit_reached: 'The limit that the terms set for this has been reached.',
  conditions_unmet: 'A condition for this is not met yet.',
  unknown_milestone: 'The escrow has no such milestone.',
  unknown_proposal: 'The escrow has no such proposal.',
  unknown_dispute: 'The escrow has no such dispute.',
  malformed: 'The request is not well formed.',
  not_supported: 'This version does not support what the request asks for.',
  stale_version: 'The escrow has moved on since the version that the request names.',
  unsigned_command: 'The command carries no valid signature.',
} as const;

export type RefusalCode = keyof typeof REFUSALS;

/** A command that the rules do not allow: a value, never an exception. */
export type Refusal = {
  readonly code: RefusalCode;
  readonly detail: string;
  readonly pointer?: string;
};

/** A refusal with its own sentence, or the one that goes with the code. */
export function refusal(code: RefusalCode, detail?: string, pointer?: string): Refusal {
  const base = { code, detail: detail ?? REFUSALS[code] };
  return pointer === undefined ? base : { ...base, pointer };
}

/** Is this text one of our refusal codes? */
export const isRefusalCode = (text: string): text is RefusalCode => Object.hasOwn(REFUSALS, text);
