/**
 * Owns the calendar feed of an escrow's deadlines over HTTP.
 * Must not know how a calendar is written (`views/deadline-feed.ts`).
 */
import { z } from 'zod';
import { type Endpoint, endpoint } from './endpoint';
import { escrowOf, readEscrow } from './escrow-row';
import { mayNotView } from './permissions';
import { isProblem } from './problem';
import { escrowParams } from './schemas/fields';
import { keyedDeadlineViews } from './views/deadline';
import { deadlineFeed } from './views/deadline-feed';

const TYPE = 'text/calendar; charset=utf-8';

const feed = endpoint({
  method: 'get',
  path: '/v1/escrows/{id}/deadlines.ics',
  operationId: 'getDeadlineFeed',
  tag: 'Events',
  summary: 'The deadlines of an escrow as a calendar feed',
  description:
    'iCalendar (RFC 5545), one event a deadline, in UTC. Without a deadline the calendar is empty.',
  right: 'party',
  params: escrowParams,
  answers: { 200: { about: 'The calendar.', schema: z.string(), type: 'text/calendar' } },
  problems: ['not_found', 'not_a_party'],
  handle: async ({ api, caller, params }) => {
    const row = await readEscrow(api.database, caller, params.id);
    if (isProblem(row)) return row;
    const escrow = escrowOf(row);
    const hidden = mayNotView(escrow, caller);
    if (hidden) return hidden;
    const { id, terms, version } = escrow;
    const milestones = new Map(terms.milestones.map((each) => [each.id, each.title]));
    const { updated_at } = row;
    const dated = { id, title: terms.title, version, updated_at, milestones };
    return {
      status: 200,
      body: deadlineFeed(dated, keyedDeadlineViews(escrow)),
      headers: { 'Content-Type': TYPE, ETag: `"${version}"` },
    };
  },
});

export const deadlineFeedRoutes: readonly Endpoint[] = [feed];
