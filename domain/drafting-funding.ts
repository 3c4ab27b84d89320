/**
 * Owns how a draft wants its money to come in: defaults, who else may pay, and what is wrong.
 * Must not know what becomes of a payment (`agreement.ts`).
 * Source: `escrow.md`, sections 1 and 2.
 */
import { accountOf, type Draft, type PartyRef } from './draft';
import { ZERO } from './money';
import { type Refusal, refusal } from './refusals';
import type { Terms } from './terms';

/** How the escrow is funded, with defaults. */
export function fundingOf(draft: Draft): Terms['funding'] {
  const { funding } = draft;
  const by = funding?.by?.flatMap((ref) => accountOf(draft, ref) ?? []) ?? [];
  return {
    mode: funding?.mode ?? 'full',
    order: funding?.order ?? 'accept_first',
    ...(funding?.due_at && { due_at: funding.due_at }),
    ...(by.length > 0 && { by }),
    ...(funding?.tolerance && { tolerance: funding.tolerance }),
  };
}

/**
 * Beside the buyers a broker, an observer or any named account may pay. Nobody who gets money out
 * of the escrow or judges it does: he would stand on both sides.
 */
export function payerProblems(draft: Draft): readonly Refusal[] {
  const asked = draft.funding?.by ?? [];
  const accounts = asked.map((ref) => accountOf(draft, ref));
  return accounts.flatMap((account, at) => {
    const pointer = `/funding/by/${at}`;
    if (account === null) return [refusal('malformed', 'no party of this escrow', pointer)];
    if (accounts.indexOf(account) < at) return [refusal('malformed', 'named twice', pointer)];
    if (hasRole(draft, account, ['buyer'])) {
      return [refusal('malformed', 'a buyer may pay without being named', pointer)];
    }
    return isInvolved(draft, account) ? [refusal('conflict_of_interest', undefined, pointer)] : [];
  });
}

/** The platform completes what is short, it does not pay: less than half of what is due at once. */
export function toleranceProblems({ funding, milestones }: Draft): readonly Refusal[] {
  const { tolerance = ZERO, mode } = funding ?? {};
  const prices = milestones.map(({ amount }) => amount);
  const total = prices.reduce((all, price) => all + price, 0); // may be beyond counting
  const least = mode === 'per_milestone' ? Math.min(...prices) : total;
  if (tolerance >= 0 && (tolerance === 0 || tolerance < least / 2)) return [];
  const detail = `from 0 to less than half of ${least}`;
  return [refusal('malformed', detail, '/funding/tolerance')];
}

/** Sellers, recipients and who earns a commission get money; arbiters and the handler judge. */
function isInvolved(draft: Draft, account: string): boolean {
  const { dispute_handler: handler, milestones, fees = [] } = draft;
  const named = milestones.flatMap(({ recipients = [] }) => recipients);
  const isRecipient = named.some((ref: PartyRef) => accountOf(draft, ref) === account);
  const isCommissioned =
    fees.some((fee) => fee.kind === 'broker_commission') && hasRole(draft, account, ['broker']);
  const isHandler = handler?.kind === 'arbitration' && handler.handler === account;
  return (
    hasRole(draft, account, ['seller', 'arbiter']) || isRecipient || isCommissioned || isHandler
  );
}

const hasRole = ({ parties }: Draft, account: string, roles: readonly string[]): boolean =>
  parties.some((party) => party.account_id === account && roles.includes(party.role));
