/**
 * Owns the list of what guards the books, each with the way to take it out and the question that
 * shows whether it holds. `mutation.test.ts` asks with and without each guard.
 * Must not repeat the tests of the ledger: one question per guard.
 */
import type { Pool } from 'pg';
import { reversalOf } from '../../domain/journal';
import { setAccountStatus, takeCheckpoints } from '../../ledger/keeper';
import { postingArguments, postJournals } from '../../ledger/post';
import { verify } from '../../ledger/proof';
import type { TestDatabase } from '../harness/database';
import { AT, failureOf, journal, line, outcomeOf, SCOPE, transfer } from './bookkeeper';

export type Guard = {
  /** A statement, or a text of a function and what stands there afterwards. */
  readonly remove: string | { readonly of: string; readonly text: string; readonly by: string };
  /** True while the guard holds. Wallets alice and bob have 1000 each, and no journal is open. */
  readonly holds: (database: TestDatabase) => Promise<boolean>;
};

const [alice, bob] = ['liab:wallet:acc_alice', 'liab:wallet:acc_bob'];
const app = (database: TestDatabase): Pool => database.pool('holdfast_app');
const owner = (database: TestDatabase): Pool => database.pool('holdfast_owner');
const posting = (database: TestDatabase, ...journals: Parameters<typeof postJournals>[2]) =>
  outcomeOf(postJournals(app(database), SCOPE, journals));

const CALL = `select * from ledger.post_journal(
  $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`;

/** Writes a journal by hand, as its owner may try; the outcome of the statement. */
const byHand = (database: TestDatabase, lines: string): Promise<string> =>
  failureOf(
    owner(database).query(
      `with raw as (
         insert into ledger.journals (key, req_hash, type, platform_id, livemode, effective_at,
           asked_at, subject)
         values ('raw', sha256('x'), 't', 'plt_test', false, now(), now(), 'raw') returning id)
       insert into ledger.postings (journal_id, line, account_id, currency, amount)
       select raw.id, l.line, l.account, 'EUR', l.amount
         from raw, (values ${lines}) as l (line, account, amount)`,
    ),
  );

export const GUARDS: Readonly<Record<string, Guard>> = {
  'the CHECK on floors': {
    remove: 'alter table ledger.balances drop constraint balances_floor',
    holds: async (database) =>
      (await failureOf(
        owner(database).query('update ledger.balances set amount = 5 where side = -1'),
      )) === '23514',
  },
  'the test of floors in the function': {
    remove: {
      of: 'ledger.post_journal',
      text: 'b.side * (b.amount + line_amount) between b.floor and 9007199254740991',
      by: 'true',
    },
    holds: async (database) =>
      (await posting(database, transfer('much', alice, bob, 1_001))) === 'LJ004',
  },
  'the status of a ledger account': {
    remove: { of: 'ledger.post_journal', text: `and b.status = 'open'`, by: '' },
    holds: async (database) => {
      const wallet = { code: alice, currency: 'EUR' };
      await setAccountStatus(database.pool('holdfast_keeper'), SCOPE, wallet, 'frozen');
      return (await posting(database, transfer('cold', alice, bob, 1))) === 'LJ005';
    },
  },
  'the order of ledger accounts': {
    remove: {
      of: 'ledger.check_shape',
      text: '< (a_code[i] collate "C", a_currency[i] collate "C")',
      by: '<> (a_code[i] collate "C", a_currency[i] collate "C")',
    },
    holds: async (database) => {
      const sound = postingArguments(SCOPE, [transfer('sorted', alice, bob, 1)]);
      const turned = sound.map((argument, at) => (at === 2 ? [bob, alice] : argument));
      return (await failureOf(app(database).query(CALL, turned))) === 'LJ001';
    },
  },
  'the comparison of hashes': {
    remove: { of: 'ledger.post_journal', text: 't.req_hash = j_hash[j] and', by: '' },
    holds: async (database) => {
      await posting(database, transfer('same', alice, bob, 1));
      return (await posting(database, transfer('same', alice, bob, 2))) === 'LJ002';
    },
  },
  'the comparison of platform and mode': {
    remove: {
      of: 'ledger.post_journal',
      text: 'and t.platform_id = p_platform',
      by: '',
    },
    holds: async (database) => {
      await posting(database, transfer('ours', alice, bob, 1));
      const theirs = { ...SCOPE, platform: 'plt_other' };
      const asked = postJournals(app(database), theirs, [transfer('ours', alice, bob, 1)]);
      return (await outcomeOf(asked)) === 'LJ002';
    },
  },
  'the unique key': {
    remove: 'drop index ledger.journals_key; create index journals_key on ledger.journals (key)',
    holds: async (database) => {
      const first = await posting(database, transfer('twice', alice, bob, 1));
      return (await posting(database, transfer('twice', alice, bob, 1))) === first;
    },
  },
  'the terminal key': {
    remove: 'drop index ledger.journals_terminal',
    holds: async (database) => {
      await posting(database, { ...transfer('p:settled', alice, bob, 1), terminal: 'p' });
      const failed = { ...transfer('p:failed', bob, alice, 1), terminal: 'p' };
      return (await posting(database, failed)) === 'LJ007';
    },
  },
  'one reversal of a journal': {
    remove: 'drop index ledger.journals_reverses',
    holds: async (database) => {
      const wrong = transfer('wrong', alice, bob, 1);
      await posting(database, wrong);
      await posting(database, reversalOf(wrong, AT));
      return (await posting(database, { ...reversalOf(wrong, AT), key: 'again' })) === 'LJ007';
    },
  },
  'needed journals': {
    remove: {
      of: 'ledger.post_journal',
      text: 'if j_needs[j] is not null then',
      by: 'if false then',
    },
    holds: async (database) =>
      (await posting(database, { ...transfer('n', alice, bob, 1), needs: ['never'] })) === 'LJ006',
  },
  'the zero-sum trigger': {
    remove: 'drop trigger zero_sum on ledger.postings',
    holds: async (database) => (await byHand(database, '(1, 1, 5), (2, 2, -4)')) === 'LJ001',
  },
  'the zero-sum trigger, for the function': {
    remove: 'drop trigger zero_sum on ledger.postings',
    holds: async (database) => {
      const lopsided = journal('lopsided', [line(alice, 5), line(bob, -4)]);
      return (await posting(database, lopsided)) === 'LJ001';
    },
  },
  'a journal is of one transaction': {
    remove: {
      of: 'ledger.check_zero_sum',
      text: `or (select j.xid from ledger.journals j where j.id = i.journal_id)
         is distinct from pg_current_xact_id()`,
      by: '',
    },
    holds: async (database) =>
      (await failureOf(
        owner(database).query(
          `insert into ledger.postings (journal_id, line, account_id, currency, amount)
           values (1, 90, 1, 'EUR', 5), (1, 91, 2, 'EUR', -5)`,
        ),
      )) === 'LJ010',
  },
  'the deny trigger on postings': {
    remove: 'drop trigger deny_change on ledger.postings',
    holds: async (database) =>
      (await failureOf(owner(database).query('update ledger.postings set amount = -amount'))) ===
      'LJ010',
  },
  'the deny trigger on journals': {
    remove: 'drop trigger deny_change on ledger.journals',
    holds: async (database) =>
      (await failureOf(owner(database).query(`update ledger.journals set type = 'x'`))) === 'LJ010',
  },
  'the isolation level': {
    remove: {
      of: 'ledger.post_journal',
      text: `current_setting('transaction_isolation') <> 'read committed'`,
      by: 'false',
    },
    holds: async (database) => {
      const client = await app(database).connect();
      try {
        await client.query('begin isolation level repeatable read');
        const asked = postJournals(client, SCOPE, [transfer('iso', alice, bob, 1)]);
        return (await outcomeOf(asked)) === 'LJ008';
      } finally {
        await client.query('rollback');
        client.release();
      }
    },
  },
  'the horizon of checkpoints': {
    remove: {
      of: 'ledger.take_checkpoint',
      text: 'pg_snapshot_xmin(pg_current_snapshot())',
      by: 'pg_snapshot_xmax(pg_current_snapshot())',
    },
    holds: async (database) => {
      const fee = (key: string, wallet: string) =>
        journal(key, [line(wallet, 1), line('rev:platform_fee', -1)]);
      await posting(database, fee('f0', alice));
      const slow = await app(database).connect();
      try {
        await slow.query('begin');
        await postJournals(slow, SCOPE, [fee('f1', alice)]);
        await posting(database, fee('f2', bob));
        await takeCheckpoints(database.pool('holdfast_keeper'));
        await slow.query('commit');
      } finally {
        slow.release();
      }
      return (await verify(app(database), SCOPE)).ok;
    },
  },
};
