/**
 * Owns how events, timelines and books are shown.
 * Must not know what causes them.
 */
import { z } from 'zod';
import { deadlineAnswer } from './escrow-answers';
import { amount, time } from './fields';

const eventFields = {
  id: z.string(),
  object: z.literal('event'),
  type: z.string().meta({ examples: ['funded'] }),
  created_at: time,
  livemode: z.boolean(),
  api_version: z.string(),
  escrow: z.string().nullable(),
  subject: z.string().meta({ description: 'What the sequence counts: an escrow, a payment, …' }),
  sequence: z.int().meta({ description: 'Without gaps, per subject.' }),
  data: z.record(z.string(), z.unknown()),
};
export const eventAnswer = z.object(eventFields).meta({ id: 'Event' });

export const escrowEventAnswer = z
  .object({
    ...eventFields,
    at: time.meta({ description: "When it happened, in the escrow's time." }),
    status: z.string().meta({ description: 'Of the escrow, after it.' }),
    status_code: z.string(),
    command: z.string(),
    actor: z.object({
      kind: z.enum(['account', 'platform', 'clock', 'provider']),
      account: z.string().nullable(),
    }),
  })
  .meta({ id: 'EscrowEvent' });

export const timelineAnswer = z
  .object({
    object: z.literal('timeline'),
    escrow: z.string(),
    now: time,
    data: z.array(
      z.discriminatedUnion('kind', [
        z
          .object({ kind: z.literal('event'), at: time, event: escrowEventAnswer })
          .meta({ id: 'TimelineEvent' }),
        z
          .object({ kind: z.literal('deadline'), at: time, deadline: deadlineAnswer })
          .meta({ id: 'TimelineDeadline' }),
      ]),
    ),
  })
  .meta({ id: 'Timeline', description: 'Past and future on one line, oldest first.' });

const lines = z.array(z.object({ account: z.string(), currency: z.string(), amount }));
export const journalAnswer = z
  .object({
    id: z.int(),
    key: z.string(),
    type: z.string(),
    subject: z.string(),
    at: time,
    event: z.string().nullable().meta({ description: 'The event that posted it.' }),
    lines: lines.meta({ description: 'Debit positive.' }),
  })
  .meta({ id: 'Journal' });

export const booksAnswer = z
  .object({
    object: z.literal('books'),
    escrow: z.string(),
    accounts: z.array(
      z.object({
        code: z.string(),
        currency: z.string(),
        debit: amount,
        credit: amount,
        balance: amount.meta({ description: 'Debit less credit, of these journals.' }),
      }),
    ),
    journals: z.array(journalAnswer),
  })
  .meta({ id: 'Books', description: 'T-accounts and journals.' });

export const proofAnswer = z
  .object({
    object: z.literal('proof'),
    ok: z.boolean(),
    checks: z.array(z.object({ name: z.string(), ok: z.boolean(), detail: z.string() })),
  })
  .meta({ id: 'Proof' });

export const trialBalanceAnswer = z
  .object({
    object: z.literal('trial_balance'),
    currency: z.string(),
    accounts: z.array(z.object({ code: z.string(), debit: amount, credit: amount })),
    debit: amount,
    credit: amount,
  })
  .meta({ id: 'TrialBalance' });

export const ledgerAccountAnswer = z
  .object({
    object: z.literal('ledger_account'),
    code: z.string(),
    kind: z.string(),
    currency: z.string(),
    owner: z.string().nullable(),
    status: z.string(),
    balance: amount.meta({ description: "Positive on the account's own side." }),
  })
  .meta({ id: 'LedgerAccount' });
