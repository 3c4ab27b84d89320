/**
 * Owns which versions of the rules there are, by number: drafting names the newest, and the tables
 * that draft an amendment are tables of a rulebook themselves.
 * Must not know the tables (`rulebook.ts`).
 */

/** Every version that an open escrow may have, oldest first. */
export const RULEBOOK_VERSIONS: readonly number[] = [1];

/** A new escrow takes the newest rules and keeps them. */
export const newestRulebook = (): number => Math.max(...RULEBOOK_VERSIONS);
