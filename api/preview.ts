/**
 * Owns the preview over HTTP: a body as for a new escrow, and a story, become a timeline. Accounts
 * that an e-mail would make are made and unmade; nothing stays.
 * Must not know a rule, nor how a story is played. Source: `escrow.md`, section 10.
 */
import type { z } from 'zod';
import type { By } from '../domain/commands';
import type { Escrow } from '../domain/escrow';
import { type Act, type Moment, preview } from '../domain/preview';
import { milestoneStatusOf, statusOf } from '../domain/status';
import { actsOf, beginningOf, type StoryLine } from '../domain/story';
import { openFrom } from './drafts';
import { type Endpoint, endpoint, type Given } from './endpoint';
import { ESCROW } from './examples';
import { newId } from './ids';
import { fieldProblem, isProblem, type Problem, placed } from './problem';
import { previewAnswer, previewBody } from './schemas/preview';
import { inTransaction, rowOf, sql } from './sql';
import { deadlineViews } from './views/deadline';
import { moneyOf } from './views/money';

type Asked = Given<typeof previewBody>;
type Shown = z.input<typeof previewAnswer>;

const play = endpoint({
  method: 'post',
  path: '/v1/escrows/preview',
  operationId: 'previewEscrow',
  tag: 'Escrows',
  summary: 'Play terms through before anybody signs',
  description:
    'The same rules, deadlines and books as the engine, on terms that nobody has sent. ' +
    'Wallets are taken to hold what is funded.',
  right: 'party',
  changes: 'nothing',
  body: previewBody,
  answers: { 200: { about: 'What would happen, step by step.', schema: previewAnswer } },
  problems: [
    'amount_mismatch',
    'conflict_of_interest',
    'not_supported',
    'not_a_party',
    'not_allowed',
    'test_mode_only',
  ],
  example: {
    body: {
      escrow: ESCROW,
      from: 'funded',
      story: [{ at: '2026-12-01T10:00:00Z', by: 1, command: 'mark_done', milestone: 1 }],
    },
  },
  handle: async ({ api, caller, body }) => {
    const opened = await inTransaction(
      api.database,
      (db) => openFrom(db, caller, body.escrow, newId('esc'), null),
      () => false,
    );
    if (isProblem(opened)) return placed(opened, (pointer) => `/escrow${pointer}`);
    const { escrow } = opened;
    const now = await rowOf<{ now: StoryLine['at'] }>(
      api.database,
      sql`select clock_timestamp() as now`,
    );
    const at = body.at ?? now?.now;
    if (!at) throw new Error('the database does not say what time it is');
    const story = storyOf(escrow, body);
    if (isProblem(story)) return story;
    const acts = [...beginningOf(escrow, body.from ?? 'sent', at), ...story];
    const { moments, end } = preview(escrow, acts, body.payouts);
    return {
      status: 200,
      body: {
        object: 'preview',
        currency: end.terms.currency,
        terms_hash: null,
        moments: moments.map((moment) => momentView(moment)),
        ...statusOf(end),
        milestones: end.milestones.map((milestone, n) => ({
          number: milestone.number,
          title: end.terms.milestones[n]?.title ?? '',
          ...milestoneStatusOf(end, milestone),
        })),
        money: moneyOf(end),
        deadlines: deadlineViews(end),
      },
    };
  },
});

/** The lines as acts, or the pointer to the first that is none. */
function storyOf(escrow: Escrow, { story = [] }: Asked): readonly Act[] | Problem {
  const lines: StoryLine[] = [];
  for (const [n, { by: who, ...line }] of story.entries()) {
    const by = byOf(escrow, who);
    if (!by) return fieldProblem('malformed', `/story/${n}/by`, 'no party of the escrow');
    lines.push({ ...line, by });
  }
  const acts = actsOf(escrow, lines);
  if (typeof acts !== 'number') return acts;
  return fieldProblem('malformed', `/story/${acts}/body`, 'not the body of this command');
}

function byOf({ parties }: Escrow, who: NonNullable<Asked['story']>[number]['by']): By | null {
  if (who === 'platform') return { kind: 'platform' };
  if (typeof who === 'string') return { kind: 'account', account: who };
  const account = parties[who]?.account_id;
  return account ? { kind: 'account', account } : null;
}

const EVENT_HEAD: ReadonlySet<string> = new Set(['type', 'at', 'actor', 'status', 'status_code']);

function momentView({ at, by, command, refusal, ...moment }: Moment): Shown['moments'][number] {
  return {
    at,
    by: by.kind === 'account' ? by.account : by.kind,
    command: command.type,
    body: { ...command.body },
    refusal: refusal && { code: refusal.code, detail: refusal.detail ?? null },
    events: moment.events.map((event) => ({
      type: event.type,
      status: event.status,
      status_code: event.status_code,
      data: Object.fromEntries(Object.entries(event).filter(([name]) => !EVENT_HEAD.has(name))),
    })),
    journals: moment.journals.map(({ type, lines }) => ({
      type,
      lines: lines.map(({ account, amount }) => ({ account, amount })),
    })),
    balances: [...moment.balances],
    deadlines: deadlineViews(moment.after, moment.deadlines),
  };
}

export const previewRoutes: readonly Endpoint[] = [play];
