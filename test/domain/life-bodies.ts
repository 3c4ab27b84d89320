/**
 * Owns the bodies of commands in random lives: what fits the escrow as it stands, differing with a
 * number.
 * Must not know who gives which command when (`life.ts`).
 */
import type { Command, CommandType } from '../../domain/commands';
import { isFundedAlone, shortfallOf } from '../../domain/due';
import type { Escrow, Milestone } from '../../domain/escrow';
import type { MilestoneId, ProposalId } from '../../domain/ids';
import type { ProposalKind } from '../../domain/proposal';
import { askedOf } from './proposing';
import { commandOf, DISPUTING, type Name } from './sample';

/** What an offer is about beside its milestone, and who takes it. */
type Answering = {
  readonly kind?: ProposalKind;
  readonly proposal?: ProposalId;
  readonly by?: Name;
};

/** A body that fits the command and the milestone; amounts differ with `pick`. */
export function bodied(
  escrow: Escrow,
  type: CommandType,
  milestone: MilestoneId | null,
  pick = 0,
  { kind = 'amendment', proposal, by = 'buyer' }: Answering = {},
): Command {
  const here = escrow.milestones.find((m) => m.id === milestone);
  const dispute = here && 'dispute' in here && here.dispute ? here.dispute : null;
  const waiting = here?.disbursements.find((d) => 'due' in d) ?? here?.disbursements[0];
  const disputed = dispute?.amount ?? 0;
  const recipients = disputed === 0 ? 0 : pick % (disputed + 1);
  return commandOf(escrow, type, {
    ...(here && { milestone: here.id }),
    ...(here && DISPUTING.has(type) && { dispute: dispute?.id ?? 'dis_none' }),
    ...(here && type.endsWith('_disbursement') && { disbursement: waiting?.id ?? 'dsb_none' }),
    ...(here && type === 'release_part' && { amount: newPart(here, pick) }),
    ...(here && type === 'override' && overriding(here, pick)),
    ...(type === 'replace_party' && replacing(escrow, pick)),
    ...(type === 'resolve' && { split: { recipients, payers: disputed - recipients } }),
    ...(type === 'propose' && { content: askedOf(escrow, { kind, milestone, by, pick }) }),
    ...(proposal && { proposal }),
    ...(type === 'fund' && fundBody(escrow, pick, by)),
  });
}

/** Another operator than the one who has asked; what has not started is only given back. */
function overriding({ stage, override: asked }: Milestone, pick: number) {
  const operator = asked?.operator === 'ann' ? 'bob' : 'ann';
  const act = asked && pick % 3 > 0 ? asked.act : pick % 2 === 0 ? 'release' : 'refund';
  return { operator, act: stage === 'waiting' ? 'refund' : act };
}

/** Who takes whose place, and may be replaced by him again. */
const HEIRS = {
  pty_buyer: 'heir',
  pty_seller: 'successor',
  pty_broker: 'agent',
  pty_arbiter: 'umpire',
  pty_observer: 'newcomer',
};

/** Another operator than the one who has asked, mostly for the same. */
function replacing({ parties }: Escrow, pick: number) {
  const all = parties.filter(({ id }) => Object.hasOwn(HEIRS, id));
  const asked = all.find(({ replacement }) => replacement !== null);
  const party = (pick % 4 > 0 && asked) || all[pick % all.length];
  if (!party) throw new Error('nobody can be replaced');
  const { id, account_id, replacement } = party;
  const [, heir = ''] = Object.entries(HEIRS).find(([name]) => name === id) ?? [];
  const account = account_id === `acc_${heir}` ? `acc_${id.slice(4)}` : `acc_${heir}`;
  const operator = replacement?.operator === 'ann' ? 'bob' : 'ann';
  const next_hash = `${pick % 10_000}`.padStart(64, 'd');
  return { party: id, account, operator, next_hash };
}

/** What somebody has named already, so that there are enough; or what nobody has. */
function newPart({ held, part_approvals: named }: Milestone, pick: number): number {
  const [first] = named;
  if (first && pick % 3 > 0) return first.amount;
  const most = Math.max(1, held - 1);
  const amount = 1 + (pick % most);
  const others = [amount, 1 + (amount % most), 1 + ((amount + 1) % most)]; // two can have named one
  return others.find((each) => named.every((p) => p.amount !== each)) ?? amount;
}

/** All that is missing, or a part of it; where each is funded alone, of the first that wants it. */
function fundBody(escrow: Escrow, pick: number, by: Name): object {
  const first = escrow.milestones.find(({ id }) => shortfallOf(escrow, id) > 0);
  const milestone = isFundedAlone(escrow) ? (first ?? escrow.milestones[0])?.id : undefined;
  const missing = shortfallOf(escrow, milestone);
  const isPart = pick % 3 === 0 && missing > 1;
  const amount = isPart ? 1 + (pick % (missing - 1)) : Math.max(1, missing);
  const payment = by === 'provider' ? `pay_${escrow.version}` : undefined;
  return { payment, payer: payment && 'acc_buyer', amount, milestone };
}

export const nameOf = (account: string): Name => account.slice(4) as Name; // of an account of these

/** The name of the account that is a party now. */
export const nameIn = ({ parties }: Escrow, party: string): Name =>
  nameOf(parties.find(({ id }) => id === party)?.account_id ?? party);
