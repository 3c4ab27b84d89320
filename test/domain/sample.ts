/**
 * Owns the escrows that these tests begin with, and acts by name: `play(escrow, 'buyer accept')`.
 * Must not know any rule: whatever `decide` answers is handed on.
 */
import { days, type Instant, plus, readInstant } from '../../domain/calendar';
import type { By, Command, CommandType } from '../../domain/commands';
import { type Alarm, commandOf as defaultOf, nextAlarm } from '../../domain/deadlines';
import { type Decision, decide } from '../../domain/decide';
import type { Draft, DraftMilestone, DraftParty } from '../../domain/draft';
import { drafted, openDraft } from '../../domain/drafting';
import { isFundedAlone, shortfallOf } from '../../domain/due';
import { disputeOf, type Escrow, type Milestone } from '../../domain/escrow';
import type { Event, EventOf, EventType } from '../../domain/events';
import { evolveAll } from '../../domain/evolve';
import type { MilestoneId } from '../../domain/ids';
import { toMinor } from '../../domain/money';
import type { Policy } from '../../domain/policy';
import type { Role } from '../../domain/terms';

/** A Monday morning. */
export const AT: Instant = instant('2026-03-02T10:00:00Z');
export const HASH = 'a'.repeat(64);

/** Who takes the place of buyer, seller, broker, arbiter and observer. */
const NEWCOMERS = ['heir', 'successor', 'agent', 'umpire', 'newcomer'] as const;

export const ACCOUNTS = [
  'buyer',
  'seller',
  'helper',
  'broker',
  'arbiter',
  'judge',
  'observer',
  'handler',
  'partner',
  'payer',
  'stranger',
  ...NEWCOMERS,
] as const;
/** Who stands in no escrow of the tables of all commands, or as another does. */
export const BESIDE: readonly string[] = [
  'helper',
  'judge',
  'handler',
  'partner',
  'payer',
  ...NEWCOMERS,
];
export const MACHINES = ['platform', 'clock', 'provider'] as const;
export type Name = (typeof ACCOUNTS)[number] | (typeof MACHINES)[number];
export type Body = Readonly<Record<string, unknown>>;

export const isName = (text: string): text is Name =>
  [...ACCOUNTS, ...MACHINES].some((name) => name === text);

export function byOf(name: Name): By {
  if (name === 'platform' || name === 'clock' || name === 'provider') return { kind: name };
  return { kind: 'account', account: `acc_${name}` };
}

export function instant(text: string): Instant {
  const at = readInstant(text);
  if (!at) throw new Error(`no instant: ${text}`);
  return at;
}

/** A party of that name, whose role is the name unless another is given. */
export const party = (name: string, role: Role, more: Partial<DraftParty> = {}): DraftParty => ({
  id: `pty_${name}`,
  account_id: `acc_${name}`,
  role,
  ...more,
});

export const BUYER = party('buyer', 'buyer');
export const SELLER = party('seller', 'seller');
export const BROKER = party('broker', 'broker');
export const ARBITER = party('arbiter', 'arbiter');
export const OBSERVER = party('observer', 'observer');
/** A second buyer; and one who is no party, but whom `funding.by` lets pay. */
export const PARTNER = party('partner', 'buyer');
export const PAYER = { account_id: 'acc_payer' } as const;
export const EVERYBODY = [BUYER, SELLER, BROKER, ARBITER, OBSERVER];

export const part = (number: number, more: Partial<DraftMilestone> = {}): DraftMilestone => ({
  id: `mil_${number}`,
  title: `Part ${number}`,
  amount: toMinor(number * 10_000),
  due_at: plus(AT, days(30)),
  ...more,
});

/** Two milestones of 10000 and 20000, one of each role, nobody is initiator. */
export const draftOf = (changes: Partial<Draft> = {}): Draft => ({
  title: 'A website',
  type: (changes.milestones ?? [1, 2]).length === 1 ? 'one_off' : 'milestone',
  currency: 'EUR',
  parties: EVERYBODY,
  milestones: [part(1), part(2)],
  ...changes,
});

export function escrowOf(changes: Partial<Draft> = {}, policy?: Policy): Escrow {
  const made = drafted(draftOf(changes), policy);
  if (!made.ok) throw new Error(JSON.stringify(made.problems));
  return openDraft('esc_1', made.terms, HASH, made.parties);
}

/** A command with a body that fits the escrow, unless the test gives a part of it. */
export function commandOf(escrow: Escrow, type: CommandType, body: Body = {}): Command {
  const first = escrow.milestones[0];
  const dispute = first && (disputeOf(first)?.id ?? (ruledOf(first) || 'dis_none'));
  const about = {
    terms_hash: escrow.terms_hash,
    reason: 'because',
    answer: 'no',
    evidence: [{ kind: 'photo', summary: 'a photo', url: 'https://example.com/1' }],
    destination: 'dst_new',
    returnable_until: null,
    deadline: type === 'remind' ? 'delivery' : 'acceptance',
    share: 50,
    amount: Math.max(1, shortfallOf(escrow, first?.id)),
    ...(type === 'fund' && isFundedAlone(escrow) && { milestone: first?.id }),
    ...(MACHINES_PAYMENT.has(type) && { payment: 'pay_1', payer: 'acc_buyer' }),
    ...(!WHOLE.has(type) && { milestone: first?.id }),
    ...(type === 'propose' && { content: dearer(first) }),
    ...(ANSWERING.has(type) && { proposal: escrow.proposals.at(-1)?.id ?? 'prp_none' }),
    ...(DISPUTING.has(type) && { dispute }),
    ...(type.endsWith('_disbursement') && { disbursement: disbursementsOf(escrow)[0] ?? 'dsb_no' }),
    ...(type.endsWith('_refund') && { refund: escrow.refunds[0]?.id ?? 'ref_no' }),
    ...(type === 'override' && { act: 'refund', operator: 'ann' }),
    ...(type === 'replace_party' && REPLACING),
    ...(type === 'free_reserve' && { reserve: reservesOf(escrow)[0] ?? 'rsv_no' }),
    ...(type === 'resolve' && { split: halves(first) }),
    ...body,
  };
  const id = `cmd_${type}.${escrow.version}`;
  return { id, type, body: about } as unknown as Command; // a body may hold more than it needs
}

export const ask = (
  escrow: Escrow,
  name: Name,
  type: CommandType,
  body: Body = {},
  at: Instant = AT,
): Decision => decide(escrow, commandOf(escrow, type, bodyFor(name, type, body)), byOf(name), at);

/** The event types that come out, or `! code`. */
export function outcome(decision: Decision): string {
  if (!decision.ok) return `! ${decision.refusal.code}`;
  return decision.events.map((event) => event.type).join(', ');
}

export function eventsOf(decision: Decision): readonly Event[] {
  if (!decision.ok) throw new Error(`refused: ${decision.refusal.code}`);
  return decision.events;
}

/** The one event of a type among several. */
export function the<T extends EventType>(events: readonly Event[], type: T): EventOf<T> {
  const found = events.filter((event): event is EventOf<T> => event.type === type);
  const [first] = found;
  if (!first || found.length > 1) throw new Error(`${found.length} events ${type}`);
  return first;
}

/** The escrow after an act; throws when it is refused. */
export const act = (
  escrow: Escrow,
  name: Name,
  type: CommandType,
  body: Body = {},
  at: Instant = AT,
): Escrow => evolveAll(escrow, eventsOf(ask(escrow, name, type, body, at)));

/** The escrow after acts like `buyer accept`, all at one instant with bodies that fit. */
export const play = (escrow: Escrow, ...acts: readonly string[]): Escrow =>
  playAt(AT, escrow, acts);

export const playAt = (at: Instant, escrow: Escrow, acts: readonly string[]): Escrow =>
  acts.reduce((now, text) => {
    const [name = '', type = ''] = text.split(' ');
    if (!isName(name)) throw new Error(`nobody is called ${name}`);
    return act(now, name, type as CommandType, {}, at);
  }, escrow);

export const SENT = ['platform send'];
export const AGREED = [...SENT, 'buyer accept', 'seller accept', 'broker accept'];
export const ACTIVE = [...AGREED, 'buyer fund'];

/** What the clock does next, done: a reminder, or a default. */
export function tick(escrow: Escrow): { escrow: Escrow; alarm: Alarm; decision: Decision } {
  const alarm = nextAlarm(escrow);
  const command = alarm && defaultOf(escrow, alarm);
  if (!alarm || !command) throw new Error('the clock waits for nothing');
  const decision = decide(escrow, command, { kind: 'clock' }, alarm.at);
  return { escrow: evolveAll(escrow, eventsOf(decision)), alarm, decision };
}

/** Nobody acts until the default of a deadline has been given; reminders on the way included. */
export function waitFor(
  escrow: Escrow,
  name: string,
): { escrow: Escrow; at: Instant; command: CommandType; events: readonly Event[] } {
  let now = escrow;
  for (let n = 0; n < 100; n += 1) {
    const alarm = nextAlarm(now);
    const command = alarm && defaultOf(now, alarm);
    const done = tick(now);
    if (alarm && command && alarm.share === 100 && alarm.deadline.name === name) {
      const events = eventsOf(done.decision);
      return { escrow: done.escrow, at: alarm.at, command: command.type, events };
    }
    now = done.escrow;
  }
  throw new Error(`the ${name} deadline never comes`);
}

export function milestone(escrow: Escrow, id: MilestoneId = 'mil_1'): Milestone {
  const found = escrow.milestones.find((each) => each.id === id);
  if (!found) throw new Error(`no ${id}`);
  return found;
}

const ruledOf = (here: Milestone): string => (here.stage === 'ruled' ? here.ruling.dispute.id : '');
const disbursementsOf = (escrow: Escrow): readonly string[] =>
  escrow.milestones.flatMap((each) => each.disbursements.map(({ id }) => id));

const reservesOf = (escrow: Escrow): readonly string[] =>
  escrow.milestones.flatMap((each) => each.reserves.map(({ id }) => id));

/** An amendment by which the milestone costs a unit more. */
const dearer = (here: Milestone | undefined): Body => ({
  kind: 'amendment',
  change: { milestones: [{ milestone: here?.id, amount: (here?.price ?? 0) + 1 }] },
  terms_hash: 'b'.repeat(64),
});

/** Half to the recipients, the rest to the payers. */
function halves(here: Milestone | undefined): Body {
  const disputed = here?.held ?? 0;
  const recipients = Math.floor(disputed / 2);
  return { recipients, payers: disputed - recipients };
}

/** A provider reports which payment came in; nobody else does. */
const bodyFor = (name: Name, type: CommandType, body: Body): Body =>
  type === 'fund' && name !== 'provider' ? { payment: undefined, payer: undefined, ...body } : body;

/** Another seller, on whose terms these have another hash. */
const REPLACING = {
  party: 'pty_seller',
  account: 'acc_successor',
  destination: undefined,
  operator: 'ann',
  next_hash: 'c'.repeat(64),
};

const ANSWERING = new Set<CommandType>([
  'accept_proposal',
  'decline_proposal',
  'withdraw_proposal',
  'lapse',
]);
const MACHINES_PAYMENT = new Set<CommandType>(['fund']);
const WHOLE = new Set<CommandType>([
  'fund',
  'cancel',
  'remind',
  'expire',
  'settle_refund',
  'fail_refund',
  'replace_party',
]);
/** Commands that name a dispute, not a milestone. */
export const DISPUTING = new Set<CommandType>([
  'answer_dispute',
  'submit_evidence',
  'withdraw_dispute',
  'escalate',
  'resolve',
]);
