/**
 * Owns what holds for the rules in every life: an end stays an end, deadlines hold, whoever waits
 * comes to an end, tables and state agree, and what is offered can be done.
 * Must not know money (`lives.test.ts`). Properties: `escrow.md`, section 12.
 */
import { type NextAction, nextActionsOf } from '../../domain/actions';
import { days, type Instant, plus } from '../../domain/calendar';
import { CLOCK, type CommandType, PEOPLES_COMMAND_TYPES } from '../../domain/commands';
import { commandOf, type Deadline, deadlinesOf, nextAlarm } from '../../domain/deadlines';
import { decide, findRow } from '../../domain/decide';
import type { Escrow } from '../../domain/escrow';
import { evolveAll } from '../../domain/evolve';
import type { MilestoneId } from '../../domain/ids';
import { KINDS } from '../../domain/negotiation';
import { PROPOSAL_KINDS } from '../../domain/proposal';
import {
  CLOSED_RULES,
  milestoneStatusOf,
  OPEN_RULES,
  STATUSES,
  statusOf,
} from '../../domain/status';
import { every, fold, LIVES } from './every';
import type { Life, Step } from './life';
import { bodied, nameIn } from './life-bodies';
import { ACCOUNTS, byOf, type Name } from './sample';
import { MILESTONE_COMMANDS, PROPOSAL_COMMANDS } from './stages';

const stepWhere = ({ steps }: Life, isWrong: (step: Step) => boolean): unknown => {
  const step = steps.find(isWrong);
  return step && { at: step.at, command: step.command };
};

every('closed stays closed: after it only payouts, reserves, holds and reminders', (life) => {
  const late = /^(disbursement_|refund_|reserve_freed$|reminded$|put_on_hold$|hold_lifted$)/;
  return fold(life, (event, _, after, before) => {
    if (before.agreement.stage !== 'closed') return null;
    const isSame = after.agreement === before.agreement;
    return isSame && late.test(event.type) ? null : after.agreement;
  });
});

every('the same command on the same state has the same answer, ids included', (life) =>
  stepWhere(life, ({ before, command, by, at, decision }) => {
    const again = decide(before, command, by, at);
    return JSON.stringify(again) !== JSON.stringify(decision);
  }),
);

every('the same events make the same state, also when they have been stored meanwhile', (life) => {
  const stored = JSON.parse(JSON.stringify(life.events)) as Life['events'];
  const state = JSON.stringify(evolveAll(life.draft, stored));
  return state === JSON.stringify(life.end) ? null : { state };
});

every('a state that has been stored is the state', (life) =>
  stepWhere(life, ({ after, command, by, at, decision }) => {
    if (!decision.ok) return false; // as before it
    const stored = JSON.parse(JSON.stringify(after)) as Escrow;
    const [one, two] = [decide(after, command, by, at), decide(stored, command, by, at)];
    return JSON.stringify(one) !== JSON.stringify(two);
  }),
);

every('no command changes the role of a party', (life) => {
  const who = ({ parties }: Escrow): string =>
    parties.map(({ id, role }) => `${id} ${role}`).join();
  return fold(life, (_, __, after) => (who(after) === who(life.draft) ? null : who(after)));
});

every('no command is answered by nothing', (life) =>
  stepWhere(life, ({ decision }) => decision.ok && decision.events.length === 0),
);

every('each command ends in a stage that its row names', (life) =>
  stepWhere(life, ({ before, command, by, at, decision }) => {
    const found = findRow(before, command, by);
    if (!decision.ok || 'refusal' in found || !isAboutStages(command.type)) return false;
    const { row, here, milestone } = found;
    const own = row.emits({ escrow: before, here, by, at, command: command as never });
    const after = evolveAll(before, own);
    const [was, is] = milestone
      ? [milestone.stage, after.milestones.find(({ id }) => id === milestone.id)?.stage]
      : [before.agreement.stage, evolveAll(before, decision.events).agreement.stage];
    return !row.to.some((to) => to === is || (to === 'unchanged' && was === is));
  }),
);

every('every state fits exactly one status, and every milestone has one', (life) =>
  fold(life, (_, __, after) => {
    const open = OPEN_RULES.filter(([, fits]) => fits(after)).length;
    const closed = CLOSED_RULES.filter(([, fits]) => fits(after)).length;
    const { status, status_code: code } = statusOf(after);
    const isKnown = STATUSES[code] === status && open + closed > 0;
    const all = after.milestones.map((each) => milestoneStatusOf(after, each).status_code);
    return isKnown && all.every((each) => Object.hasOwn(STATUSES, each)) ? null : { code, all };
  }),
);

/** A proposal can change several milestones: its own stages are in `negotiation.test.ts`. */
const isAboutStages = (type: CommandType): boolean =>
  !PROPOSAL_COMMANDS.some((each) => each === type);

const keyed = (escrow: Escrow): ReadonlyMap<string, Deadline> =>
  new Map(deadlinesOf(escrow).map((each) => [JSON.stringify([each.key, each.subject]), each]));

every('a deadline moves later only by a pause, extension, amendment or refused default', (life) => {
  const pauses = [
    'hold_lifted',
    'dispute_withdrawn',
    'default_refused',
    'proposal_accepted',
    'terms_amended',
  ];
  return fold(life, (event, _, after, before) => {
    const isReview = event.type === 'reminded' && event.deadline === 'hold_review';
    if (pauses.includes(event.type) || isReview) return null;
    const earlier = keyed(before);
    return [...keyed(after)].find(([key, { at }]) => {
      const was = earlier.get(key);
      return was && at !== was.at;
    });
  });
});

every('a deadline is told by one key, reminds before its end, and names its rule', (life) =>
  fold(life, (_, __, after) => {
    const all = deadlinesOf(after);
    const isClear = new Set(all.map(({ key }) => key)).size === all.length;
    const bad = all.find(({ rule, at, remind_at }) => !rule || remind_at.some((r) => r.at > at));
    return isClear && !bad ? null : all;
  }),
);

every('from sent on, open and not on hold, there is a deadline whose default changes it', (life) =>
  stepWhere(life, ({ after, decision }) => {
    if (!decision.ok) return false; // as before it
    const { stage } = after.agreement;
    if (!['sent', 'agreed', 'active'].includes(stage) || after.hold) return false;
    return idleIn(after).length === deadlinesOf(after).length;
  }),
);

every('every default that the clock would give is taken', (life) =>
  stepWhere(
    life,
    ({ after, decision }) =>
      decision.ok && idleIn(after).some(({ name }) => name !== 'return_window'),
  ),
);

/** Deadlines whose default changes nothing; two questions are asked of them. */
function idleIn(escrow: Escrow): readonly Deadline[] {
  const known = IDLE.get(escrow);
  if (known) return known;
  const was = told(escrow);
  const idle = deadlinesOf(escrow).filter((deadline) => {
    const command = commandOf(escrow, { at: deadline.at, deadline, share: 100 });
    const decision = command && decide(escrow, command, CLOCK, deadline.at);
    return !decision?.ok || told(evolveAll(escrow, decision.events)) === was;
  });
  IDLE.set(escrow, idle);
  return idle;
}

const IDLE = new WeakMap<Escrow, readonly Deadline[]>();

/** All that can change by a default. */
const told = ({ version: _, terms: __, ...rest }: Escrow): string => JSON.stringify(rest);

/** Nobody acts any more: a hold is lifted, then the clock alone. */
function waited(life: Life): Escrow {
  const end = WAITED.get(life) ?? waitedOut(life);
  WAITED.set(life, end);
  return end;
}

const WAITED = new WeakMap<Life, Escrow>();

function waitedOut(life: Life): Escrow {
  const at: Instant = plus(life.at, days(1));
  let now = life.end;
  if (now.hold) {
    const lifted = decide(now, bodied(now, 'unhold', null), byOf('platform'), at);
    if (lifted.ok) now = evolveAll(now, lifted.events);
  }
  for (let n = 0; n < 200; n += 1) {
    const alarm = nextAlarm(now);
    const command = alarm && commandOf(now, alarm);
    if (!alarm || !command) return now;
    const decision = decide(now, command, CLOCK, alarm.at);
    if (!decision.ok) throw new Error(`${command.type}: ${decision.refusal.code}`);
    now = evolveAll(now, decision.events);
  }
  throw new Error('it never ends');
}

every('every life that only waits ends, with nothing held', (life) => {
  if (life.end.agreement.stage === 'draft') return null;
  const { agreement, milestones, unallocated, fee_held } = waited(life);
  const left = milestones.reduce<number>((all, { held }) => all + held, unallocated + fee_held);
  return agreement.stage === 'closed' && left === 0 ? null : { agreement, left };
});

every('whoever waits for the clock waits for no trouble with a payout either', (life) => {
  const troubled = waited(life)
    .milestones.flatMap((milestone) => milestone.disbursements)
    .filter(({ state }) => state !== 'settled' && state !== 'pending');
  return troubled.length > 0 ? troubled : null;
});

/** Who may do what by next_actions: `name command milestone`. */
function offeredIn(escrow: Escrow, at: Instant): ReadonlySet<string> {
  const all = nextActionsOf(escrow, at).flatMap((offer) => {
    const { action, milestone, parties, roles, kind, proposal } = offer;
    const what = [action, milestone, kind, proposal].join(' ');
    const others = roles.filter((role) => ['platform', 'handler', 'payer'].includes(role));
    return [
      ...parties.map((party) => `${nameIn(escrow, party)} ${what}`),
      ...others.map((r) => `${r} ${what}`),
    ];
  });
  return new Set(all);
}

const ASKERS: readonly Name[] = [...ACCOUNTS, 'platform'];
const ofMilestone = (type: CommandType): boolean =>
  type === 'cancel' || type === 'propose' || MILESTONE_COMMANDS.some((each) => each === type);
/** What a command may be about beside its milestone. */
function aboutOf(
  escrow: Escrow,
  type: CommandType,
): readonly Pick<NextAction, 'kind' | 'proposal'>[] {
  if (type === 'propose') return PROPOSAL_KINDS.map((kind) => ({ kind }));
  if (PROPOSAL_COMMANDS.some((each) => each === type)) {
    return escrow.proposals.map(({ id }) => ({ proposal: id }));
  }
  return [{}];
}

const ofEscrow = (type: CommandType): boolean =>
  type === 'cancel' || type === 'propose' || !ofMilestone(type);

function disagreement(escrow: Escrow, at: Instant): unknown {
  const offered = offeredIn(escrow, at);
  for (const type of PEOPLES_COMMAND_TYPES) {
    const places: readonly (MilestoneId | null)[] = [
      ...(ofEscrow(type) ? [null] : []),
      ...(ofMilestone(type) ? escrow.milestones.map(({ id }) => id) : []),
    ];
    for (const place of places) {
      for (const about of aboutOf(escrow, type)) {
        if (about.kind && (KINDS[about.kind].milestone === null) !== (place === null)) continue;
        const anybodys = bodied(escrow, type, place, 0, about);
        for (const name of ASKERS) {
          // What is proposed depends on who does it.
          const own = type === 'propose' && { ...about, by: name };
          const command = own ? bodied(escrow, type, place, 0, own) : anybodys;
          const decision = decide(escrow, command, byOf(name), at);
          const what = [type, place, about.kind, about.proposal].join(' ');
          const isOffered = offered.has(`${name} ${what}`);
          if (decision.ok !== isOffered) return { name, command, isOffered, decision };
        }
      }
    }
  }
  return null;
}

test('what is offered can be done, and what is not offered is refused', () => {
  for (const [n, life] of LIVES.entries()) {
    const step = n % 3 > 0 ? life.steps[(n * 7) % life.steps.length] : undefined;
    const { after, at } = step ?? { after: life.end, at: plus(life.at, 1) };
    const fault = disagreement(after, at);
    if (fault) throw new Error(JSON.stringify(fault));
  }
});
