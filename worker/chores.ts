/**
 * Owns the list of small jobs that every worker does beside its tasks, and how often.
 * Must not know how they are repeated (`rounds.ts`).
 */
import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import { takeCheckpoints } from '../ledger/keeper';
import type { Dispatcher } from './dispatcher';
import { relayWebhooks } from './relay';
import type { Round } from './rounds';
import { sweepCommands, sweepEffects } from './sweeper';

/** `keeper` acts as holdfast_keeper: it can close the books' tails and nothing else. */
export const choresOf = (
  pool: Pool,
  keeper: Pool,
  temporal: Client,
  dispatcher: Dispatcher,
): readonly Round[] => [
  { name: 'relay', everyMs: 100, work: () => relayWebhooks(pool, temporal) },
  { name: 'webhooks', everyMs: 100, work: dispatcher.begin },
  { name: 'sweep commands', everyMs: 2_000, work: () => sweepCommands(pool, temporal) },
  { name: 'sweep effects', everyMs: 2_000, work: () => sweepEffects(pool, temporal) },
  {
    name: 'checkpoints',
    everyMs: 5_000,
    work: async () => {
      await takeCheckpoints(keeper);
      return 0; // the next beat is early enough
    },
  },
];
