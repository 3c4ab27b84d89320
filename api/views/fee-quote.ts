/**
 * Owns how a quote of fees is shown: as an escrow shows its own, with parties by their place.
 * Must not know how it was asked.
 */
import type { z } from 'zod';
import { quoteOf, type Sides } from '../../domain/fee-quote';
import type { Terms } from '../../domain/terms';
import type { feeQuoteAnswer } from '../schemas/fee-quotes';
import { feeView } from './escrow';

type Shown = z.input<typeof feeQuoteAnswer>;

/** The numbers of terms. */
export function quoteView(terms: Terms): Shown {
  const { fees, sides, milestones } = quoteOf(terms);
  const placed = ({ recipients, ...rest }: Sides): Shown['sides'] => ({
    ...rest,
    recipients: recipients.flatMap(({ party, ...numbers }) => {
      const at = terms.parties.findIndex(({ id }) => id === party);
      const role = terms.parties[at]?.role;
      return role ? [{ party: at, role, ...numbers }] : [];
    }),
  });
  return {
    object: 'fee_quote',
    currency: terms.currency,
    amount: terms.amount,
    fees: fees.flatMap((numbers, at) => {
      const fee = terms.fees[at];
      return fee ? [feeView(fee, numbers)] : [];
    }),
    sides: placed(sides),
    milestones: milestones.map(placed),
  };
}
