/**
 * Owns what `post_journal` is measured against: the same posting with the knex builder, in seven
 * round trips (begin, journal, balances locked, two updates, postings, commit).
 * Must not be used for anything else.
 */
import type { Knex } from 'knex';
import type { Journal } from '../domain/journal';
import { requestHash, type Scope } from '../ledger/post';

/** The same posting as a program would write it without the function: same tables, same checks. */
export async function postWithBuilder(owner: Knex, scope: Scope, journal: Journal): Promise<void> {
  const lines = [...journal.lines].sort((a, b) => (a.account < b.account ? -1 : 1));
  await owner.transaction(async (trx) => {
    const ledger = (table: string) => trx(table).withSchema('ledger');
    const [stored] = await ledger('journals')
      .insert({
        key: journal.key,
        req_hash: requestHash(journal),
        type: journal.type,
        platform_id: scope.platform,
        livemode: scope.livemode,
        effective_at: journal.at,
        asked_at: journal.at,
        subject: journal.subject,
      })
      .onConflict('key')
      .ignore()
      .returning('id');
    if (stored === undefined) throw new Error(`the key ${journal.key} exists`);
    const accounts = await ledger('accounts as a')
      .join('balances as b', 'b.account_id', 'a.id')
      .where({ platform_id: scope.platform, livemode: scope.livemode, currency: 'EUR' })
      .whereIn(
        'code',
        lines.map(({ account }) => account),
      )
      .orderBy('code')
      .forNoKeyUpdate('b')
      .select('a.id', 'a.code', 'b.amount', 'b.side', 'b.floor', 'b.status');
    const postings = [];
    for (const [at, one] of lines.entries()) {
      const account = accounts.find(({ code }) => code === one.account);
      if (account?.status !== 'open') throw new Error(`${one.account} is not open`);
      if (account.side * (account.amount + one.amount) < account.floor) {
        throw new Error(`insufficient funds in ${one.account}`);
      }
      const [balance] = await ledger('balances')
        .where({ account_id: account.id })
        .update({
          amount: trx.raw('amount + ?', [one.amount]),
          version: trx.raw('version + 1'),
        })
        .returning(['amount', 'version']);
      postings.push({
        journal_id: stored.id,
        line: at + 1,
        account_id: account.id,
        currency: one.currency,
        amount: one.amount,
        balance_after: balance.amount,
        version: balance.version,
      });
    }
    await ledger('postings').insert(postings);
  });
}
