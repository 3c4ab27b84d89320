/**
 * Owns the list of what waits for a person: why, since when, whose it is, and what to do.
 * Must not mend anything. Source: `reliability.md`, section 1.
 */
import { z } from 'zod';
import { type Instant, readInstant } from '../domain/calendar';
import { type Endpoint, endpoint } from './endpoint';
import { pageOf, unknownCursor } from './lists';
import { listOf, pageFields, time } from './schemas/fields';
import { every, rowsOf, sql } from './sql';

type Remedy = { readonly owner: 'operator' | 'compliance' | 'engineer'; readonly step: string };

/** Every reason, with whose it is and the next step; the runbook says more. */
export const REASONS = {
  effect_unknown: {
    owner: 'operator',
    step: 'It is looked up by itself. Where it stays, compare with the book of the provider.',
  },
  effect_parked: {
    owner: 'operator',
    step: 'Give the account a destination, then retry; or redirect; or lift the hold.',
  },
  effect_failed: {
    owner: 'operator',
    step: 'The money is in the wallet. Correct the destination, then retry or redirect.',
  },
  returned: {
    owner: 'operator',
    step: 'It came back to the wallet. Ask the account, then retry or redirect.',
  },
  on_hold: { owner: 'compliance', step: 'Decide: unhold, or override by two operators.' },
  default_refused: {
    owner: 'operator',
    step: 'A deadline could not be carried out; it is tried again. The code says what is missing.',
  },
  command_unanswered: {
    owner: 'engineer',
    step: 'Look whether workers and Temporal are there (/readyz); then it goes on by itself.',
  },
  workflow_stuck: {
    owner: 'engineer',
    step: 'Mend what the reason says, then send any command: every message tries again.',
  },
  webhook_undeliverable: {
    owner: 'operator',
    step: 'Mend the receiver, enable the endpoint, then replay what has failed.',
  },
} as const satisfies Record<string, Remedy>;

type Reason = keyof typeof REASONS;
const reasons = Object.keys(REASONS) as [Reason, ...Reason[]]; // the keys of the table above

const attentionAnswer = z
  .object({
    object: z.literal('attention'),
    reason: z.enum(reasons),
    subject: z.string().meta({ description: 'What it is about; its prefix says what that is.' }),
    escrow: z.string().nullable(),
    since: time,
    detail: z.string().nullable(),
    owner: z.enum(['operator', 'compliance', 'engineer']),
    next_step: z.string(),
    livemode: z.boolean(),
  })
  .meta({ id: 'Attention' });

type Row = {
  readonly reason: Reason;
  readonly object: string;
  readonly escrow_id: string | null;
  readonly since: Instant;
  readonly detail: string | null;
  readonly livemode: boolean;
};

const list = endpoint({
  method: 'get',
  path: '/v1/needs_attention',
  operationId: 'listNeedsAttention',
  tag: 'Operations',
  summary: 'What waits for a person',
  description: 'The oldest first. A row is there as long as its reason holds.',
  right: 'platform',
  query: z.strictObject({ ...pageFields, reason: z.enum(reasons).optional() }),
  answers: { 200: { about: 'A page.', schema: listOf(attentionAnswer) } },
  problems: [],
  handle: async ({ api, caller, query }) => {
    const { limit, starting_after, reason } = query;
    const last = starting_after === undefined ? null : readCursor(starting_after);
    if (starting_after !== undefined && !last) return unknownCursor();
    const rows = await rowsOf<Row>(
      api.database,
      sql`select reason, object, escrow_id, since::timestamptz(3), detail, livemode
            from holdfast.needs_attention_view
           where ${every([
             sql`platform_id = ${caller.platform} and livemode = ${caller.livemode}`,
             ...(reason === undefined ? [] : [sql`reason = ${reason}`]),
             ...(last
               ? [
                   sql`(since, object, reason) > (${last.since}::timestamptz, ${last.object},
                       ${last.reason})`,
                 ]
               : []),
           ])}
           order by since, object, reason limit ${limit + 1}`,
    );
    return { status: 200, body: pageOf(rows, limit, attentionView, cursorOf) };
  },
});

const attentionView = (row: Row): z.input<typeof attentionAnswer> => ({
  object: 'attention',
  reason: row.reason,
  subject: row.object,
  escrow: row.escrow_id,
  since: row.since,
  detail: row.detail,
  owner: REASONS[row.reason].owner,
  next_step: REASONS[row.reason].step,
  livemode: row.livemode,
});

const cursorOf = ({ since, object, reason }: Row): string =>
  Buffer.from(`${since} ${object} ${reason}`).toString('base64url');

function readCursor(text: string): (Pick<Row, 'since' | 'object'> & { reason: string }) | null {
  const [since = '', object = '', reason = ''] = Buffer.from(text, 'base64url')
    .toString('utf8')
    .split(' ');
  const at = readInstant(since);
  return at && /^[\w-]{1,200}$/.test(object) && Object.hasOwn(REASONS, reason)
    ? { since: at, object, reason }
    : null;
}

export const attentionRoutes: readonly Endpoint[] = [list];
