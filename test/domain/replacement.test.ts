/**
 * Owns replacing a party: two operators, different ones, on hold alone; who may take which place,
 * and what goes over with it. Source: `escrow.md`, section 5, override; section 2.
 * Must not know the table.
 */

import { asDraft } from '../../domain/amended-terms';
import type { Draft } from '../../domain/draft';
import { drafted } from '../../domain/drafting';
import type { Escrow, Party } from '../../domain/escrow';
import type { PartyId } from '../../domain/ids';
import { statusOf } from '../../domain/status';
import {
  ACTIVE,
  AGREED,
  ARBITER,
  act,
  ask,
  type Body,
  BROKER,
  BUYER,
  escrowOf,
  eventsOf,
  HASH,
  milestone,
  OBSERVER,
  outcome,
  PARTNER,
  part,
  play,
  SELLER,
  SENT,
  the,
} from './sample';

const held = (acts: readonly string[], changes: Partial<Draft> = {}): Escrow =>
  play(escrowOf(changes), ...acts, 'platform hold');
const by = (operator: string, name: string, account: string, more: Body = {}): Body => ({
  operator,
  party: `pty_${name}`,
  account: `acc_${account}`,
  ...more,
});
const give = (escrow: Escrow, body: Body): string =>
  outcome(ask(escrow, 'platform', 'replace_party', body));

/** Ann asks, Bob confirms. */
function replaced(escrow: Escrow, name: string, account: string, more: Body = {}): Escrow {
  const asked = act(escrow, 'platform', 'replace_party', by('ann', name, account, more));
  return act(asked, 'platform', 'replace_party', by('bob', name, account, more));
}

function partyOf({ parties }: Escrow, id: PartyId): Party {
  const found = parties.find((each) => each.id === id);
  if (!found) throw new Error(`no ${id}`);
  return found;
}

const running = held(ACTIVE);
const asked = act(running, 'platform', 'replace_party', by('ann', 'seller', 'successor'));

describe('who asks', () => {
  test('one operator asks, another one carries it out, and all parties see it', () => {
    expect(partyOf(asked, 'pty_seller')).toMatchObject({
      account_id: 'acc_seller',
      replacement: { account: 'acc_successor', operator: 'ann', reason: 'because' },
    });
    const events = eventsOf(
      ask(asked, 'platform', 'replace_party', by('bob', 'seller', 'successor')),
    );
    expect(the(events, 'party_replaced')).toMatchObject({
      party: 'pty_seller',
      before: { account: 'acc_seller' },
      account: 'acc_successor',
      operators: ['ann', 'bob'],
      reason: 'because',
    });
  });

  test('nobody confirms what he has asked for himself', () => {
    expect(ask(asked, 'platform', 'replace_party', by('ann', 'seller', 'successor'))).toMatchObject(
      {
        refusal: { code: 'already_done', detail: 'another operator must confirm it' },
      },
    );
  });

  test.each<[string, Body]>([
    ['account', by('bob', 'seller', 'newcomer')],
    ['destination', by('bob', 'seller', 'successor', { destination: 'dst_1' })],
    ['party', by('bob', 'broker', 'agent')],
  ])('who asks for another %s begins anew', (_what, body) => {
    expect(give(asked, body)).toBe('replacement_requested');
  });

  test('once done, sent again it is done already', () => {
    expect(give(replaced(running, 'seller', 'successor'), by('ann', 'seller', 'successor'))).toBe(
      '! already_done',
    );
  });

  test('only on hold, and with the hold what was asked is forgotten', () => {
    expect(give(play(escrowOf(), ...ACTIVE), by('ann', 'seller', 'successor'))).toBe(
      '! conditions_unmet',
    );
    const again = play(asked, 'platform unhold', 'platform hold');
    expect(give(again, by('bob', 'seller', 'successor'))).toBe('replacement_requested');
  });

  test('only the platform, and only a party of this escrow', () => {
    const body = by('ann', 'seller', 'successor');
    expect(outcome(ask(running, 'buyer', 'replace_party', body))).toBe('! not_allowed');
    expect(give(running, by('ann', 'stranger', 'successor'))).toBe('! malformed');
  });
});

describe('who may take which place', () => {
  const everywhere = { parties: [BUYER, PARTNER, SELLER, BROKER, ARBITER, OBSERVER] };
  test.each<[string, string, string]>([
    ['seller', 'buyer', '! conflict_of_interest'],
    ['buyer', 'seller', '! conflict_of_interest'],
    ['arbiter', 'buyer', '! conflict_of_interest'],
    ['arbiter', 'seller', '! conflict_of_interest'],
    ['buyer', 'arbiter', '! conflict_of_interest'],
    ['broker', 'arbiter', '! conflict_of_interest'],
    ['buyer', 'partner', '! malformed'], // twice in one role
    ['buyer', 'buyer', '! already_done'],
    ['buyer', 'broker', 'replacement_requested'],
    ['seller', 'broker', 'replacement_requested'],
    ['arbiter', 'observer', 'replacement_requested'],
    ['observer', 'buyer', 'replacement_requested'],
  ])('in the place of the %s the account of the %s: %s', (place, account, out) => {
    expect(give(held(ACTIVE_BOTH, everywhere), by('ann', place, account))).toBe(out);
  });

  test('nor the external handler in the place of one whom he judges', () => {
    const dispute_handler = { kind: 'arbitration', handler: 'acc_handler' } as const;
    const judged = held(ACTIVE, { dispute_handler });
    for (const place of ['buyer', 'seller', 'broker']) {
      expect(give(judged, by('ann', place, 'handler'))).toBe('! conflict_of_interest');
    }
  });

  test('who has paid becomes neither seller nor arbiter, who was paid as a seller no buyer', () => {
    const another = replaced(running, 'buyer', 'heir');
    expect(give(another, by('ann', 'seller', 'buyer'))).toBe('! conflict_of_interest');
    expect(give(another, by('ann', 'arbiter', 'buyer'))).toBe('! conflict_of_interest');
    const paid = held([...ACTIVE, 'buyer approve']);
    const other = replaced(paid, 'seller', 'successor');
    expect(give(other, by('ann', 'buyer', 'seller'))).toBe('! conflict_of_interest');
    expect(give(other, by('ann', 'arbiter', 'seller'))).toBe('! conflict_of_interest');
  });

  test('who may pay by the terms pays as a buyer when he becomes one; he becomes no seller', () => {
    const funding = { by: [{ account_id: 'acc_payer' }, { party: 'pty_observer' }] } as const;
    const paying = held(AGREED, { funding });
    expect(give(paying, by('ann', 'seller', 'payer'))).toBe('! conflict_of_interest');
    expect(replaced(paying, 'buyer', 'payer').terms.funding.by).toEqual(['acc_observer']);
    const other = replaced(paying, 'observer', 'newcomer');
    expect(other.terms.funding.by).toEqual(['acc_payer', 'acc_newcomer']);
  });
});

const ACTIVE_BOTH = [...SENT, 'buyer accept', 'partner accept', ...AGREED.slice(2), 'buyer fund'];

describe('what goes over', () => {
  test('role, flags and rights; the old account is no party any more', () => {
    const after = play(replaced(running, 'seller', 'successor'), 'platform unhold');
    const before = partyOf(running, 'pty_seller');
    expect(partyOf(after, 'pty_seller')).toEqual({ ...before, account_id: 'acc_successor' });
    expect(outcome(ask(after, 'seller', 'mark_done'))).toBe('! not_a_party');
    expect(outcome(ask(after, 'successor', 'mark_done'))).toBe('delivered');
  });

  test('the terms name the new account, have another hash, and could be drafted so', () => {
    const after = replaced(running, 'seller', 'successor');
    expect(after.terms_hash).toBe('c'.repeat(64));
    expect(JSON.stringify(after.terms)).not.toContain('acc_seller');
    expect(drafted(asDraft(after.terms))).toMatchObject({ ok: true, terms: after.terms });
    expect(outcome(ask(after, 'platform', 'unhold', { terms_hash: HASH }))).toBe('! terms_changed');
  });

  test('what is still owed: shares of open milestones; what was paid stays whose it was', () => {
    const half = act(play(escrowOf(), ...ACTIVE), 'buyer', 'release_part', { amount: 4_000 });
    const after = replaced(play(half, 'platform hold'), 'seller', 'successor', {
      destination: 'wallet',
    });
    expect(milestone(after).recipients).toMatchObject([{ account: 'acc_successor', paid: 4_000 }]);
    expect(milestone(after).disbursements).toMatchObject([{ account: 'acc_seller' }]);
    const events = eventsOf(ask(play(after, 'platform unhold'), 'buyer', 'approve'));
    expect(the(events, 'released').payees).toMatchObject([
      { account: 'acc_successor', amount: 6_000, destination: 'wallet' },
    ]);
  });

  test('a commission that is not earned yet', () => {
    const fees = [
      { kind: 'broker_commission', rate_bps: 500, paid_by: { seller: 10_000 } },
    ] as const;
    const after = replaced(held(ACTIVE, { fees }), 'broker', 'agent');
    const events = eventsOf(ask(play(after, 'platform unhold'), 'buyer', 'approve'));
    expect(the(events, 'released').earned).toMatchObject([{ beneficiary: 'acc_agent' }]);
  });

  test('what a payer has put in stays his: a refund goes to him, not to the new buyer', () => {
    const after = play(replaced(running, 'buyer', 'heir'), 'platform unhold');
    const events = eventsOf(ask(after, 'seller', 'cancel', { milestone: 'mil_1' }));
    expect(the(events, 'refunded').payers).toEqual([{ account: 'acc_buyer', amount: 10_000 }]);
    expect(outcome(ask(after, 'heir', 'approve'))).toBe('approved, delivery_accepted, released');
  });

  test('the new buyer pays what is due; a payment of the old one waits in his wallet', () => {
    const after = play(replaced(held(AGREED), 'buyer', 'heir'), 'platform unhold');
    expect(outcome(ask(after, 'provider', 'fund'))).toBe('payment_waiting');
    expect(outcome(ask(after, 'heir', 'fund'))).toBe('funded, due_completed, started');
  });

  test('the approval of the old one counts no more, that of another does', () => {
    const parties = [BUYER, PARTNER, SELLER, BROKER];
    const milestones = [part(1, { approvals_required: 2 }), part(2)];
    const both = play(escrowOf({ parties, milestones }), ...ACTIVE_BOTH);
    for (const [name, left] of [
      ['buyer', []],
      ['partner', ['pty_partner']],
    ] as const) {
      const after = replaced(play(both, `${name} approve`, 'platform hold'), 'buyer', 'heir');
      expect(milestone(after).approvals).toEqual(left);
    }
  });

  test('a dispute that the old arbiter had is the new one’s', () => {
    const dispute_handler = { kind: 'arbitration' } as const;
    const acts = ['buyer dispute', 'seller answer_dispute', 'buyer escalate'];
    const judged = play(
      escrowOf({ dispute_handler }),
      ...SENT,
      'arbiter accept',
      ...AGREED.slice(1),
      'buyer fund',
      ...acts,
      'platform hold',
    );
    const after = play(replaced(judged, 'arbiter', 'umpire'), 'platform unhold');
    expect(outcome(ask(after, 'arbiter', 'resolve'))).toBe('! not_a_party');
    expect(outcome(ask(after, 'umpire', 'resolve'))).toBe('ruled');
  });

  test('an open proposal lapses, whoever made it', () => {
    const proposed = act(play(escrowOf(), ...ACTIVE), 'seller', 'propose', {
      content: { kind: 'extension', milestone: 'mil_1', due_at: '2026-06-01T00:00:00.000Z' },
    });
    const first = act(
      play(proposed, 'platform hold'),
      'platform',
      'replace_party',
      by('ann', 'buyer', 'heir'),
    );
    expect(give(first, by('bob', 'buyer', 'heir'))).toBe('party_replaced, proposal_lapsed');
    const [lapsed] = act(first, 'platform', 'replace_party', by('bob', 'buyer', 'heir')).proposals;
    expect(lapsed).toMatchObject({ stage: 'lapsed', why: 'a party has been replaced' });
  });
});

describe('whose acceptance is asked', () => {
  test('before all have agreed the new one must accept himself, also for the initiator', () => {
    const parties = [{ ...BUYER, initiator: true }, SELLER, BROKER];
    const begun = held(['buyer send', 'seller accept'], { parties });
    const after = play(replaced(begun, 'buyer', 'heir'), 'platform unhold');
    expect(partyOf(after, 'pty_buyer').status).toBe('created');
    expect(outcome(ask(play(after, 'broker accept'), 'heir', 'accept'))).toBe(
      'party_accepted, agreed',
    );
  });

  test('once all have agreed, the agreement stands', () => {
    const after = replaced(held(AGREED), 'buyer', 'heir');
    expect(partyOf(after, 'pty_buyer').status).toBe('accepted');
    expect(statusOf(after).status_code).toBe('anf');
  });

  test('an appointment that was rejected is offered to the new arbiter', () => {
    const rejected = held([...SENT, 'arbiter reject', ...AGREED.slice(1)]);
    const after = play(replaced(rejected, 'arbiter', 'umpire'), 'platform unhold');
    expect(outcome(ask(after, 'umpire', 'accept'))).toBe('party_accepted');
  });
});

test('after the end nobody is replaced: what was released is whose it was', () => {
  const one = play(
    escrowOf({ milestones: [part(1)] }),
    ...ACTIVE,
    'buyer approve',
    'platform hold',
  );
  expect(give(one, by('ann', 'seller', 'successor'))).toBe('! escrow_closed');
});
