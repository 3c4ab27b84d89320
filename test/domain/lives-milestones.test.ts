/**
 * Owns what holds for milestones in every life: their order, approvals, parts released early and
 * what is kept back.
 * Must not know which lives there are (`life.ts`). Source: `escrow.md`, sections 2, 3, 5 and 6.
 */
import { isFunded } from '../../domain/due';
import type { Escrow, Milestone } from '../../domain/escrow';
import { isOpen } from '../../domain/escrow';
import type { Event } from '../../domain/events';
import { cutOff, isItsTurn } from '../../domain/order';
import { every, fold, LIVES } from './every';
import type { Life } from './life';

const termsOf = ({ terms }: Escrow, here: Milestone) =>
  terms.milestones.find(({ id }) => id === here.id);
const before = (escrow: Escrow, here: Milestone): readonly Milestone[] =>
  escrow.milestones.filter(({ id }) => termsOf(escrow, here)?.after.includes(id));

/** The states between commands, in which nothing follows by itself any more. */
const rests = ({ steps }: Life): readonly Escrow[] => steps.map(({ after }) => after);

test('the lives have chains, two who approve, parts of both kinds and reserves', () => {
  const of = (fits: (life: Life) => boolean): number => LIVES.filter(fits).length;
  const milestonesOf = ({ draft }: Life) => draft.terms.milestones;
  const has = (type: string) => (life: Life) => life.events.some((event) => event.type === type);
  expect(of((life) => milestonesOf(life).some(({ after }) => after.length > 0))).toBeGreaterThan(
    49,
  );
  expect(of((life) => milestonesOf(life)[0]?.approvals_required === 2)).toBeGreaterThan(49);
  expect(of(has('part_approved'))).toBeGreaterThan(of(has('part_released')));
  expect(of(has('part_released'))).toBeGreaterThan(19);
  expect(of(has('reserve_freed'))).toBeGreaterThan(9);
});

every('what can start has started, in the step in which it could', (life) =>
  rests(life)
    .filter(({ agreement }) => agreement.stage === 'active')
    .find((escrow) => escrow.milestones.some((here) => isFunded(here) && isItsTurn(escrow, here))),
);

every('nothing waits for what came to nothing', (life) =>
  rests(life).find((escrow) => cutOff(escrow) !== null),
);

every('what has started waits for nothing that has not', (life) =>
  fold(life, (event, _, after) => {
    if (event.type !== 'started') return null;
    const begun = event.milestones.map(({ milestone }) => milestone);
    return after.milestones
      .filter(({ id }) => begun.includes(id))
      .find((here) => before(after, here).some(({ done_at }) => done_at === null));
  }),
);

every('a due date only moves later than agreed', (life) =>
  fold(life, (_, __, after) =>
    after.milestones.find((here) => here.due_at < (termsOf(after, here)?.due_at ?? '')),
  ),
);

every('nobody but the clock or a delivery without inspection accepts for fewer', (life) =>
  fold(life, (event, _, __, earlier) => {
    if (event.type !== 'delivery_accepted' || event.actor === 'clock') return null;
    const here = earlier.milestones.find(({ id }) => id === event.milestone);
    const terms = here && termsOf(earlier, here);
    if (!here || !terms || terms.inspection_period === 0) return null;
    const isFew = here.approvals.length < terms.approvals_required;
    return isFew || new Set(here.approvals).size < here.approvals.length ? here.approvals : null;
  }),
);

/** By a cancellation with a split, not by approval. */
const byBothSides = ({ steps }: Life, event: Event): boolean =>
  steps.some(
    ({ command, decision }) =>
      command.type !== 'release_part' && decision.ok && decision.events.includes(event),
  );

every('a part is less than what was held, and named by as many as approve', (life) =>
  fold(life, (event, _, after, earlier) => {
    if (event.type !== 'part_released' || byBothSides(life, event)) return null;
    const [was, is] = [earlier, after].map(({ milestones }) =>
      milestones.find(({ id }) => id === event.milestone),
    );
    if (!was || !is) return event;
    const named = was.part_approvals.filter(({ amount }) => amount === event.amount).length;
    const isEnough = named >= (termsOf(earlier, was)?.approvals_required ?? 0);
    return isOpen(is) && is.stage === was.stage && is.held > 0 && isEnough ? null : { was, is };
  }),
);

every('what is kept back is a part of what its recipient was paid', (life) =>
  fold(life, (_, __, after) =>
    after.milestones.find(({ reserves, disbursements, recipients }) => {
      const sum = (all: readonly { readonly amount: number }[]): number =>
        all.reduce((total, { amount }) => total + amount, 0);
      const paid = recipients.reduce((total, claim) => total + claim.paid, 0);
      return (
        reserves.some(({ amount }) => amount <= 0) || sum(reserves) + sum(disbursements) > paid
      );
    }),
  ),
);
