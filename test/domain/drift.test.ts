/**
 * Owns that the printed documents are what the tables print today, with the proof that a changed
 * table, or a page changed by hand, is noticed.
 * Must not know what the pages say. Mend a red test by `npx tsx bin/print-docs.ts`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BOOKKEEPING } from '../../domain/bookkeeping';
import { printBookkeeping } from '../../domain/print-bookkeeping';
import { printStatechart, TABLES, type Tables } from '../../domain/print-statechart';

const committed = (name: string): string =>
  readFileSync(join(__dirname, '..', '..', 'docs', name), 'utf8');

test('docs/statechart.md is what the tables print', () => {
  expect(committed('statechart.md')).toBe(printStatechart());
});

test('docs/bookkeeping.md is what the books print', () => {
  expect(committed('bookkeeping.md')).toBe(printBookkeeping());
});

describe('the state chart differs as soon as', () => {
  const { agreement, milestone } = TABLES;
  const expire = agreement.sent.expire;
  const approve = milestone.delivered.approve;
  if (!expire || !approve) throw new Error('no such rows');
  const { expire: _, ...sent } = agreement.sent;
  const delivered = (row: Partial<typeof approve>): Tables => ({
    agreement,
    milestone: {
      ...milestone,
      delivered: { ...milestone.delivered, approve: { ...approve, ...row } },
    },
  });

  test.each<[string, Tables]>([
    ['a row is gone', { milestone, agreement: { ...agreement, sent } }],
    ['somebody else may', delivered({ who: ['can:approve'] })],
    ['a refusal is gone', delivered({ unless: {} })],
    ['a dispute no longer matters', delivered({ dispute: 'either' })],
    ['it leads elsewhere', delivered({ to: ['accepted'] })],
    ['it passes a hold', delivered({ on_hold: 'passes' })],
  ])('%s', (_name, tables) => {
    expect(printStatechart(tables)).not.toBe(committed('statechart.md'));
  });

  test('nothing at all is changed: then it does not', () => {
    expect(printStatechart(delivered({}))).toBe(printStatechart());
  });
});

test('a page that was changed by hand is noticed', () => {
  const page = committed('bookkeeping.md');
  expect(page.replace('net share', 'share')).not.toBe(printBookkeeping());
});

test('every event is on the page of the books, with a journal or as moving nothing', () => {
  const page = committed('bookkeeping.md');
  for (const [type, row] of Object.entries(BOOKKEEPING)) {
    expect([type, page.includes(`\n| ${type} |`)]).toEqual([type, row !== null]);
    expect(page).toContain(type);
  }
});

test('every command of the tables is in the picture or in a row', () => {
  const page = committed('statechart.md');
  for (const cells of [...Object.values(TABLES.agreement), ...Object.values(TABLES.milestone)]) {
    for (const command of Object.keys(cells)) expect(page).toContain(` ${command} `);
  }
});
