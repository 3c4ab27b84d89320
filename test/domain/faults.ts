/**
 * Owns asking what is wrong with a draft: `code pointer`, one line a fault.
 * Must not know which draft is wrong.
 */
import type { Draft, DraftFee, DraftMilestone, DraftParty } from '../../domain/draft';
import { drafted } from '../../domain/drafting';
import { draftOf, part } from './sample';

/** What a test changes in a good draft, and the one fault that comes of it. */
export type Fault = readonly [name: string, changes: Partial<Draft>, fault: string];

export function faultsOf(changes: Partial<Draft>): readonly string[] {
  const made = drafted(draftOf(changes));
  return made.ok ? [] : made.problems.map(({ code, pointer }) => `${code} ${pointer}`);
}

export const one = (more: Partial<DraftMilestone>): Partial<Draft> => ({
  milestones: [part(1, more)],
});

export const fee = (more: Partial<DraftFee>): Partial<Draft> => ({
  fees: [{ kind: 'platform', rate_bps: 100, ...more }],
});

export const parties = (...all: readonly DraftParty[]): Partial<Draft> => ({ parties: all });

export const to = (...recipients: NonNullable<DraftMilestone['recipients']>): Partial<Draft> =>
  one({ recipients });

export function flags(
  from: DraftParty,
  access_level: NonNullable<DraftParty['access_level']>,
): DraftParty {
  return { ...from, access_level };
}

export const many = <T>(count: number, make: (n: number) => T): readonly T[] =>
  Array.from({ length: count }, (_, n) => make(n));
