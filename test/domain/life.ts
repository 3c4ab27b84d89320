/**
 * Owns random lives of random escrows: terms, then acts of people, scripts and the clock, each
 * taken from what is offered at that moment, now and then from what is not.
 * Must not know what must hold for them (`lives*.test.ts`).
 */
import fc from 'fast-check';
import { nextActionsOf } from '../../domain/actions';
import { days, type Instant, millisBetween, plus } from '../../domain/calendar';
import type { By, Command, CommandType } from '../../domain/commands';
import { commandOf as defaultOf, nextAlarm } from '../../domain/deadlines';
import { type Decision, decide } from '../../domain/decide';
import { drafted, openDraft } from '../../domain/drafting';
import { isFundedAlone } from '../../domain/due';
import type { Escrow } from '../../domain/escrow';
import type { Event } from '../../domain/events';
import { evolve } from '../../domain/evolve';
import { bodied, nameIn, nameOf } from './life-bodies';
import { draftArbitrary } from './life-terms';
import { ACCOUNTS, AT, byOf, commandOf, HASH, type Name } from './sample';
import { AGREEMENT_COMMANDS, MILESTONE_COMMANDS, PROPOSAL_COMMANDS } from './stages';

export type Step = {
  readonly before: Escrow;
  readonly command: Command;
  readonly by: By;
  readonly at: Instant;
  readonly decision: Decision;
  readonly after: Escrow;
};
export type Life = {
  readonly draft: Escrow;
  readonly steps: readonly Step[];
  readonly events: readonly Event[];
  readonly end: Escrow;
  readonly at: Instant;
};

type Act = { readonly kind: number; readonly pick: number; readonly wait: number };

const acts = fc.array(
  fc.record({
    kind: fc.integer({ min: 0, max: 99 }),
    pick: fc.nat(),
    wait: fc.double({ min: 0, max: 0.5, noNaN: true }),
  }),
  { minLength: 6, maxLength: 44 },
);

/** Many lives, the same for the same seed. */
export const livesOf = (count: number, seed: number): readonly Life[] =>
  fc
    .sample(fc.tuple(draftArbitrary, acts, fc.nat(4)), { numRuns: count, seed })
    .flatMap(([draft, all, start]) => {
      const made = drafted(draft);
      if (!made.ok) return []; // fees may be more than a small amount can bear
      return [lifeOf(openDraft('esc_1', made.terms, HASH, made.parties), all, start)];
    });

/** The way to the start of the work, whichever order the terms want; what does not fit is
 * refused. */
const SWIFTLY = [
  'buyer accept',
  'partner accept',
  'buyer fund',
  'seller accept',
  'helper accept',
  'broker accept',
];

/** Everybody agrees to an amendment, and what it costs is paid or not. */
const AMENDING = [
  'seller propose',
  ...['buyer', 'helper', 'broker'].map((name) => `${name} accept_proposal`),
];

function lifeOf(draft: Escrow, all: readonly Act[], start: number): Life {
  const steps: Step[] = [];
  let now = draft;
  let at = AT;
  const payer = start > 3 ? 'provider fund' : 'buyer fund'; // so that refunds have a source
  const first = ['platform send', ...(start > 0 ? [...SWIFTLY, payer] : [])];
  const next = start > 2 ? [...AMENDING, ...(all.length % 3 > 0 ? ['buyer fund'] : [])] : [];
  const pick = all[0]?.pick ?? 0;
  const script = [
    ...first.map((text) => scripted(text, 0)),
    ...next.map((text) => scripted(text, pick)),
    ...all.map((act) => chosen(act)),
  ];
  for (const ask of script) {
    const asked = ask(now, at);
    if (!asked) continue;
    at = asked.at;
    const decision = decide(now, asked.command, asked.by, at);
    const after = decision.ok ? decision.events.reduce(evolve, now) : now;
    steps.push({ ...asked, before: now, decision, after });
    now = after;
  }
  const events = steps.flatMap(({ decision }) => (decision.ok ? decision.events : []));
  return { draft, steps, events, end: now, at };
}

type Asked = { readonly command: Command; readonly by: By; readonly at: Instant };

type Ask = (escrow: Escrow, at: Instant) => Asked | null;

function scripted(text: string, pick: number): Ask {
  const [name, type] = text.split(' ') as [Name, CommandType];
  return (escrow, at) => ({
    command: bodied(escrow, type, null, type === 'fund' ? 1 : pick, { by: name }),
    by: byOf(name),
    at,
  });
}

const chosen =
  (act: Act): Ask =>
  (escrow, at) =>
    choose(escrow, act, at);

/** One of: the clock, a script, anything by anybody, and mostly what is offered; when that is
 * nothing, the clock. */
function choose(escrow: Escrow, { kind, pick, wait }: Act, at: Instant): Asked | null {
  if (kind < 14) return ring(escrow, at);
  const alarm = nextAlarm(escrow);
  const until = alarm && alarm.at > at ? millisBetween(at, alarm.at) : days(2);
  const when = plus(at, Math.floor(until * wait));
  if (kind < 32) return report(escrow, pick, when);
  if (kind < 38) return anything(escrow, pick, when);
  return offered(escrow, pick, when) ?? ring(escrow, at);
}

function ring(escrow: Escrow, at: Instant): Asked | null {
  const alarm = nextAlarm(escrow);
  const command = alarm && defaultOf(escrow, alarm);
  const isDue = alarm && alarm.at >= at;
  return command ? { command, by: byOf('clock'), at: isDue ? alarm.at : at } : null;
}

/** What a payment or payout script can have read by now. */
function report(escrow: Escrow, pick: number, at: Instant): Asked | null {
  const by = byOf('provider');
  const carried = escrow.milestones
    .flatMap((milestone) => milestone.disbursements)
    .filter(({ destination }) => destination !== 'wallet'); // nobody carries what stays there
  const open = carried[pick % Math.max(1, carried.length)];
  const of = (type: CommandType, body: object): Asked => ({
    command: commandOf(escrow, type, { ...body }),
    by,
    at,
  });
  const back = escrow.refunds.find(({ state }) => state === 'pending');
  if (back && pick % 2 === 0) {
    const type = escrow.version % 2 === 0 ? 'fail_refund' : 'settle_refund';
    return of(type, { refund: back.id });
  }
  if (!open || pick % 3 === 0) {
    const payment = `pay_${escrow.version}`;
    const place = escrow.milestones[Math.floor(pick / 11) % escrow.milestones.length]?.id;
    const payer = `acc_${PAYERS[Math.floor(pick / 7) % PAYERS.length]}`;
    const amount = 1 + (pick % (escrow.due + 50));
    return of('fund', {
      payment,
      payer,
      amount,
      ...(isFundedAlone(escrow) && { milestone: place }),
    });
  }
  const about = { disbursement: open.id };
  if (open.state === 'settled') return of('return_disbursement', about);
  if (pick % 4 === 0) return of('fail_disbursement', { ...about, reason: 'parked' });
  if (pick % 4 === 1) return of('fail_disbursement', about);
  const returnable_until = pick % 5 === 0 ? plus(at, days(pick % 90)) : null;
  return of('settle_disbursement', { ...about, returnable_until });
}

const PAYERS = ['buyer', 'partner', 'payer', 'observer', 'seller'];
/** Taken only once in so many times that they are offered. */
const ONE_IN: { readonly [C in CommandType]?: number } = {
  cancel: 7,
  hold: 7,
  reject: 7,
  submit_evidence: 7,
  approve: 7,
  propose: 5,
};
const RARE: readonly CommandType[] = [
  'answer_dispute',
  'escalate',
  'resolve',
  'complete',
  'accept_proposal',
  'override',
  'replace_party',
  'retry_disbursement',
  'redirect_disbursement',
];
const timesOf = <T extends { readonly action: CommandType }>(each: T): readonly T[] =>
  RARE.includes(each.action) ? [each, each, each] : [each];
const NAMES: readonly Name[] = [...ACCOUNTS, 'platform'];

function anything(escrow: Escrow, pick: number, at: Instant): Asked {
  const types = [...AGREEMENT_COMMANDS, ...MILESTONE_COMMANDS, ...PROPOSAL_COMMANDS];
  const type = types[pick % types.length] ?? 'send';
  const name = NAMES[Math.floor(pick / 31) % NAMES.length] ?? 'buyer';
  const milestone = escrow.milestones[Math.floor(pick / 311) % escrow.milestones.length]?.id;
  return { command: bodied(escrow, type, milestone ?? null, pick), by: byOf(name), at };
}

function offered(escrow: Escrow, pick: number, at: Instant): Asked | null {
  const actions = nextActionsOf(escrow, at).flatMap((action) => [
    ...action.parties.map((party) => ({ ...action, by: byOf(nameIn(escrow, party)) })),
    ...(action.roles.includes('platform') ? [{ ...action, by: byOf('platform') }] : []),
    ...(action.roles.includes('payer') ? [{ ...action, by: byOf('payer') }] : []),
    ...(action.roles.includes('handler') ? [{ ...action, by: byOf('handler') }] : []),
  ]);
  // What ends everything, or stops it, is offered nearly always: it is taken more seldom.
  const lively = actions.flatMap((each) =>
    pick % (ONE_IN[each.action] ?? 1) === 0 ? timesOf(each) : [],
  );
  const taken = lively[pick % Math.max(1, lively.length)];
  if (!taken) return null;
  const { action, milestone, kind, proposal } = taken;
  const by = taken.by.kind === 'account' ? nameOf(taken.by.account) : 'platform';
  const about = { ...(kind && { kind }), ...(proposal && { proposal }), by };
  return { command: bodied(escrow, action, milestone, pick, about), by: taken.by, at };
}

/** The story of a life, to find the step at which it went wrong. */
export const storyOf = ({ draft, steps }: Life): string =>
  [
    JSON.stringify({ ...draft.terms, parties: draft.parties.map((p) => p.id) }),
    ...steps.map(({ command, by, at, decision }) => {
      const who = by.kind === 'account' ? by.account : by.kind;
      const out = decision.ok ? decision.events.map((e) => e.type) : decision.refusal.code;
      return `${at} ${who} ${command.type} ${JSON.stringify(command.body)} → ${out}`;
    }),
  ].join('\n');
