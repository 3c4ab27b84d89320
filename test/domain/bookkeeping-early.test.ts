/**
 * Owns the journals of money that goes back before the escrow is agreed and funded.
 * Must not know the other journals (`bookkeeping.test.ts`). Templates: `ledger.md`, section 9.
 */
import { journalFor } from '../../domain/bookkeeping';
import type { Draft } from '../../domain/draft';
import { linesOf } from './books';
import { act, ask, escrowOf, eventsOf, play, SENT } from './sample';

const FEE = {
  kind: 'platform',
  rate_bps: 300,
  paid_by: { buyer: 10_000 },
  tax_bps: 1_900,
} as const;
const ANY: Partial<Draft> = { fees: [FEE], funding: { order: 'any' } };
const KEPT: Partial<Draft> = { fees: [{ ...FEE, refundable: false }] };

test('money that came in before all was due goes back to each who paid it', () => {
  const some = act(play(escrowOf(ANY), ...SENT, 'buyer accept'), 'buyer', 'fund', { amount: 900 });
  const [, returned] = eventsOf(ask(some, 'seller', 'reject'));
  expect(returned?.type).toBe('contributions_returned');
  expect(returned && linesOf(journalFor(some, 9, returned))).toBe(
    'D unallocated 900, C wallet:buyer 900',
  );
});

test('before the escrow is both agreed and funded no fee is earned, refundable or not', () => {
  const paid = play(
    escrowOf({ ...KEPT, funding: { order: 'any' } }),
    ...SENT,
    'buyer accept',
    'buyer fund',
  );
  const refunds = eventsOf(ask(paid, 'seller', 'reject')).filter((e) => e.type === 'refunded');
  expect(refunds.map((event) => linesOf(journalFor(paid, 1, event)))).toEqual([
    'D ms:1 10000, D fee 300, C wallet:buyer 10300',
    'D ms:2 20000, D fee 600, C wallet:buyer 20600',
  ]);
});
