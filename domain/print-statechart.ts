/**
 * Owns `docs/statechart.md`: both tables of who may do what, a picture of the stages, deadlines
 * and statuses, printed from what decides.
 * Must not know any rule: a sentence here only says what a function of the tables cannot show.
 */
import { AGREEMENT, type AgreementTable } from './agreement';
import { DEADLINE_NAMES, type DeadlineName } from './escrow';
import { MILESTONE, type MilestoneTable } from './milestone';
import { WHO } from './parties';
import {
  DELIVERY_MIN,
  FUND_FIRST,
  FUNDED_BEFORE,
  FUNDING_MIN,
  HOLD_REVIEW,
  PENDING_PAYMENT,
} from './periods';
import { negotiationChapter } from './print-negotiation';
import { AMENDMENT_FUNDING } from './proposal-dates';
import { CLOSED_RULES, OPEN_RULES, STATUSES, type StatusCode } from './status';
import { DEFAULT_PERIODS } from './terms';
import { WAITS } from './waits';

export type Tables = { readonly agreement: AgreementTable; readonly milestone: MilestoneTable };

export const TABLES: Tables = { agreement: AGREEMENT, milestone: MILESTONE };

/** A row as it is shown, with the stages in which it stands. */
type Shown = {
  readonly stages: readonly string[];
  readonly command: string;
  readonly who: string;
  readonly dispute: string;
  readonly unless: string;
  readonly hold: string;
  readonly to: readonly string[];
};

type AnyRow = {
  readonly who: readonly string[];
  readonly dispute?: string;
  readonly on_hold?: string;
  readonly unless?: object;
  readonly check?: object;
  readonly to: readonly string[];
};
type AnyTable = { readonly [stage: string]: { readonly [command: string]: AnyRow } };

/** The whole page. */
export function printStatechart(tables: Tables = TABLES): string {
  const agreement = rowsOf(tables.agreement as AnyTable); // printing needs no stage to be narrow
  const milestone = rowsOf(tables.milestone as AnyTable);
  return [
    '# State chart',
    'Printed from `domain/` by `npx tsx bin/print-docs.ts`; a test fails when it differs.',
    '## The agreement',
    picture('draft', agreement, []),
    asTable(
      ['stage', 'command', 'who', 'refused with', 'on hold', 'to'],
      agreement.map((row) => [
        row.stages.join(' '),
        row.command,
        row.who,
        row.unless,
        row.hold,
        row.to.join(' \\| '),
      ]),
    ),
    '## A milestone',
    picture('waiting', milestone, BY_ITSELF),
    asTable(
      ['stage', 'command', 'who', 'dispute', 'refused with', 'on hold', 'to'],
      milestone.map((row) => [
        row.stages.join(' '),
        row.command,
        row.who,
        row.dispute,
        row.unless,
        row.hold,
        row.to.join(' \\| '),
      ]),
    ),
    'Dispute: `no` refuses with `in_dispute` while there is one, `only` wants one.',
    ...negotiationChapter(asTable),
    '## Refusals',
    REFUSED,
    '## Who',
    asTable(['word', 'means'], Object.entries(WHO)),
    '## Deadlines',
    'At one instant they fire in this order, then by milestone. Reminders at 50 % and 90 %.',
    asTable(['name', 'who must act', 'default', 'length'], DEADLINE_NAMES.map(deadlineRow)),
    '## Statuses',
    'The first that fits counts: of the first nine while a milestone is open, else of the rest.',
    asTable(['code', 'status', 'when'], STATUS_ORDER.map(statusRow)),
  ]
    .join('\n\n')
    .concat('\n');
}

const REFUSED = [
  'In this order: version (`stale_version`), `not_a_party`, `terms_changed`, the cell, who',
  '(`not_allowed`), `on_hold`, `in_dispute`, then the codes of the row from left to right.',
  'Without a cell: `already_done` for an approval given before, `release_is_final` for a dispute',
  'from releasing on, `deadline_passed` where the clock left the stage, `escrow_closed`,',
  'else `wrong_status`.',
].join('\n');

/** What changes a milestone without a command about it: from, to, because. */
const BY_ITSELF: readonly (readonly [string, string, string])[] = [
  ['waiting', 'in_progress', 'all have accepted, fully funded, what it waits for is done'],
  ['waiting', 'cancelled', 'ended before the start'],
  ['waiting', 'refunded', 'ended before the start, funded'],
  ['waiting', 'refunded', 'what it waits for came to nothing'],
  ['accepted', 'releasing', 'complete'],
];

/** Equal rows of several stages are one. */
function rowsOf(table: AnyTable): readonly Shown[] {
  const rows = new Map<string, Shown>();
  for (const [stage, cells] of Object.entries(table)) {
    for (const [command, row] of Object.entries(cells)) {
      const shown = {
        command,
        who: row.who.join(' '),
        dispute: row.dispute ?? '',
        unless: [...new Set([row.unless, row.check].flatMap((g) => Object.keys(g ?? {})))].join(
          ' ',
        ),
        hold: row.on_hold ?? '',
        to: row.to,
      };
      const key = JSON.stringify(shown);
      rows.set(key, { ...shown, stages: [...(rows.get(key)?.stages ?? []), stage] });
    }
  }
  return [...rows.values()];
}

type Edges = readonly (readonly [from: string, to: string, label: string])[];

/** A mermaid picture of the stages: an arrow for each change, with the commands that make it. */
function picture(first: string, rows: readonly Shown[], more: Edges): string {
  const arrows = new Map<string, string[]>();
  const arrow = (from: string, to: string, label: string): void => {
    if (to === 'unchanged' || to === from) return;
    const key = `${from} --> ${to}`;
    arrows.set(key, [...(arrows.get(key) ?? []), label]);
  };
  for (const [from, to, label] of more) arrow(from, to, label);
  for (const { stages, command, to } of rows) {
    for (const from of stages) for (const stage of to) arrow(from, stage, command);
  }
  const lines = [...arrows].map(([key, labels]) => `  ${key} : ${[...new Set(labels)].join(', ')}`);
  return ['```mermaid', 'stateDiagram-v2', `  [*] --> ${first}`, ...lines, '```'].join('\n');
}

const LENGTHS: { readonly [N in DeadlineName]: string } = {
  funding:
    '`funding.due_at`, else the earliest due date; `fund_first` without `due_at`: ' +
    `${FUND_FIRST} after sending, at the latest the earliest due date; while a payment is ` +
    `pending the default is put off, at most ${PENDING_PAYMENT}`,
  milestone_funding:
    `\`per_milestone\`, agreed: ${FUNDED_BEFORE} before its due date, at the earliest ` +
    `${FUNDING_MIN} after agreement; put off as \`funding\` is`,
  acceptance:
    `${periodOf('acceptance')}, at the latest with the funding deadline; \`fund_first\`: from ` +
    'full funding on, at the latest the earliest due date',
  delivery: `the due date, at least ${DELIVERY_MIN} after the start`,
  overdue: periodOf('overdue'),
  inspection: '`inspection_period` days (3)',
  rework: periodOf('rework'),
  release: periodOf('release'),
  response: periodOf('response'),
  negotiation: periodOf('negotiation'),
  ruling: periodOf('ruling'),
  proposal: 'P3D for a settlement, P7D for the others',
  amendment_funding: `${AMENDMENT_FUNDING}; contributions go back, the old terms stay`,
  payout: periodOf('payout'),
  reserve: `${periodOf('reserve')}, also after closing`,
  hold_review: `${HOLD_REVIEW}, again each time`,
  return_window: "the provider's window; the workflow ends",
};

function periodOf(name: keyof typeof DEFAULT_PERIODS): string {
  return `\`deadlines.${name}\` (${DEFAULT_PERIODS[name]})`;
}

const deadlineRow = (name: DeadlineName): readonly string[] => {
  const { who, otherwise } = WAITS[name];
  return [name, who, otherwise, LENGTHS[name]];
};

const STATUS_ORDER: readonly StatusCode[] = [...OPEN_RULES, ...CLOSED_RULES].map(([code]) => code);

const WHEN: { readonly [C in StatusCode]: string } = {
  draft: 'saved, not sent',
  fr: 'rejected after money came in, refund not yet booked',
  sac: 'sent, somebody who must accept has not, not fully funded',
  af: 'fully funded, an acceptance outstanding; and the moment in which both become true',
  anf: 'all who must have accepted; what is due is not complete',
  ip: 'some milestone is in progress',
  dr: 'none of those; some milestone is rejected',
  d: 'none of those; some milestone is under inspection',
  da: 'every open milestone is accepted and waits for release',
  cd: 'a milestone was closed by a ruling',
  cdp: 'some disbursement is incomplete',
  cdc: 'something was released, no disbursement is incomplete',
  cr: 'money had come in, nothing was released',
  c: 'no money ever came in',
};

const statusRow = (code: StatusCode): readonly string[] => [code, STATUSES[code], WHEN[code]];

/** A table in markdown. */
export function asTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
