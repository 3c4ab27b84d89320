/**
 * Owns the examples that several routes show; each is held to its schema by a test.
 * Must not know where they are shown.
 */

export const IDS = {
  buyer: 'acc_01k9z6b0w2e8ra5m3q7t4n1xvc',
  seller: 'acc_01k9z6b0w2e8ra5m3q7t4n1xvd',
  milestone: 'mil_01k9z6b0w2e8ra5m3q7t4n1xvc',
} as const;

export const TERMS_HASH = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9';

/** The escrow of the five-minute path. */
export const ESCROW = {
  title: 'Logo design',
  type: 'one_off',
  currency: 'USD',
  parties: [
    { account_id: IDS.buyer, role: 'buyer' },
    { account_id: IDS.seller, role: 'seller' },
  ],
  milestones: [
    { title: 'Logo', amount: 125_000, due_at: '2027-12-05T17:00:00.000Z', inspection_period: 3 },
  ],
} as const;
