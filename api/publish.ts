/**
 * Owns writing events of things that no workflow owns: accounts, planned payments and withdrawals.
 * Must not know who reads them.
 */
import type { Caller } from './actor';
import { type Queryable, rowOf, sql } from './sql';

export type Published = {
  readonly subject: string;
  readonly sequence: number;
  readonly type: string;
  readonly escrow: string | null;
  readonly data: object;
};

/** One event, in the transaction of what it is about. */
export async function publish(
  db: Queryable,
  { platform, livemode }: Caller,
  { subject, sequence, type, escrow, data }: Published,
): Promise<void> {
  const id = `evt_${subject.replaceAll('_', '-')}_${sequence}`;
  await rowOf(
    db,
    sql`insert into holdfast.outbox (event_id, platform_id, livemode, subject, sequence, type,
          escrow_id, data)
        values (${id}, ${platform}, ${livemode}, ${subject}, ${sequence}, ${type}, ${escrow},
          ${JSON.stringify(data)})`,
  );
}
