/**
 * Owns the stories of `holdfast demo` as data: who takes part, the terms, the steps, and how it
 * must end. Tests play the same.
 * Must not know how a step is carried out (`play.mjs`).
 */
import {
  ACCEPT,
  BUYER,
  doneAndApproved,
  FUNDED,
  PAID,
  PAID_OUT,
  SELLER,
  WEBSITE,
} from './story.mjs';

/** @typedef {import('./story.mjs').Story} Story */

/** @type {Readonly<Record<string, Story>>} */
export const STORIES = {
  happy: {
    about: 'Seven calls, from two accounts to a settled payout.',
    people: { buyer: BUYER, seller: SELLER },
    by: 'buyer',
    type: 'one_off',
    parts: [WEBSITE],
    clock: false,
    steps: [...FUNDED, ...doneAndApproved(0, 'A website'), PAID_OUT],
    ends: { status: 'closed_disbursement_complete', payouts: { seller: [125_000] } },
  },

  milestones: {
    about: 'Three milestones, a broker with a commission, two recipients.',
    people: {
      broker: { name: 'Cleo', role: 'broker' },
      buyer: BUYER,
      seller: SELLER,
      partner: { name: 'Dan', role: 'seller' },
    },
    by: 'broker',
    type: 'milestone',
    parts: [
      { title: 'Plan', amount: 100_000, days: 10, recipients: [{ who: 'seller', share_bps: 1e4 }] },
      {
        title: 'House',
        amount: 600_000,
        days: 60,
        recipients: [
          { who: 'seller', share_bps: 6_000 },
          { who: 'partner', share_bps: 4_000 },
        ],
      },
      {
        title: 'Garden',
        amount: 90_001,
        days: 90,
        recipients: [{ who: 'partner', share_bps: 1e4 }],
      },
    ],
    fees: [
      { kind: 'broker_commission', rate_bps: 500, paid_by: { seller: 10_000 } },
      { kind: 'platform', rate_bps: 100, paid_by: { buyer: 10_000 } },
    ],
    clock: false,
    steps: [
      { says: 'accepts what the broker has written', by: 'buyer', do: 'accept' },
      ACCEPT,
      { says: 'accepts too', by: 'partner', do: 'accept' },
      ...PAID,
      ...doneAndApproved(0, 'Plan'),
      ...doneAndApproved(1, 'House'),
      ...doneAndApproved(2, 'Garden'),
      PAID_OUT,
    ],
    ends: {
      status: 'closed_disbursement_complete',
      payouts: { seller: [95_000, 342_000], partner: [228_000, 85_501] },
    },
  },

  dispute: {
    about: 'The buyer disputes; both sides speak; the ruling is 70 to 30.',
    people: { buyer: BUYER, seller: SELLER },
    by: 'buyer',
    type: 'one_off',
    parts: [WEBSITE],
    clock: false,
    steps: [
      ...FUNDED,
      { says: 'delivers', by: 'seller', do: 'mark_done', milestone: 0 },
      {
        says: 'disputes: half of the pages are missing',
        by: 'buyer',
        do: 'dispute',
        milestone: 0,
        body: { reason: 'Half of the pages are missing.' },
      },
      {
        says: 'answers: they were not in the terms',
        by: 'seller',
        do: 'answer',
        body: { answer: 'They were not in the terms.' },
      },
      {
        says: 'hands in the list of pages',
        by: 'buyer',
        do: 'evidence',
        body: {
          evidence: [
            { kind: 'document', summary: 'The list of pages', url: 'https://example.com/list.pdf' },
          ],
        },
      },
      { says: 'asks for a ruling', by: 'buyer', do: 'escalate', body: {} },
      {
        says: 'rules: 70 % to the seller, 30 % back',
        by: 'platform',
        do: 'resolve',
        body: {
          reason: 'Seven of ten pages were delivered.',
          split: { recipients: 87_500, payers: 37_500 },
        },
      },
      PAID_OUT,
    ],
    ends: { status: 'closed_disputed', payouts: { seller: [87_500] } },
  },

  timeout: {
    about: 'Nobody speaks: every silence has its default, and the clock gives it.',
    people: { buyer: BUYER, seller: SELLER },
    by: 'buyer',
    type: 'milestone',
    parts: [
      { title: 'Draft', amount: 80_000, days: 14, inspection: 3 },
      { title: 'Book', amount: 120_000, days: 60, inspection: 3 },
    ],
    clock: true,
    steps: [
      ...FUNDED,
      { says: 'delivers the draft, in time', by: 'seller', do: 'mark_done', milestone: 0 },
      { says: 'the buyer is silent until the clock approves', silence: 'released' },
      PAID_OUT,
      { says: 'the seller is silent past the due date', silence: 'delivery_overdue' },
      { says: 'both are silent until the clock cancels', silence: 'refunded' },
    ],
    ends: { status: 'closed_disbursement_complete', payouts: { seller: [80_000] } },
  },

  settlement: {
    about: 'A dispute that nobody has to rule: an offer, a better one, and both agree.',
    people: { buyer: BUYER, seller: SELLER },
    by: 'buyer',
    type: 'one_off',
    parts: [WEBSITE],
    clock: false,
    steps: [
      ...FUNDED,
      { says: 'delivers', by: 'seller', do: 'mark_done', milestone: 0 },
      {
        says: 'disputes: it is slow',
        by: 'buyer',
        do: 'dispute',
        milestone: 0,
        body: { reason: 'A page takes eight seconds.' },
      },
      {
        says: 'answers: only the pictures are',
        by: 'seller',
        do: 'answer',
        body: { answer: 'The pictures are large, the rest is fast.' },
      },
      {
        says: 'offers 100.00 back',
        by: 'seller',
        propose: 'settlement',
        milestone: 0,
        content: { split: { recipients: 115_000, payers: 10_000 } },
      },
      {
        says: 'asks for 250.01 instead; the first offer is off the table',
        by: 'buyer',
        propose: 'settlement',
        milestone: 0,
        content: { split: { recipients: 99_999, payers: 25_001 } },
      },
      { says: 'agrees: it is settled, and nobody has ruled', by: 'seller', accepts: 'proposal' },
      PAID_OUT,
    ],
    ends: { status: 'closed_disputed', payouts: { seller: [99_999] } },
  },

  amendment: {
    about: 'The deal changes while it runs: more time, more work and money, then a little less.',
    people: { buyer: BUYER, seller: SELLER },
    by: 'buyer',
    type: 'one_off',
    parts: [WEBSITE],
    clock: false,
    steps: [
      ...FUNDED,
      {
        says: 'needs a month instead of two weeks',
        by: 'seller',
        propose: 'extension',
        milestone: 0,
        days: 30,
      },
      { says: 'agrees to the new date', by: 'buyer', accepts: 'proposal' },
      {
        says: 'proposes a shop on top: 1,250.00 becomes 1,750.00',
        by: 'seller',
        propose: 'amendment',
        milestone: 0,
        content: { title: 'A website with a shop', amount: 175_000 },
      },
      { says: 'agrees; the new terms wait for the money', by: 'buyer', accepts: 'proposal' },
      { says: 'pays the difference', by: 'buyer', do: 'pay' },
      { says: 'the new terms are in force', until: 'terms_amended' },
      {
        says: 'gives up the newsletter: 1,700.00 is enough',
        by: 'buyer',
        propose: 'amendment',
        milestone: 0,
        content: { amount: 170_000 },
      },
      { says: 'agrees; 50.00 goes back at once', by: 'seller', accepts: 'proposal' },
      ...doneAndApproved(0, 'A website with a shop'),
      PAID_OUT,
    ],
    ends: { status: 'closed_disbursement_complete', payouts: { seller: [170_000] } },
  },

  'payout-fails': {
    about: 'A closed bank account, a new one, money that comes back weeks later, and is paid.',
    people: {
      buyer: BUYER,
      seller: { name: 'Ben', role: 'seller', destination: 'Ben fault:fail-destination_closed' },
    },
    by: 'buyer',
    type: 'one_off',
    parts: [WEBSITE],
    clock: true,
    steps: [
      ...FUNDED,
      ...doneAndApproved(0, 'A website'),
      { says: 'the bank refuses: the account is closed', wait: 'payouts', for: 'failed' },
      { says: 'a new destination', redirect: 'Ben fault:returned-P20D', of: 'seller' },
      { says: 'it is paid', wait: 'payouts', for: 'settled' },
      { says: 'three weeks go by', later: 21 },
      { says: 'the money has come back', wait: 'payouts', for: 'returned' },
      { says: 'a third destination', redirect: 'Ben', of: 'seller' },
      PAID_OUT,
      { says: 'and the escrow knows', wait: 'status', for: 'closed_disbursement_complete' },
    ],
    ends: { status: 'closed_disbursement_complete', payouts: { seller: [125_000] } },
  },

  crash: {
    about: 'The worker dies between the two bookings of a payout: one payout all the same.',
    people: { buyer: BUYER, seller: SELLER },
    by: 'buyer',
    type: 'one_off',
    parts: [WEBSITE],
    clock: false,
    failpoints: 'payout.after_send=kill@1',
    steps: [
      ...FUNDED,
      ...doneAndApproved(0, 'A website'),
      { says: 'the bank has paid; the worker dies before it can write it down', killed: 'worker' },
      PAID_OUT,
    ],
    ends: { status: 'closed_disbursement_complete', payouts: { seller: [125_000] } },
  },
};
