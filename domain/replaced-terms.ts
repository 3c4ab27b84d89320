/**
 * Owns terms in which another account stands for a party: everywhere that the terms name accounts.
 * Must not know who may ask for it, nor what becomes of money (`replacement.ts`).
 */
import type { AccountId, PartyId } from './ids';
import type { Terms } from './terms';

/** The terms with another account for one party. Where they let the old one pay beside the buyers,
 * the new one may; a buyer pays without being named. */
export function replacedTerms(terms: Terms, party: PartyId, account: AccountId): Terms {
  const before = terms.parties.find(({ id }) => id === party)?.account_id;
  const parties = terms.parties.map((each) =>
    each.id === party ? { ...each, account_id: account } : each,
  );
  const isGone = !parties.some(({ account_id }) => account_id === before);
  const isBuyer = (payer: AccountId): boolean =>
    parties.some(({ account_id, role }) => role === 'buyer' && account_id === payer);
  const { by: named, ...funding } = terms.funding;
  const by = (named ?? []).map((payer) => (isGone && payer === before ? account : payer));
  const payers = [...new Set(by)].filter((payer) => !isBuyer(payer));
  return {
    ...terms,
    parties,
    milestones: terms.milestones.map((milestone) => ({
      ...milestone,
      recipients: milestone.recipients.map((recipient) =>
        recipient.party === party ? { ...recipient, account_id: account } : recipient,
      ),
    })),
    funding: { ...funding, ...(payers.length > 0 && { by: payers }) },
  };
}
