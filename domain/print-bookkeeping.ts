/**
 * Owns `docs/bookkeeping.md`: which journal each event and each step of a payment or payout posts,
 * found by running every row on a sample whose ids are words and whose amounts have names.
 * Must not know from where to where money goes: that is what the rows say.
 */
import { BOOKKEEPING, journalFor } from './bookkeeping';
import { type Instant, toInstant } from './calendar';
import { CASHBOOK, type CashStep, cashJournal, type Movement } from './cashbook';
import { CHART } from './chart';
import { drafted, openDraft } from './drafting';
import type { Escrow } from './escrow';
import type { Event, EventFacts, EventType } from './events';
import type { Journal } from './journal';
import { add, subtract, sum, toMinor } from './money';
import { asTable } from './print-statechart';

/** Amounts by name: no two that a journal shows are alike, so that a number tells its name. */
const m = {
  amount: toMinor(10_000),
  price: toMinor(1_000),
  held_fees: toMinor(60),
  share: toMinor(853),
  kept: toMinor(29),
  commission: toMinor(100),
  fee: toMinor(107),
  tax: toMinor(17),
  payers_part: toMinor(404),
  fee_back: toMinor(23),
  arbiter: toMinor(11),
  cost: toMinor(30),
  rounding: toMinor(3),
};

const NAMES: { readonly [amount: number]: string } = {
  [m.amount]: 'amount',
  [subtract(add(m.price, m.held_fees), m.rounding)]: "prices + payers' fees − what is short",
  [add(m.price, m.held_fees)]: 'what is more',
  [m.price]: 'price',
  [m.held_fees]: "payers' fees",
  [subtract(m.share, m.kept)]: 'net share − reserve',
  [m.kept]: 'reserve',
  [m.commission]: 'commission',
  [subtract(m.fee, m.tax)]: 'fee − tax',
  [m.fee]: 'fee',
  [m.tax]: 'tax',
  [m.arbiter]: "arbiter's fee",
  [subtract(subtract(m.share, m.arbiter), m.kept)]: "net share − arbiter's fee − reserve",
  [subtract(add(m.price, m.fee_back), m.rounding)]: 'price + fees back − what was short',
  [m.fee_back]: "payers' fees",
  [sum([m.price, m.payers_part])]: 'all that is disputed',
  [add(m.held_fees, m.fee_back)]: "payers' fees",
  [subtract(add(m.payers_part, m.fee_back), m.rounding)]: 'their part + fees back − what was short',
  [add(m.amount, m.cost)]: 'amount + cost',
  [subtract(m.amount, m.cost)]: 'amount − cost',
  [m.cost]: 'cost',
  [m.rounding]: 'what is short',
};

/** The whole page. */
export function printBookkeeping(): string {
  return [
    '# Bookkeeping',
    'Printed from `domain/` by `npx tsx bin/print-docs.ts`; a test fails when it differs.',
    'Lines of zero are left out; `…` stands for one line each. What is in braces is an id.',
    '## Events of an escrow',
    'Key: `{escrow}:{number of the event}`.',
    asTable(['event', 'debit', 'credit'], MOVING.map(eventRow)),
    'An amendment that makes the price less posts the opposite, to the wallets of the payers.',
    "What of a payer's fee is not refundable goes to its beneficiary with a refund, not back. " +
      'What was earned on funding and is refundable comes back out of `rev:platform_fee` and ' +
      "`liab:tax:platform_fee`. An arbiter's fee is less to the side that bears it.",
    `These move no money: ${STILL.join(', ')}.`,
    '## Steps of payments and payouts',
    'Cost is what the provider keeps, borne by the platform; `n` counts reservations.',
    asTable(
      ['step', 'debit', 'credit', 'key', 'needs', 'excludes'],
      (Object.keys(CASHBOOK) as CashStep[]).map(stepRow), // Object.keys forgets the names
    ),
    '## Ledger accounts',
    asTable(
      ['code', 'grows by', 'floor', 'kind of balance', "clients'"],
      Object.values(CHART).map(({ code, side, floor, mode, openItem, client }) => [
        code,
        side === 1 ? 'debit' : 'credit',
        floor === null ? '–' : String(floor),
        openItem ? `${mode}, open item` : mode,
        client ?? '–',
      ]),
    ),
  ]
    .join('\n\n')
    .concat('\n');
}

type Facts = { readonly [T in EventType]?: EventFacts[T] };

const EARNED = {
  fee: 0,
  side: 'buyer',
  via: null,
  beneficiary: 'platform',
  amount: m.fee,
  tax: m.tax,
} as const;

const PAYOUT = {
  amount: m.price,
  payees: [
    {
      account: 'acc_{recipient}…',
      amount: m.share,
      reserve: { id: 'rsv_1', amount: m.kept, due: { ends: toInstant(0), rule: '' } },
      party: 'pty_1',
      disbursement: 'dsb_1',
      destination: null,
    },
  ],
  earned: [
    {
      fee: 1,
      side: 'seller',
      via: null,
      beneficiary: 'acc_{broker}',
      amount: m.commission,
      tax: toMinor(0),
    },
    EARNED,
  ],
  fee_held: m.held_fees,
} as const;

const back = (amount: typeof m.price) => subtract(add(amount, m.fee_back), m.rounding);
const giveBack = (amount: typeof m.price) =>
  ({
    amount,
    payers: [{ account: 'acc_{payer}…', amount: back(amount) }],
    sources: [],
    kept: [],
    returned: [
      { fee: 0, side: 'buyer', via: null, amount: m.fee_back, tax: toMinor(0), was: 'held' },
    ],
    fee_held: m.fee_back,
    rounding: m.rounding,
  }) as const;

const HERE = { milestone: 'mil_1' } as const;
const DISPUTE = { ...HERE, dispute: 'dis_1' } as const;
const DUE = { ends: toInstant(0), rule: '' };

/** One sample of each event that moves money. */
const SAMPLES: Facts = {
  funded: { payer: 'acc_{payer}', amount: m.amount, payment: null },
  due_completed: {
    held: [{ ...HERE, amount: m.price, fee: m.held_fees }],
    fee_held: m.held_fees,
    rounding: m.rounding,
    acceptance: null,
  },
  fees_earned: { milestones: [{ ...HERE, earned: [EARNED] }] },
  contributions_returned: {
    payers: [{ account: 'acc_{payer}…', amount: m.amount }],
    sources: [],
    milestones: ['mil_1'],
  },
  released: { ...HERE, ...PAYOUT },
  part_released: { ...HERE, ...PAYOUT },
  refunded: { ...HERE, ...giveBack(m.price), refund: 'ref_1', reason: '' },
  reserve_freed: { ...HERE, account: 'acc_{recipient}', amount: m.kept, reserve: 'rsv_1' },
  disputed: {
    ...DISPUTE,
    side: 'buyer',
    by: 'clock',
    reason: '',
    amount: m.price,
    handler: null,
    due: DUE,
  },
  dispute_withdrawn: { ...DISPUTE, amount: m.price },
  terms_amended: {
    proposal: 'prp_1',
    terms: sampleEscrow().terms,
    terms_hash: '',
    due: m.price,
    unallocated: add(m.price, m.held_fees),
    fee_held: m.held_fees,
    payers: [],
    sources: [],
    rounding: toMinor(0),
    milestones: [
      {
        ...HERE,
        change: 'changed',
        number: 1,
        price: m.price,
        held: m.price,
        unallocated: toMinor(0),
        recipients: [],
        fees: [],
        due: null,
      },
    ],
  },
  ruled: {
    ...DISPUTE,
    by: 'platform',
    reason: '',
    amount: add(m.price, m.payers_part),
    payout: {
      ...PAYOUT,
      payees: PAYOUT.payees.map((payee) => ({ ...payee, amount: subtract(m.share, m.arbiter) })),
    },
    give_back: giveBack(m.payers_part),
    arbiter_fee: { account: 'acc_{arbiter}', of_recipients: m.arbiter, of_payers: toMinor(0) },
  },
};

const TYPES = Object.keys(BOOKKEEPING) as readonly EventType[]; // Object.keys forgets the names
const MOVING = TYPES.filter((type) => BOOKKEEPING[type] !== null);
const STILL = TYPES.filter((type) => BOOKKEEPING[type] === null);

function eventRow(type: EventType): readonly string[] {
  const facts = SAMPLES[type];
  if (!facts) throw new Error(`no sample of ${type}`);
  const at: Instant = toInstant(0);
  const event = { type, at, actor: 'clock', ...facts } as unknown as Event; // facts of this type
  const [debit, credit] = sidesOf(journalFor(sampleEscrow(), 1, event));
  return [type, debit, type === 'due_completed' ? credit.replace('ms:{n}', 'ms:{n}…') : credit];
}

const MOVEMENT: Omit<Movement, 'effect' | 'account'> = {
  connection: 'con_{connection}',
  currency: 'EUR',
  amount: m.amount,
  fee: m.cost,
  at: toInstant(0),
  reservation: 1,
};

function stepRow(step: CashStep): readonly string[] {
  const journal =
    step === 'payment_settled'
      ? cashJournal(step, { ...MOVEMENT, effect: 'pay_{payment}', account: 'acc_{payer}' })
      : cashJournal(step, { ...MOVEMENT, effect: 'dsb_{payout}', account: 'acc_{payee}' });
  const keyed = (key: string): string => `\`${plain(key).replace(':1', ':{n}')}\``;
  return [
    step,
    ...sidesOf(journal),
    journal ? keyed(journal.key) : '',
    (journal?.needs ?? []).map(keyed).join(' '),
    journal?.terminal ? 'settled, failed: one of them' : '',
  ];
}

/** The debit and the credit lines, each `account amount`. */
function sidesOf(journal: Journal | null): readonly [string, string] {
  const lines = journal?.lines ?? [];
  const side = (sign: 1 | -1): string =>
    lines
      .filter(({ amount }) => Math.sign(amount) === sign)
      .map(({ account, amount }) => `\`${plain(account)}\` ${nameOf(Math.abs(amount))}`)
      .join('<br>');
  return [side(1), side(-1)];
}

/** Ids of the sample as words in braces. */
const plain = (text: string): string =>
  text.replace(/(acc|con|esc|pay|dsb)_(\{\w+\}…?)/g, '$2').replace(/(ms|dispute):1$/, '$1:{n}');

function nameOf(amount: number): string {
  const name = NAMES[amount];
  if (!name) throw new Error(`no name for ${amount}`);
  return name;
}

/** Ids and the number of the milestone are all that the rows read of it. */
function sampleEscrow(): Escrow {
  const party = (name: 'buyer' | 'seller') =>
    ({ id: `pty_${name}`, account_id: `acc_${name}`, role: name }) as const;
  const due_at = toInstant(0);
  const made = drafted({
    title: 'A sample',
    type: 'one_off',
    currency: 'EUR',
    parties: [party('buyer'), party('seller')],
    milestones: [{ id: 'mil_1', title: 'All of it', amount: m.price, due_at }],
  });
  if (!made.ok) throw new Error('the sample is no draft');
  return openDraft('esc_{escrow}', made.terms, '', made.parties);
}
