/**
 * Owns who may call a route at all. Deny by default: a route without a right does not compile.
 * Must not know what a command needs: the tables of the domain decide that.
 * Source: `security.md`, section 2.
 */
import { mayView } from '../domain/actions';
import type { Escrow } from '../domain/escrow';
import type { Caller } from './actor';
import { type Problem, problem } from './problem';

/** Rights of routes, with the sentence that the reference shows. */
export const RIGHTS = {
  open: 'Anybody; no key is needed.',
  platform: 'The platform itself, not on behalf of an account.',
  account: 'The platform, or the account itself.',
  party: 'The platform, or an account that takes part.',
  test: 'The platform itself, in test mode.',
} as const;
export type Right = keyof typeof RIGHTS;

/** Why the caller may not use a route; null when he may. `account` is the one in the path. */
export function mayNotCall(
  right: Right,
  { account: actor, livemode }: Caller,
  account: string | undefined,
): Problem | null {
  switch (right) {
    case 'open':
    case 'party':
      return null;
    case 'platform':
      return actor ? forbidden(RIGHTS.platform) : null;
    case 'test':
      if (livemode) return problem('test_mode_only');
      return actor ? forbidden(RIGHTS.test) : null;
    case 'account':
      return actor && actor !== account ? forbidden(RIGHTS.account) : null;
    default:
      return right satisfies never;
  }
}

/** Why the caller may not look at an escrow; null when he may. */
export function mayNotView(escrow: Escrow, { account }: Caller): Problem | null {
  return account === null || mayView(escrow, account) ? null : problem('not_a_party');
}

const forbidden = (detail: string): Problem => problem('not_allowed', detail);
