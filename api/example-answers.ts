/**
 * Owns the examples of answers: made by the same views and rules that answer, from one deal.
 * Must not know which route shows one.
 */
import { z } from 'zod';
import { readInstant } from '../domain/calendar';
import type { Command } from '../domain/commands';
import { decide } from '../domain/decide';
import { drafted, openDraft } from '../domain/drafting';
import type { Escrow } from '../domain/escrow';
import { evolveAll } from '../domain/evolve';
import { toMinor } from '../domain/money';
import { statusOf } from '../domain/status';
import type { AccountRow } from './account-row';
import type { CommandRow } from './command-row';
import type { EffectRow } from './effect-row';
import { type EscrowRow, escrowOf } from './escrow-row';
import { ESCROW, IDS, TERMS_HASH } from './examples';
import { accountView, destinationView } from './views/account';
import { commandView } from './views/command';
import { disbursementView, paymentView, refundView, withdrawalView } from './views/effect';
import { escrowView } from './views/escrow';
import { quoteView } from './views/fee-quote';

/** Examples by their names: each thing, and a list of it. */
export const exampleAnswers = (): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(EXAMPLES).flatMap(([name, make]) => [
      [name, make()],
      [`${name}List`, { object: 'list', data: [make()], has_more: false, next_cursor: null }],
    ]),
  );

/** The name of the example of a schema: a thing that has one, or a list of such. */
export function exampleNameOf(schema: z.ZodType): string | null {
  const id = schema.meta()?.id ?? '';
  if (Object.hasOwn(EXAMPLES, id)) return id;
  const data = schema instanceof z.ZodObject ? schema.shape.data : undefined;
  const item = data instanceof z.ZodArray ? data.element : undefined;
  const name = item instanceof z.ZodType ? exampleNameOf(item) : null;
  return name && `${name}List`;
}

const EXAMPLES: Readonly<Record<string, () => unknown>> = {
  Account: () => accountView(account()),
  PayoutDestination: () => account().destinations.map(destinationView)[0],
  Escrow: () => escrowView(sentEscrow()),
  FeeQuote: () => quoteView(escrowOf(sentEscrow()).terms),
  CommandStatus: () => commandView(command()),
  Payment: () => paymentView(effect('pay_01k9z6b0w2e8ra5m3q7t4n1xvc')),
  Withdrawal: () => withdrawalView(effect('wdr_01k9z6b0w2e8ra5m3q7t4n1xvc')),
  Refund: () => refundView(effect('ref_01k9z6b0w2e8ra5m3q7t4n1xvc_1000')),
  Disbursement: () => disbursementView(effect('dsb_01k9z6b0w2e8ra5m3q7t4n1xvc_100')),
};

const ESCROW_ID = 'esc_01k9z6b0w2e8ra5m3q7t4n1xvc';

function instant(text: string) {
  const read = readInstant(text);
  if (!read) throw new RangeError(text);
  return read;
}
const NOW = instant('2027-11-05T17:00:00.000Z');

const common = () => ({ livemode: false, created_at: NOW, updated_at: NOW, metadata: {} });

const account = (): AccountRow => ({
  ...common(),
  id: IDS.seller,
  kind: 'person',
  name: 'Sal Seller',
  email: 'sal@example.com',
  phone: null,
  country: 'US',
  version: 1,
  destinations: [
    {
      livemode: false,
      created_at: NOW,
      id: 'dst_01k9z6b0w2e8ra5m3q7t4n1xvc',
      account_id: IDS.seller,
      provider: 'sandbox',
      reference: 'DE-0001',
      name: 'Sal Seller',
      currency: 'USD',
      is_default: true,
    },
  ],
});

/** Sent by the buyer; waits for the seller. */
function sentEscrow(): EscrowRow {
  const result = drafted({
    ...ESCROW,
    parties: [
      {
        id: 'pty_01k9z6b0w2e8ra5m3q7t4n1xvc',
        account_id: IDS.buyer,
        role: 'buyer',
        initiator: true,
      },
      { id: 'pty_01k9z6b0w2e8ra5m3q7t4n1xvd', account_id: IDS.seller, role: 'seller' },
    ],
    milestones: ESCROW.milestones.map((milestone) => ({
      ...milestone,
      id: IDS.milestone,
      amount: toMinor(milestone.amount),
      due_at: instant(milestone.due_at),
    })),
  });
  if (!result.ok) throw new Error('the example is no deal', { cause: result.problems });
  const draft = openDraft(ESCROW_ID, result.terms, TERMS_HASH, result.parties);
  const { terms, ...state } = after(draft, { id: 'cmd_example', type: 'send', body: {} });
  return {
    ...common(),
    id: ESCROW_ID,
    version: state.version,
    engagement_id: null,
    draft: null,
    terms,
    terms_hash: TERMS_HASH,
    state,
    ...statusOf({ ...state, terms }),
    stuck: null,
    test_clock_id: null,
    now: NOW,
  };
}

function after(escrow: Escrow, asked: Command): Escrow {
  const decision = decide(escrow, asked, { kind: 'account', account: IDS.buyer }, NOW);
  if (!decision.ok) throw new Error('the example is refused', { cause: decision.refusal });
  return evolveAll(escrow, decision.events);
}

const command = (): CommandRow => ({
  id: 'cmd_01k9z6b0w2e8ra5m3q7t4n1xvc',
  livemode: false,
  type: 'accept',
  escrow_id: ESCROW_ID,
  body: { terms_hash: TERMS_HASH },
  actor: { on_behalf_of: IDS.seller, strength: 'key' },
  signature: null,
  expected_version: null,
  http_hash: null,
  accepted_at: NOW,
  created_at: NOW,
  age_ms: 0,
  handed_over_at: NOW,
  handed_over_by: 'signal',
  answered_at: null,
  outcome: null,
  refusal: null,
  version: null,
  status: 202,
  answer: null,
});

const effect = (id: EffectRow['id']): EffectRow => ({
  ...common(),
  id,
  kind: 'payment',
  escrow_id: id.startsWith('wdr_') ? null : ESCROW_ID,
  milestone_id: id.startsWith('dsb_') ? IDS.milestone : null,
  account_id: id.startsWith('pay_') ? IDS.buyer : IDS.seller,
  currency: 'USD',
  amount: toMinor(125_000),
  payment_id: id.startsWith('ref_') ? 'pay_01k9z6b0w2e8ra5m3q7t4n1xvc' : null,
  destination_id: id.startsWith('pay_') ? null : 'dst_01k9z6b0w2e8ra5m3q7t4n1xvc',
  provider: 'sandbox',
  state: 'settled',
  reason: null,
  payer_action: null,
  settled_amount: toMinor(125_000),
  applied: id.startsWith('pay_') ? toMinor(125_000) : null,
  version: 3,
  attempts: [{ number: 1, reference: `${id}-1`, state: 'settled', sent_at: NOW }],
});
