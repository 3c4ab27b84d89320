/**
 * Owns what everybody sees of a proposal: kind, by whom, since when, until when, what, whose
 * acceptance it needs, who has accepted, and why it is over. Source: `escrow.md`, section 7.
 * Must not know who may answer it (`test/domain/negotiation.test.ts`).
 */
import { proposalViews } from '../../../api/views/proposal';
import { days, plus } from '../../../domain/calendar';
import { ACTIVE, AT, act, escrowOf, play } from '../../domain/sample';

const due_at = plus(AT, days(40));
const content = { kind: 'extension', milestone: 'mil_1', due_at };
const made = act(play(escrowOf(), ...ACTIVE), 'seller', 'propose', { content });

test('a proposal shows what, by whom, until when, whom it needs and who has accepted', () => {
  expect(proposalViews(made)).toEqual([
    {
      id: made.proposals[0]?.id,
      kind: 'extension',
      status: 'open',
      by: 'pty_seller',
      at: AT,
      expires_at: plus(AT, days(7)),
      reason: 'because',
      closed_because: null,
      content: { milestone: 'mil_1', due_at },
      needs: [{ parties: ['pty_buyer'], required: 1 }],
      accepted_by: ['pty_seller'],
    },
  ]);
});

test('one that is over shows why, and waits for nobody', () => {
  expect(proposalViews(play(made, 'buyer accept_proposal'))).toMatchObject([
    { status: 'accepted', expires_at: null, accepted_by: ['pty_seller', 'pty_buyer'] },
  ]);
  expect(proposalViews(play(made, 'seller mark_done'))).toMatchObject([
    {
      status: 'lapsed',
      expires_at: null,
      closed_because: 'the milestone is no longer open to it',
    },
  ]);
});
