/**
 * Owns the preview: terms played through against acts with dates, or against silence, before
 * anybody signs. The same decide, evolve, deadlines and books as the engine, so it cannot disagree.
 * Must not know a rule, nor who asks; writes nothing. Source: `escrow.md`, section 10.
 *
 * What only the world knows is assumed: wallets hold what is funded, and a payout settles at once
 * unless the story says that payouts wait, or the escrow is on hold.
 */
import { journalFor } from './bookkeeping';
import type { Instant } from './calendar';
import { type By, CLOCK, type Command, PROVIDER } from './commands';
import { type Alarm, begunBetween, commandOf, type Deadline, nextAlarm } from './deadlines';
import { decide } from './decide';
import { defaultRefused } from './defaults';
import type { Disbursement, Escrow } from './escrow';
import type { Event } from './events';
import { evolve } from './evolve';
import { type DisbursementId, providerCommandId, refusedDefaultId } from './ids';
import { BrokenInvariant, type Journal } from './journal';
import { add, type Minor, ZERO } from './money';
import type { Refusal } from './refusals';
import { waitingFund } from './reports';
import { type StatusOf, statusOf } from './status';

/** One thing that somebody does. `command` sees the state of its moment: ids of disputes and
 * disbursements are born in the story. */
export type Act = {
  readonly at: Instant;
  readonly by: By;
  readonly command: (escrow: Escrow) => Command;
};

/** A step of the story: what was asked, and what it came to. */
export type Moment = {
  readonly at: Instant;
  readonly by: By;
  readonly command: Command;
  readonly refusal: Refusal | null;
  readonly events: readonly (Event & StatusOf)[];
  readonly journals: readonly Journal[];
  /** Ledger accounts that the journals touch, as they stand afterwards; debit positive. */
  readonly balances: readonly { readonly account: string; readonly amount: Minor }[];
  /** Deadlines that begin or move in this step. */
  readonly deadlines: readonly Deadline[];
  readonly after: Escrow;
};

export type Played = { readonly moments: readonly Moment[]; readonly end: Escrow };

/** More steps than any story of real people has: a preview must end. */
const STEPS_MAX = 10_000;

/**
 * Plays a story on an escrow to its end: acts in the order of their dates, and what the clock does
 * in between. An act at the instant of a deadline goes before its default.
 * Ends when nothing more would happen, on hold with the last act.
 */
export function preview(
  opening: Escrow,
  story: readonly Act[],
  payouts: 'settle' | 'wait' = 'settle',
): Played {
  const play = new Play(opening);
  const acts = [...story].sort((a, b) => Number(a.at > b.at) - Number(a.at < b.at));
  while (play.moments.length < STEPS_MAX) {
    if (play.carryOn(payouts)) continue;
    const alarm = play.escrow.hold && acts.length === 0 ? null : nextAlarm(play.escrow);
    const [act] = acts;
    if (act && !(alarm && alarm.at < act.at)) {
      acts.shift();
      play.take(act.command(play.escrow), act.by, act.at);
    } else if (!(alarm && play.ring(alarm))) {
      return { moments: play.moments, end: play.escrow };
    }
  }
  throw new BrokenInvariant(`${opening.id} does not end`);
}

/** A story while it is played: it has identity and a lifetime. */
class Play {
  readonly moments: Moment[] = [];
  private readonly balances = new Map<string, Minor>();
  private at: Instant | null = null;
  escrow: Escrow;

  constructor(opening: Escrow) {
    this.escrow = opening;
  }

  /** What follows without anybody asking: money that waits is taken, payouts arrive. What is
   * refused does not follow: it would be asked again for ever. */
  carryOn(payouts: 'settle' | 'wait'): boolean {
    const { at } = this;
    if (at === null) return false;
    const arrived = payouts === 'settle' ? arrival(this.escrow) : null;
    return [waitingFund(this.escrow), arrived].some((command) => {
      const decision = command && decide(this.escrow, command, PROVIDER, at);
      return command && decision?.ok && this.note(command, PROVIDER, at, null, decision.events);
    });
  }

  /** The reminder or default that is due; false where the wait simply ends. */
  ring(alarm: Alarm): boolean {
    const command = commandOf(this.escrow, alarm);
    if (!command) return false;
    const at = this.at !== null && this.at > alarm.at ? this.at : alarm.at;
    const decision = decide(this.escrow, command, CLOCK, at);
    if (decision.ok) return this.note(command, CLOCK, at, null, decision.events);
    const id = refusedDefaultId(command.id);
    const { code } = decision.refusal;
    const event = defaultRefused(alarm.deadline, command, code, at);
    return this.note({ ...command, id }, CLOCK, at, decision.refusal, [event]);
  }

  take(command: Command, by: By, at: Instant): boolean {
    const decision = decide(this.escrow, command, by, at);
    return decision.ok
      ? this.note(command, by, at, null, decision.events)
      : this.note(command, by, at, decision.refusal, []);
  }

  private note(
    command: Command,
    by: By,
    at: Instant,
    refusal: Refusal | null,
    happened: readonly Event[],
  ): true {
    const before = this.escrow;
    const journals: Journal[] = [];
    const events = happened.map((event) => {
      const journal = journalFor(this.escrow, this.escrow.version + 1, event);
      if (journal) journals.push(journal);
      this.escrow = evolve(this.escrow, event);
      return { ...event, ...statusOf(this.escrow) };
    });
    this.at = at;
    this.moments.push({
      at,
      by,
      command,
      refusal,
      events,
      journals,
      balances: this.post(journals),
      deadlines: begunBetween(before, this.escrow),
      after: this.escrow,
    });
    return true;
  }

  private post(journals: readonly Journal[]): Moment['balances'] {
    const touched = new Set<string>();
    for (const { account, amount } of journals.flatMap(({ lines }) => lines)) {
      this.balances.set(account, add(this.balances.get(account) ?? ZERO, amount));
      touched.add(account);
    }
    return [...touched].map((account) => ({ account, amount: this.balances.get(account) ?? ZERO }));
  }
}

/** The first payout by a provider that is in one of these states. */
function carriedIn(
  { milestones }: Escrow,
  states: readonly Disbursement['state'][],
): Disbursement | null {
  const isOne = ({ state, destination }: Disbursement): boolean =>
    destination !== 'wallet' && states.includes(state);
  const milestone = milestones.find(({ disbursements }) => disbursements.some(isOne));
  return milestone?.disbursements.find(isOne) ?? null;
}

/** The report of a payout or a refund on its way, as if the provider had said at once that it is
 * final. What begins on hold is parked before it is sent, and goes on once the hold is lifted; a
 * refund waits without a word. */
function arrival(escrow: Escrow): Command | null {
  const isHeld = escrow.hold !== null;
  const carried = carriedIn(escrow, isHeld ? ['pending'] : ['pending', 'parked']);
  if (isHeld) return carried ? parked(carried.id) : null;
  if (carried) return settled(carried.id);
  const back = escrow.refunds.find(({ state }) => state === 'pending');
  if (!back) return null;
  const { id: refund } = back;
  const id = providerCommandId(refund, 'settled', 1);
  return { id, type: 'settle_refund', body: { refund } };
}

const parked = (disbursement: DisbursementId): Command => ({
  id: providerCommandId(disbursement, 'parked', 1),
  type: 'fail_disbursement',
  body: { disbursement, reason: 'parked' },
});

const settled = (disbursement: DisbursementId): Command => ({
  id: providerCommandId(disbursement, 'settled', 1),
  type: 'settle_disbursement',
  body: { disbursement, returnable_until: null },
});
