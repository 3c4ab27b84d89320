/**
 * Owns how accounts and destinations are shown.
 * Must not know how they are stored.
 */
import type { z } from 'zod';
import type { AccountRow, DestinationRow } from '../account-row';
import type { accountAnswer, destinationAnswer } from '../schemas/accounts';

export const accountView = (row: AccountRow): z.input<typeof accountAnswer> => ({
  id: row.id,
  object: 'account',
  livemode: row.livemode,
  created_at: row.created_at,
  updated_at: row.updated_at,
  version: row.version,
  metadata: row.metadata,
  kind: row.kind,
  name: row.name,
  email: row.email,
  phone: row.phone,
  country: row.country,
  payout_destinations: row.destinations.map(destinationView),
});

/** Destinations are never edited: made once, taken away once. */
export const destinationView = (row: DestinationRow): z.input<typeof destinationAnswer> => ({
  id: row.id,
  object: 'payout_destination',
  livemode: row.livemode,
  created_at: row.created_at,
  updated_at: row.created_at,
  version: 1,
  metadata: {},
  account: row.account_id,
  provider: row.provider,
  reference: row.reference,
  name: row.name,
  currency: row.currency,
  default: row.is_default,
});
