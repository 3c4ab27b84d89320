/**
 * Owns the world of a file of workflow tests: a platform, three accounts, money in a wallet, the
 * bank.
 * Must not know any escrow (`escrows.ts`), nor go through HTTP: `test/api` does that.
 */
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { toInstant } from '../../domain/calendar';
import { clientBank, wallet } from '../../domain/chart';
import type { AccountId, PlatformId } from '../../domain/ids';
import { credit, debit } from '../../domain/journal';
import { toMinor } from '../../domain/money';
import { postJournals } from '../../ledger/post';
import { type TestDatabase, testDatabase } from '../harness/database';
import { type EngineOptions, type TestEngine, testEngine } from '../harness/workers';

export const PLATFORM: PlatformId = 'plt_test';
export const BUYER: AccountId = 'acc_buyer';
export const SELLER: AccountId = 'acc_seller';
export const ARBITER: AccountId = 'acc_arbiter';
export const CONNECTION = 'con_test';
const TOKEN = 't'.repeat(24);

export type World = {
  readonly database: TestDatabase;
  readonly engine: TestEngine;
  readonly pool: Pool;
};

/** A platform with three accounts, a connection to the bank, and a seller who can be paid. */
export async function openWorld(options: EngineOptions = {}): Promise<World> {
  const database = await testDatabase();
  const engine = await testEngine(database, options);
  const pool = database.pool('holdfast_app');
  await pool.query(`insert into holdfast.platforms (id, name) values ($1, 'Test')`, [PLATFORM]);
  for (const id of [BUYER, SELLER, ARBITER]) await giveAccount(pool, id, id);
  const connection = { id: CONNECTION, token: TOKEN, webhook_secret: 's'.repeat(24) };
  await pool.query(
    `insert into holdfast.connections (id, platform_id, livemode, provider, token, webhook_secret)
     values ($1, $2, false, 'sandbox', $3, $4)`,
    [connection.id, PLATFORM, connection.token, connection.webhook_secret],
  );
  const world = { database, engine, pool };
  await askBank(world, '/control/connections', { ...connection, webhook_url: null });
  await giveDestination(pool, SELLER, 'Sal');
  await fillWallet(pool, BUYER, 1_000_000);
  await fillBank(world, 1_000_000);
  return world;
}

/** Somebody new; a payer's name like `Pat fault:checkout` scripts the bank. */
export async function giveAccount(pool: Pool, id: AccountId, name: string): Promise<AccountId> {
  await pool.query(
    `insert into holdfast.accounts (id, platform_id, livemode, kind, name, email)
     values ($1, $2, false, 'person', $3, $1 || '@example.com')`,
    [id, PLATFORM, name],
  );
  return id;
}

/** The default destination of an account; a name like `Sal fault:returned` scripts the bank. */
export async function giveDestination(pool: Pool, account: AccountId, name: string) {
  const id = `dst_${randomUUID().replaceAll('-', '')}` as const;
  await pool.query(
    `update holdfast.payout_destinations set is_default = false where account_id = $1`,
    [account],
  );
  await pool.query(
    `insert into holdfast.payout_destinations
       (id, platform_id, livemode, account_id, provider, reference, name, currency, is_default)
     values ($1, $2, false, $3, 'sandbox', $4, $5, 'EUR', true)`,
    [id, PLATFORM, account, `IBAN-${id}`, name],
  );
  return id;
}

/** A new account that is paid as the name of its destination says. */
export async function giveSeller(pool: Pool, destination: string): Promise<AccountId> {
  const tag = randomUUID().replaceAll('-', '');
  const account = await giveAccount(pool, `acc_${tag}`, 'Sal');
  await giveDestination(pool, account, destination);
  return account;
}

/** Free money, as if it had been paid in long ago; below zero: it is spent. */
export async function fillWallet(pool: Pool, account: AccountId, amount: number): Promise<void> {
  const minor = toMinor(amount);
  const [bank, purse] = [clientBank('opening'), wallet(account)];
  await postJournals(pool, { platform: PLATFORM, livemode: false }, [
    {
      key: `opening:${randomUUID()}`,
      type: 'opening',
      at: toInstant(Date.now()),
      subject: account,
      lines: [debit(bank, 'EUR', minor), credit(purse, 'EUR', minor)],
    },
  ]);
}

/** The bank owes us as much as the wallets hold. */
export const fillBank = (world: World, amount: number): Promise<void> =>
  askBank(world, '/payments', {
    reference: `opening-${randomUUID()}`,
    amount,
    currency: 'EUR',
    payer: { name: 'Opening' },
  });

/** A call of the bank, as its connection or as the person at its desk. */
export async function askBank({ engine }: World, path: string, body: object): Promise<void> {
  const response = await fetch(`${engine.sandbox.url}${path}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${TOKEN}`,
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
}
