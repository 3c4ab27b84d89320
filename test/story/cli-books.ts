/**
 * Owns books that are changed behind the product's back, so that its proof has something to find.
 * Must not know how it is found.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';

/** What no program of ours can do: a superuser, with the triggers switched off. */
export async function tamper(data: string, by: number): Promise<void> {
  const text = readFileSync(join(data, 'postgres.json'), 'utf8');
  const { password, port } = JSON.parse(text) as { password: string; port: number };
  const client = new Client(`postgres://holdfast:${password}@127.0.0.1:${port}/holdfast`);
  await client.connect();
  await client.query('set session_replication_role = replica');
  const posting = await client.query(
    `update ledger.postings p set amount = amount + $1
       from ledger.accounts a where a.id = p.account_id and a.code like 'asset:provider:%'
        and (p.journal_id, p.line) = (select min(q.journal_id), min(q.line) from ledger.postings q
          join ledger.accounts b on b.id = q.account_id where b.code like 'asset:provider:%')`,
    [by],
  );
  const balance = await client.query(
    `update ledger.balances set amount = amount + $1
      where account_id = (select min(a.id) from ledger.accounts a
        join ledger.balances b on b.account_id = a.id
       where a.code like 'liab:escrow:%:dispute:%' and b.amount < -1)`,
    [by],
  );
  await client.end();
  expect([posting.rowCount, balance.rowCount]).toEqual([1, 1]);
}
