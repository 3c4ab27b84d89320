/**
 * Owns bodies and answers of accounts, destinations, balances and statements.
 * Must not know how they are stored.
 */
import { z } from 'zod';
import {
  amount,
  commonFields,
  country,
  currency,
  email,
  idOf,
  metadata,
  text,
  time,
} from './fields';

export const accountParams = z.object({ id: idOf('acc') });

export const destinationBody = z
  .strictObject({
    provider: text(40),
    reference: text(200).meta({ description: "The provider's own number for it." }),
    name: text(200).meta({ description: 'Whose it is.' }),
    currency,
    default: z.boolean().optional().meta({
      description: 'Money in this currency goes here; left out: when it is the first for it.',
    }),
  })
  .meta({ id: 'PayoutDestinationRequest' });

const KINDS = ['person', 'company'] as const;
export const accountBody = z
  .strictObject({
    kind: z.enum(KINDS),
    name: text(200),
    email,
    phone: text(40).optional(),
    country: country.optional(),
    metadata: metadata.optional(),
    payout_destinations: z.array(destinationBody).max(20).optional(),
  })
  .meta({ id: 'AccountRequest' });

export const accountPatch = z
  .strictObject({
    kind: z.enum(KINDS).optional(),
    name: text(200).optional(),
    email: email.optional(),
    phone: text(40).nullable().optional(),
    country: country.nullable().optional(),
    metadata: metadata.optional(),
  })
  .meta({ id: 'AccountPatch', description: 'Fields replace those of the account.' });

export const destinationAnswer = z
  .object({
    ...commonFields('payout_destination', 'dst'),
    account: z.string(),
    provider: z.string(),
    reference: z.string(),
    name: z.string(),
    currency: z.string(),
    default: z.boolean(),
  })
  .meta({ id: 'PayoutDestination' });

export const accountAnswer = z
  .object({
    ...commonFields('account', 'acc'),
    kind: z.enum(KINDS),
    name: z.string(),
    email: z.string(),
    phone: z.string().nullable(),
    country: z.string().nullable().meta({ description: 'ISO 3166-1 alpha-2.' }),
    payout_destinations: z.array(destinationAnswer),
  })
  .meta({ id: 'Account', description: 'A person or company with a wallet.' });

export const balancesAnswer = z
  .object({
    object: z.literal('balances'),
    account: z.string(),
    data: z.array(
      z.object({
        currency: z.string(),
        available: amount.meta({ description: 'In the wallet.' }),
        in_flight: amount.meta({ description: 'On its way to a destination.' }),
        reserved: amount.meta({ description: 'In the wallet, and meant to leave it.' }),
      }),
    ),
  })
  .meta({ id: 'Balances' });

export const statementEntry = z
  .object({
    journal: z.int(),
    at: time,
    type: z.string(),
    subject: z.string().meta({ description: 'The escrow, payment or payout that it was for.' }),
    currency: z.string(),
    amount: amount.meta({ description: 'In: positive. Out: negative.' }),
    balance: amount.meta({ description: 'Of the wallet, after it.' }),
  })
  .meta({ id: 'StatementEntry' });
