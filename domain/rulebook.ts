/**
 * Owns the versions of the rules: which tables decide an escrow. A rule changes by a new version
 * with other tables; an escrow keeps the version that its terms were made under, on every worker
 * that comes later. A version stays here as long as an escrow under it may be open.
 * Must not know a rule: those are rows of the tables.
 */
import { AGREEMENT, type AgreementTable } from './agreement';
import { CONSEQUENCES, type Consequence } from './consequences';
import { BrokenInvariant } from './journal';
import { MILESTONE, type MilestoneTable } from './milestone';
import { NEGOTIATION, type Negotiation } from './negotiation';
import { WAITS, type WaitTable } from './waits';

export type Rulebook = {
  readonly agreement: AgreementTable;
  readonly milestone: MilestoneTable;
  readonly negotiation: Negotiation;
  readonly consequences: readonly Consequence[];
  readonly waits: WaitTable;
};

const FIRST: Rulebook = {
  agreement: AGREEMENT,
  milestone: MILESTONE,
  negotiation: NEGOTIATION,
  consequences: CONSEQUENCES,
  waits: WAITS,
};

/** Every version that an open escrow may have. */
export const RULEBOOKS: { readonly [version: number]: Rulebook } = {
  1: FIRST,
};

/** The rules of a version. One that is not here throws: a worker that is older than the escrow
 * must not decide it, and its task waits for one that can. */
export function rulebookOf(version: number): Rulebook {
  const found = RULEBOOKS[version];
  if (!found) throw new BrokenInvariant(`there is no rulebook ${version}`);
  return found;
}
