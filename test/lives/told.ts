/**
 * Owns what must be the same whoever plays a story: every event with its status, every refusal,
 * every journal, what the ledger accounts come to, and at each rest the whole state, its status and
 * its deadlines.
 * Must not know a rule.
 */
import { millisBetween, minutes, readInstant } from '../../domain/calendar';
import { deadlinesOf, nextAlarm } from '../../domain/deadlines';
import { type Escrow, isSettledUp } from '../../domain/escrow';
import type { Event } from '../../domain/events';
import { type Moment, preview } from '../../domain/preview';
import { milestoneStatusOf, statusOf } from '../../domain/status';
import type { World } from '../workflows/world';
import type { Lived } from './engine-life';
import { actsIn, type Story } from './stories';

type Told = {
  readonly events: readonly (Numbered & { readonly data: Event })[];
  readonly statuses: readonly string[];
  readonly refusals: readonly (string | null)[];
  readonly journals: readonly unknown[];
  readonly balances: Readonly<Record<string, number>>;
  readonly rests: readonly unknown[];
};
type Numbered = { readonly command: string; readonly step: number };

/** What the preview says of a story whose acts come when the engine has taken them. */
export function foretold(story: Story, { asked, rests }: Lived): Told {
  const acts = actsIn(story).map((act, n) => ({ ...act, at: asked[n]?.at ?? act.at }));
  const { moments } = preview(story.opening, acts);
  const befores = [story.opening, ...moments.map(({ after }) => after)];
  const byPeople = moments.flatMap((moment, n) =>
    isOfPeople(moment) ? [{ ...moment, before: befores[n] ?? story.opening }] : [],
  );
  return {
    events: moments.flatMap(({ command, events, after }) =>
      events.map(({ status: _, status_code: __, ...data }) => ({
        command: command.id,
        step: after.version - events.length + 1,
        data,
      })),
    ),
    statuses: moments.flatMap(({ events }) => events.map(({ status_code: code }) => code)),
    refusals: byPeople.map(({ refusal, before }, n) =>
      refusal && hasEnded(before) && asked[n]?.code === 'escrow_closed'
        ? 'escrow_closed'
        : (refusal?.code ?? null),
    ),
    journals: moments.flatMap(({ journals }) =>
      journals.map(({ key, type, at, lines }) => ({
        key,
        type,
        at,
        lines: lines.map(({ account, amount }) => `${account} ${amount}`).sort(),
      })),
    ),
    balances: Object.fromEntries(
      moments.flatMap(({ balances }) => balances.map(({ account, amount }) => [account, amount])),
    ),
    rests: rests.map(({ escrow: { version } }) => {
      const there = befores.findLast((escrow) => escrow.version === version);
      return there ? standing(there) : `nothing rests at ${version}`;
    }),
  };
}

/** What the rows say that the engine has done. */
export async function done({ pool }: World, { opening }: Story, lived: Lived): Promise<Told> {
  const { id } = opening;
  const { rows: events } = await pool.query<Numbered & { data: Event; status_code: string }>(
    `select command_id as command, step, data, status_code
       from holdfast.events where escrow_id = $1 order by number`,
    [id],
  );
  const { rows: journals } = await pool.query<{ key: string; type: string; lines: string[] }>(
    `select j.key, j.type, j.effective_at as at,
            array_agg(p.code || ' ' || p.amount order by p.line) as lines
       from ledger.journal_view j join ledger.posting_view p on p.journal_id = j.id
      where j.key like $1 group by j.id, j.key, j.type, j.effective_at order by j.id`,
    [`${id}:%`],
  );
  const { rows: balances } = await pool.query<{ code: string; amount: number }>(
    `select p.code, sum(p.amount)::bigint as amount
       from ledger.journal_view j join ledger.posting_view p on p.journal_id = j.id
      where j.key like $1 group by p.code`,
    [`${id}:%`],
  );
  return {
    events: events.map(({ command, step, data }) => ({ command, step, data })),
    statuses: events.map(({ status_code: code }) => code),
    refusals: lived.asked.map(({ code }) => code),
    journals: journals.map((journal) => ({ ...journal, lines: [...journal.lines].sort() })),
    balances: Object.fromEntries(balances.map(({ code, amount }) => [code, amount])),
    rests: lived.rests.map(({ escrow, status, status_code, deadline_at, wake_at }) => ({
      ...standing(escrow),
      ...{ status, status_code, deadline_at, wake_at },
    })),
  };
}

const isOfPeople = ({ by }: Moment): boolean => by.kind === 'account' || by.kind === 'platform';

/** Then its workflow may have ended, which refuses whatever comes with one code
 * (`contracts.md`, section 6). */
const hasEnded = (escrow: Escrow): boolean =>
  escrow.agreement.stage === 'closed' && !escrow.hold && isSettledUp(escrow);

/** An escrow as it stands, and what is read off it. */
function standing(escrow: Escrow) {
  const alarm = nextAlarm(escrow);
  const deadlines = deadlinesOf(escrow).filter(isOurs);
  return {
    escrow,
    ...statusOf(escrow),
    milestones: escrow.milestones.map((milestone) => milestoneStatusOf(escrow, milestone)),
    deadlines,
    deadline_at: deadlines[0]?.at ?? null,
    wake_at: alarm && isOurs(alarm.deadline) ? alarm.at : null,
  };
}

/** How long a provider can take a payout back is what only the world knows. */
const isOurs = ({ name }: { readonly name: string }): boolean => name !== 'return_window';

/** A test clock runs on while the engine works: of two deadlines at one instant the second is
 * carried out a moment later, and what begins with it ends a moment later. */
const MOMENT = minutes(1);

/**
 * Where the two differ, one line each. An instant of the engine may be a moment later. Payouts that
 * arrive one after the other may do so in any order.
 */
export function disagreements(engine: Told, said: Told): readonly string[] {
  const plain = (told: Told): unknown => JSON.parse(JSON.stringify(told, withoutWindow));
  const ordered = { ...engine, events: inOrderOf(said.events, engine.events) };
  return [...differences(plain(ordered), plain(said), '')];
}

const withoutWindow = (name: string, value: unknown): unknown =>
  name === 'returnable_until' ? undefined : value;

/** Events of the engine with each payout that arrives where it was foretold, within its row. */
function inOrderOf(said: Told['events'], events: Told['events']): Told['events'] {
  const sorted = [...events];
  for (let from = 0; from < said.length; from += 1) {
    let to = from;
    while (payoutOf(said[to]) && payoutOf(events[to])) to += 1;
    const order = said.slice(from, to).map(payoutOf);
    const placeOf = (each: OneOf<Told['events']>): number => order.indexOf(payoutOf(each));
    const row = events.slice(from, to).sort((a, b) => placeOf(a) - placeOf(b));
    for (const [n, { command, data }] of row.entries()) {
      sorted[from + n] = { command, data, step: events[from + n]?.step ?? 0 };
    }
    from = Math.max(from, to);
  }
  return sorted;
}

type OneOf<List extends readonly unknown[]> = List[number];

const payoutOf = (each: OneOf<Told['events']> | undefined): string | null =>
  each?.data.type === 'disbursement_settled' ? each.data.disbursement : null;

function* differences(engine: unknown, said: unknown, path: string): Generator<string> {
  if (isTree(engine) && isTree(said)) {
    for (const name of new Set([...Object.keys(engine), ...Object.keys(said)])) {
      yield* differences(engine[name], said[name], `${path}/${name}`);
    }
  } else if (engine !== said && !isAMomentLater(engine, said)) {
    yield `${path}: ${JSON.stringify(engine)}, foretold: ${JSON.stringify(said)}`;
  }
}

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

function isAMomentLater(engine: unknown, said: unknown): boolean {
  if (typeof engine !== 'string' || typeof said !== 'string') return false;
  const [at, to] = [readInstant(engine), readInstant(said)];
  return at !== null && to !== null && to <= at && millisBetween(to, at) <= MOMENT;
}
