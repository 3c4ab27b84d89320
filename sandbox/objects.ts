/**
 * Owns the rows of `sandbox.objects`: reading, writing, and the view that a caller gets.
 * Must not know why an object changes.
 */
import type { PoolClient } from 'pg';
import { z } from 'zod';
import { toInstant } from '../domain/calendar';
import { toMinor } from '../domain/money';
import { type BankObject, type Planned, waitsForPayer } from './course';
import { FAILURE_CODES } from './faults';
import { scriptSchema } from './scripts';

type Kind = BankObject['kind'];

export const minorColumn = z.union([z.string(), z.number()]).transform((v) => toMinor(Number(v)));
export const instantColumn = z
  .union([z.date(), z.string()])
  .transform((value) => toInstant(new Date(value).getTime()));

const common = {
  id: z.string(),
  connection: z.string(),
  reference: z.string(),
  amount: minorColumn,
  currency: z.string(),
  version: z.number(),
  description: z.string(),
  script: scriptSchema,
  clock: z.string().nullable(),
  settledAmount: minorColumn.nullable(),
  failure: z
    .object({
      code: z.enum(FAILURE_CODES),
      again: z.enum(['never', 'new_destination', 'later']),
    })
    .nullable(),
  nextStep: z.enum(['send', 'finish', 'expire', 'return']).nullable(),
  nextAt: instantColumn.nullable(),
  createdAt: instantColumn,
  updatedAt: instantColumn,
  settledAt: instantColumn.nullable(),
  returnedAt: instantColumn.nullable(),
};
const row = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('payment'),
    state: z.enum(['pending', 'settled', 'declined', 'cancelled', 'expired']),
    payer: z.object({ name: z.string(), email: z.string().nullable() }),
    returnUrl: z.string().nullable(),
  }),
  z.object({
    ...common,
    kind: z.literal('payout'),
    state: z.enum(['pending', 'sent', 'settled', 'failed', 'returned']),
    destination: z.object({ reference: z.string(), name: z.string() }),
  }),
  z.object({
    ...common,
    kind: z.literal('refund'),
    state: z.enum(['pending', 'sent', 'settled', 'failed', 'returned']),
    payment: z.string(),
  }),
]);

const COLUMNS = `id, connection_id as connection, kind, reference, amount, currency, state, version,
  payer, destination, payment, description, return_url as "returnUrl", script, clock,
  settled_amount as "settledAmount", failure, next_step as "nextStep", next_at as "nextAt",
  created_at as "createdAt", updated_at as "updatedAt", settled_at as "settledAt",
  returned_at as "returnedAt"`;

function readRow(found: unknown): BankObject {
  const { nextStep, nextAt, ...object } = row.parse(found);
  return { ...object, next: plannedOf(nextStep, nextAt) };
}

function plannedOf(step: Planned['step'] | null, at: Planned['at'] | null): Planned | null {
  return step === null || at === null ? null : { step, at };
}

/** What of an object a caller names: the id of the bank, or `reference:` and his own. */
export type Named = { readonly connection: string; readonly kind: Kind; readonly name: string };

/**
 * Ids of the objects that a name means, oldest first. A bank that has forgotten a key may hold two
 * under one reference.
 */
export async function idsNamed(
  client: Pick<PoolClient, 'query'>,
  { connection, kind, name }: Named,
): Promise<readonly string[]> {
  const byReference = name.startsWith('reference:');
  const { rows } = await client.query<{ id: string }>(
    `select id from sandbox.objects
     where connection_id = $1 and kind = $2 and ${byReference ? 'reference' : 'id'} = $3
     order by created_at, id`,
    [connection, kind, byReference ? name.slice('reference:'.length) : name],
  );
  return rows.map(({ id }) => id);
}

/** One object, locked to the end of the transaction, so that two acts take turns. */
export async function lockObject(client: PoolClient, id: string): Promise<BankObject> {
  const { rows } = await client.query(
    `select ${COLUMNS} from sandbox.objects where id = $1 for update`,
    [id],
  );
  return readRow(rows[0]);
}

/** Objects as they stand, in the order of the ids. */
export async function readObjects(
  client: Pick<PoolClient, 'query'>,
  ids: readonly string[],
): Promise<readonly BankObject[]> {
  const { rows } = await client.query(
    `select ${COLUMNS} from sandbox.objects where id = any($1) order by array_position($1, id)`,
    [ids],
  );
  return rows.map(readRow);
}

/** Writes a new object. */
export async function insertObject(client: PoolClient, object: BankObject): Promise<void> {
  const payment = object.kind === 'payment' ? object : null;
  const payout = object.kind === 'payout' ? object : null;
  const refund = object.kind === 'refund' ? object : null;
  await client.query(
    `insert into sandbox.objects (id, connection_id, kind, reference, amount, currency, state,
       payer, destination, description, return_url, script, clock, next_step, next_at,
       created_at, updated_at, payment)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $16, $17)`,
    [
      object.id,
      object.connection,
      object.kind,
      object.reference,
      object.amount,
      object.currency,
      object.state,
      payment?.payer ?? null,
      payout?.destination ?? null,
      object.description,
      payment?.returnUrl ?? null,
      object.script,
      object.clock,
      object.next?.step ?? null,
      object.next?.at ?? null,
      object.createdAt,
      refund?.payment ?? null,
    ],
  );
}

/** Writes what an act has changed; the database refuses a version that is not the next one. */
export async function saveObject(client: PoolClient, object: BankObject): Promise<void> {
  await client.query(
    `update sandbox.objects set state = $2, version = $3, script = $4, settled_amount = $5,
       failure = $6, next_step = $7, next_at = $8, updated_at = $9, settled_at = $10,
       returned_at = $11
     where id = $1`,
    [
      object.id,
      object.state,
      object.version,
      object.script,
      object.settledAmount,
      object.failure,
      object.next?.step ?? null,
      object.next?.at ?? null,
      object.updatedAt,
      object.settledAt,
      object.returnedAt,
    ],
  );
}

/** The object as its owner sees it; `url` is where this bank listens. */
export function viewOf(object: BankObject, url: string): Readonly<Record<string, unknown>> {
  const base = {
    id: object.id,
    object: object.kind,
    reference: object.reference,
    state: object.state,
    amount: object.amount,
    currency: object.currency,
    livemode: false,
    settled_amount: object.settledAmount,
    failure: object.failure,
    description: object.description,
    clock: object.clock,
    version: object.version,
    created_at: object.createdAt,
    updated_at: object.updatedAt,
    settled_at: object.settledAt,
  };
  if (object.kind === 'payout') {
    return { ...base, destination: object.destination, returned_at: object.returnedAt };
  }
  if (object.kind === 'refund') {
    return { ...base, payment: object.payment, returned_at: object.returnedAt };
  }
  const page = waitsForPayer(object) ? `${url}/checkout/${object.id}` : null;
  const bank = object.script.bank === true;
  return {
    ...base,
    payer: object.payer,
    checkout_url: bank ? null : page,
    bank_details:
      bank && page !== null
        ? {
            bank: 'Holdfast Sandbox Bank',
            account: 'SANDBOX 0000 0000 01',
            payment_reference: object.id,
            simulate: page,
          }
        : null,
  };
}
