/**
 * Owns the bank's own double-entry book: accounts, movements, balances.
 * Must not know what a movement is for. Balances are carried by a trigger of the database.
 */
import type { PoolClient } from 'pg';
import { z } from 'zod';
import type { Instant } from '../domain/calendar';
import { type Minor, toMinor, ZERO } from '../domain/money';
import type { AccountCode, BankObject, Movement, Refund } from './course';
import { minorColumn } from './objects';

/**
 * Takes the book of one connection and currency to the end of the transaction. Whoever moves money
 * takes it first, so two movements never wait for each other crosswise.
 */
export async function lockBook(
  client: PoolClient,
  connection: string,
  currency: string,
): Promise<void> {
  await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [
    `sandbox.book ${connection} ${currency}`,
  ]);
}

/** Why a movement cannot be made, or null. The database checks the same again. */
export async function obstacleTo(
  client: PoolClient,
  object: BankObject,
  movement: Movement,
): Promise<'balance_too_low' | 'amount_out_of_range' | null> {
  const from = await balanceOf(client, object, movement.from);
  const to = await balanceOf(client, object, movement.to);
  if (movement.from !== 'outside' && from < movement.amount) return 'balance_too_low';
  const beyond = (balance: number) => !Number.isSafeInteger(balance);
  if (beyond(from - movement.amount) || beyond(to + movement.amount)) return 'amount_out_of_range';
  return null;
}

/** Why a payment does not cover a refund, or null: refunds of it never exceed what it brought. */
export async function beyondPayment(
  client: PoolClient,
  { connection, currency, payment, amount }: Refund,
): Promise<'payment_unknown' | 'amount_out_of_range' | null> {
  const { rows } = await client.query(
    `select p.settled_amount - coalesce((
              select sum(r.amount) from sandbox.objects r
               where r.connection_id = $1 and r.kind = 'refund' and r.payment = $2
                 and r.state not in ('failed', 'returned')), 0) as left
       from sandbox.objects p
      where p.connection_id = $1 and p.kind = 'payment' and p.reference = $2 and p.currency = $3
        and p.state = 'settled' order by p.created_at limit 1`,
    [connection, payment, currency],
  );
  if (rows[0] === undefined) return 'payment_unknown';
  return amount > minorColumn.parse(rows[0].left) ? 'amount_out_of_range' : null;
}

async function balanceOf(
  client: PoolClient,
  { connection, currency }: BankObject,
  code: AccountCode,
): Promise<Minor> {
  const { rows } = await client.query(
    `select balance from sandbox.accounts
     where connection_id = $1 and code = $2 and currency = $3`,
    [connection, code, currency],
  );
  return rows[0] === undefined ? ZERO : minorColumn.parse(rows[0].balance);
}

/**
 * Writes one movement of an object. Throws when the step has moved money before, or when an account
 * but `outside` would fall below zero: both are the database's word.
 */
export async function move(
  client: PoolClient,
  { id, connection, currency }: BankObject,
  { step, from, to, amount }: Movement,
  at: Instant,
): Promise<void> {
  await client.query(
    `insert into sandbox.accounts (connection_id, code, currency)
     values ($1, $2, $4), ($1, $3, $4) on conflict do nothing`,
    [connection, from, to, currency],
  );
  await client.query(
    `insert into sandbox.movements (object_id, step, from_account, to_account, amount, currency, at)
     select $1, $2, f.id, t.id, $3, $4, $5 from sandbox.accounts f, sandbox.accounts t
     where f.connection_id = $6 and f.code = $7 and f.currency = $4
       and t.connection_id = $6 and t.code = $8 and t.currency = $4`,
    [id, step, amount, currency, at, connection, from, to],
  );
}

export type Balance = {
  readonly currency: string;
  readonly available: Minor;
  readonly in_transit: Minor;
};

const balanceRow = z.object({ code: z.string(), currency: z.string(), balance: minorColumn });

/** What the connection has at the bank, per currency in order of its code. */
export async function balances(
  client: Pick<PoolClient, 'query'>,
  connection: string,
): Promise<readonly Balance[]> {
  const { rows } = await client.query(
    `select code, currency, balance from sandbox.accounts
     where connection_id = $1 and code in ('balance', 'in_transit') order by currency collate "C"`,
    [connection],
  );
  const found = rows.map((row) => balanceRow.parse(row));
  const of = (code: string, currency: string) =>
    found.find((row) => row.code === code && row.currency === currency)?.balance ?? toMinor(0);
  return [...new Set(found.map((row) => row.currency))].map((currency) => ({
    currency,
    available: of('balance', currency),
    in_transit: of('in_transit', currency),
  }));
}
