/**
 * Owns refunds that go back to where the money came from: which payments bear which part, and what
 * becomes of each on its way.
 * Must not know how a refund is shared among payers (`fees.ts`), nor how a provider is asked.
 * Source: `escrow.md`, sections 8 and 9.
 */
import type { AgreementBodies } from './commands';
import type { Contribution, PayerShare, Refund, Source } from './contribution';
import { isFor } from './due';
import type { Agreement, Escrow, Milestone } from './escrow';
import type { Share, SourceShare } from './events';
import { type CommandId, type MilestoneId, refundId } from './ids';
import { type Minor, min, subtract, sum, ZERO } from './money';
import { type Ask, happened, type Row } from './row';

/**
 * Which payments give back what the payers get: of each payer the newest first, each at most what
 * the escrow took of it. What was paid out of a wallet stays in the wallet.
 */
export function sourcesOf(
  escrow: Escrow,
  milestone: Pick<Milestone, 'id' | 'number'>,
  payers: readonly Share[],
  command: CommandId,
): readonly SourceShare[] {
  if (escrow.terms.refund_to !== 'source') return [];
  const newest = escrow.sources.filter((each) => isFor(each, milestone.id)).reverse();
  const parts = payers.flatMap(({ account, amount }) =>
    spread(
      amount,
      newest.filter((each) => each.account === account),
    ),
  );
  return parts.map((part, at) => ({
    ...part,
    refund: refundId(command, milestone.number * 1000 + at),
  }));
}

/** What is left of the contributions after money of a milestone, or of all, went back. */
export const contributionsAfter = (
  escrow: Escrow,
  payers: readonly PayerShare[],
  milestone?: MilestoneId,
): readonly Contribution[] =>
  escrow.contributions.map((contribution) => ({
    ...contribution,
    left: payers
      .filter(({ account, milestone: its = milestone }) => {
        return account === contribution.account && isFor(contribution, its);
      })
      .reduce((left, payer) => subtract(left, payer.amount), contribution.left),
  }));

/** The payments and refunds after these parts went on their way. */
export function sentBack(
  escrow: Escrow,
  milestone: Milestone['id'],
  shares: readonly SourceShare[],
): Pick<Escrow, 'sources' | 'refunds'> {
  const begun = shares.map(
    ({ refund: id, ...share }): Refund => ({ id, ...share, milestone, state: 'pending' }),
  );
  return {
    refunds: [...escrow.refunds, ...begun],
    sources: escrow.sources.map((source) => {
      const back = shares.filter((share) => isFrom(share, source, milestone));
      return { ...source, left: subtract(source.left, sum(back.map(({ amount }) => amount))) };
    }),
  };
}

const isFrom = (share: SourceShare, source: Source, milestone: Milestone['id']): boolean =>
  share.payment === source.payment && isFor(source, milestone);

type RefundCommand = 'settle_refund' | 'fail_refund';
type RefundRow<C extends RefundCommand> = Row<Agreement, C, Agreement['stage']>;

const refundOf = ({ escrow, command }: Ask<unknown, RefundCommand>): Refund | undefined =>
  escrow.refunds.find(({ id }) => id === command.body.refund);
const isUnknown = (ask: Ask<unknown, RefundCommand>): boolean => !refundOf(ask);

/** Reports of the script; a refund that failed stays in the wallet. */
export const REFUNDING: { readonly [C in RefundCommand & keyof AgreementBodies]: RefundRow<C> } = {
  settle_refund: {
    who: ['provider'],
    on_hold: 'passes',
    check: { malformed: isUnknown, already_done: (ask) => refundOf(ask)?.state === 'settled' },
    emits: (ask) => [happened(ask, 'refund_settled', { refund: ask.command.body.refund })],
    to: ['unchanged'],
  },
  fail_refund: {
    who: ['provider'],
    on_hold: 'passes',
    check: { malformed: isUnknown, already_done: (ask) => refundOf(ask)?.state === 'failed' },
    emits: (ask) => {
      const { refund, reason } = ask.command.body;
      return [happened(ask, 'refund_failed', { refund, reason })];
    },
    to: ['unchanged'],
  },
};

function spread(amount: Minor, sources: readonly Source[]): readonly Omit<SourceShare, 'refund'>[] {
  const parts: Omit<SourceShare, 'refund'>[] = [];
  let rest = amount;
  for (const { payment, account, left } of sources) {
    const part = min(rest, left);
    if (part > ZERO) parts.push({ payment, account, amount: part });
    rest = subtract(rest, part);
  }
  return parts;
}
