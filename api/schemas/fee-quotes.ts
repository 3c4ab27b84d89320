/**
 * Owns what a quote of fees is asked with, and how it is shown.
 * Must not know what fees come to (`domain/fee-quote.ts`).
 */
import { z } from 'zod';
import { ROLES, type Role } from '../../domain/terms';
import { feeFields, sidesAnswer } from './escrow-answers';
import { FEES_MAX, feeRequest, MILESTONES_MAX, PARTIES_MAX, recipientShare } from './escrows';
import { amount, count, currency, minorFrom } from './fields';

const isRole = (word: string): word is Role => ROLES.some((role) => role === word);

const byCommas = z
  .string()
  .min(1)
  .max(2_000)
  .transform((words) => words.split(','));

const amounts = byCommas
  .refine(
    (words) => words.every((word) => /^[1-9]\d{0,15}$/.test(word)),
    'whole numbers of minor units, by commas',
  )
  .transform((words) => words.map((word) => ({ amount: Number(word) })))
  .meta({
    type: 'string',
    description: 'The amount of each milestone; one for a one-off escrow.',
    examples: ['33334,66667'],
  });

const roles = byCommas
  .refine((words) => words.every(isRole), 'roles, by commas')
  .transform((words) => words.filter(isRole))
  .meta({
    type: 'string',
    description:
      'The roles of the parties, in the order in which recipients name them; left out: a buyer, ' +
      'a seller, and a broker when there is a commission.',
    examples: ['buyer,seller,seller,broker'],
  });

const json = (description: string, example: unknown) =>
  z
    .string()
    .min(1)
    .meta({ description, examples: [JSON.stringify(example)] });

export const quoteQuery = z
  .strictObject({
    currency,
    amounts: amounts.optional(),
    milestones: json(
      'Instead of `amounts`, as JSON: amounts and recipients as in `POST /v1/escrows`.',
      [
        {
          amount: 66_667,
          recipients: [
            { party: 1, amount: 60_000 },
            { party: 2, remainder: true },
          ],
        },
      ],
    ).optional(),
    parties: roles.optional(),
    fees: json('As JSON: the `fees` of `POST /v1/escrows`.', [
      { kind: 'platform', rate_bps: 290, paid_by: { buyer: 5_000, seller: 5_000 } },
    ]).optional(),
  })
  .refine(
    (query) => (query.amounts === undefined) !== (query.milestones === undefined),
    'amounts or milestones, one of them',
  );

/** What is inside of the parameters that are JSON; `amounts` become milestones. */
export const quoteTerms = z.strictObject({
  fees: z.array(feeRequest).max(FEES_MAX),
  milestones: z
    .array(
      z.strictObject({
        amount: minorFrom(1),
        recipients: z
          .array(z.strictObject({ party: count(0, PARTIES_MAX), ...recipientShare }))
          .max(PARTIES_MAX)
          .optional(),
      }),
    )
    .min(1)
    .max(MILESTONES_MAX),
});

/** Parties by their place. */
const quotedSides = sidesAnswer.extend({
  recipients: z.array(z.object({ party: z.int(), role: z.enum(ROLES), amount, net: amount })),
});

export const feeQuoteAnswer = z
  .object({
    object: z.literal('fee_quote'),
    currency: z.string(),
    amount,
    fees: z.array(z.object(feeFields)),
    sides: quotedSides.meta({ id: 'QuotedSides' }),
    milestones: z.array(quotedSides).meta({ description: 'In their order.' }),
  })
  .meta({ id: 'FeeQuote' });
