/**
 * Owns the proof that the bank's own book adds up, whoever calls and however often.
 * Must not know the port or its client.
 */
import fc from 'fast-check';
import { anyName, type Client, payment, payout, startBank, type TestBank } from './bank';

let bank: TestBank;
let client: Client;
beforeAll(async () => {
  bank = await startBank();
});
beforeEach(async () => {
  client = await bank.connect();
});
afterAll(() => bank.close());

/** Reads the book by SQL that shares nothing with the bank's code. */
async function expectBookBalanced(): Promise<void> {
  const totals = await bank.owner.query(
    'select currency, sum(amount)::text as total from sandbox.postings group by currency',
  );
  for (const row of totals.rows) expect(row).toEqual({ currency: row.currency, total: '0' });
  const wrong = await bank.owner.query(
    `select a.code, a.balance, coalesce(sum(p.amount), 0) as moved
       from sandbox.accounts a left join sandbox.postings p on p.account_id = a.id
      group by a.id having a.balance <> coalesce(sum(p.amount), 0)`,
  );
  expect(wrong.rows).toEqual([]);
  const below = await bank.owner.query(
    "select code from sandbox.accounts where balance < 0 and code <> 'outside'",
  );
  expect(below.rows).toEqual([]);
}

async function movementsOf(reference: unknown): Promise<string[]> {
  const { rows } = await bank.owner.query(
    `select m.step || ' ' || f.code || ' > ' || t.code || ' ' || m.amount as line
       from sandbox.movements m join sandbox.objects o on o.id = m.object_id
       join sandbox.accounts f on f.id = m.from_account
       join sandbox.accounts t on t.id = m.to_account
      where o.reference = $1 order by m.id`,
    [reference],
  );
  return rows.map(({ line }) => line);
}

test('a settled payment moves money from outside to our balance', async () => {
  const { body } = await client.pay({ amount: 12345 });
  expect(body).toMatchObject({ state: 'settled', amount: 12345, settled_amount: 12345 });
  expect(await movementsOf(body.reference)).toEqual(['settle outside > balance 12345']);
});

test('a settled payout is set aside, then moved to its destination', async () => {
  await client.pay();
  const { body } = await client.payOut();
  expect(body).toMatchObject({ state: 'settled', destination: { reference: 'DE-0001' } });
  expect(await movementsOf(body.reference)).toEqual([
    'reserve balance > in_transit 4000',
    'settle in_transit > destination:DE-0001 4000',
  ]);
});

test('a failed payout gives back what was set aside', async () => {
  await client.pay();
  const { body } = await client.payOut({ destination: { reference: 'x', name: 'fault:fail' } });
  expect(body).toMatchObject({ state: 'failed', failure: { code: 'declined', again: 'never' } });
  expect(await movementsOf(body.reference)).toEqual([
    'reserve balance > in_transit 4000',
    'release in_transit > balance 4000',
  ]);
});

test('a returned payout comes back from its destination', async () => {
  await client.pay();
  const destination = { reference: 'x', name: 'fault:returned-PT0S' };
  const { body } = await client.payOut({ destination });
  expect(body.state).toBe('returned');
  expect(await movementsOf(body.reference)).toEqual([
    'reserve balance > in_transit 4000',
    'settle in_transit > destination:x 4000',
    'return destination:x > balance 4000',
  ]);
  const { body: balance } = await client.get('/balance');
  expect(balance.data).toEqual([{ currency: 'EUR', available: 10000, in_transit: 0 }]);
});

test('a payout beyond our balance is refused and moves nothing', async () => {
  await client.pay({ amount: 3999 });
  const order = payout();
  const refused = await client.payOut(order, 'too-much');
  expect(refused).toMatchObject({ status: 422, body: { code: 'balance_too_low' } });
  await client.pay({ amount: 1 });
  // The key stands for its first answer, also when there is money now.
  expect(await client.payOut(order, 'too-much')).toMatchObject({ status: 422 });
  expect(await movementsOf(order.reference)).toEqual([]);
  expect(await client.payOut(order, 'another')).toMatchObject({ status: 201 });
});

test('money of one connection or currency pays for no other', async () => {
  await client.pay({ currency: 'USD' });
  expect(await client.payOut()).toMatchObject({ status: 422 });
  const other = await bank.connect();
  expect(await other.payOut({ currency: 'USD' })).toMatchObject({ status: 422 });
});

test('a payment that no balance can hold is declined', async () => {
  await client.pay({ amount: Number.MAX_SAFE_INTEGER });
  const { body } = await client.pay({ amount: 1 });
  expect(body).toMatchObject({ state: 'declined', failure: { code: 'amount_out_of_range' } });
});

test('eight callers with one key make one payment and get one answer', async () => {
  const order = payment();
  const answers = await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (;;) {
        const answered = await client.pay(order, 'same');
        if (answered.body.code !== 'key_in_use') return answered;
      }
    }),
  );
  expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
  expect(await movementsOf(order.reference)).toHaveLength(1);
});

test('eight callers with keys of their own spend the balance once', async () => {
  await client.pay({ amount: 20000 });
  const answers = await Promise.all(
    Array.from({ length: 8 }, () => client.payOut({ amount: 6000 })),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
  expect(answers.filter(({ body }) => body.code === 'balance_too_low')).toHaveLength(5);
  const { body } = await client.get('/balance');
  expect(body.data).toEqual([{ currency: 'EUR', available: 2000, in_transit: 0 }]);
});

test('any mix of orders, eight at a time, each sent twice, leaves it balanced', async () => {
  const faults = ['', 'fault:fail', 'fault:returned-PT0S', 'fault:delay-PT3H', 'fault:pending-P1D'];
  const order = fc.record({
    out: fc.boolean(),
    amount: fc.integer({ min: 1, max: 50000 }),
    currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
    fault: fc.constantFrom(...faults),
  });
  const run = fc.asyncProperty(fc.array(order, { minLength: 8, maxLength: 16 }), async (mix) => {
    const run = anyName('run-');
    const twice = [...mix, ...mix].map(({ out, amount, currency, fault }, at) => {
      const reference = `${run}-${at % mix.length}`;
      const base = { reference, amount, currency };
      const name = out || fault === 'fault:delay-PT3H' ? `Jo ${fault}` : 'Jo';
      return out
        ? () => client.payOut({ ...base, destination: { reference: 'J', name } }, reference)
        : () => client.pay({ ...base, payer: { name } }, reference);
    });
    const queue = [...twice];
    const worker = async () => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        expect([201, 409, 422]).toContain((await next()).status);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    const doubles = await bank.owner.query(
      `select reference from sandbox.objects where connection_id = $1
       group by reference having count(*) > 1`,
      [client.id],
    );
    expect(doubles.rows).toEqual([]);
    await expectBookBalanced();
  });
  await fc.assert(run, { numRuns: 8 });
});

afterEach(async () => {
  await expectBookBalanced();
  expect(bank.reported.splice(0)).toEqual([]);
});

const refused: readonly [string, string, RegExp][] = [
  ['changes a movement', 'update sandbox.movements set amount = 1', /append-only/],
  ['deletes a movement', 'delete from sandbox.movements', /append-only/],
  ['empties the movements', 'truncate sandbox.movements', /append-only/],
  [
    'lets a final state go on',
    "update sandbox.objects set state = 'pending', version = version + 1 where state = 'settled'",
    /cannot go from settled to pending/,
  ],
  [
    'changes an amount',
    'update sandbox.objects set amount = amount + 1, version = version + 1',
    /the order of object .* cannot change/,
  ],
  ['skips a version', 'update sandbox.objects set version = version + 2', /is at version/],
  [
    'settles twice',
    `insert into sandbox.movements
       (object_id, step, from_account, to_account, amount, currency, at)
     select object_id, step, from_account, to_account, amount, currency, at
     from sandbox.movements limit 1`,
    /duplicate key/,
  ],
  [
    'moves one currency into another',
    `insert into sandbox.movements
       (object_id, step, from_account, to_account, amount, currency, at)
     select m.object_id, 'return', m.from_account, m.to_account, 1, 'XTS', now()
     from sandbox.movements m limit 1`,
    /foreign key/,
  ],
];

describe('the database refuses, whoever asks', () => {
  test.each(refused)('an owner who %s', async (_what, sql, why) => {
    await client.pay();
    await expect(bank.owner.query(sql)).rejects.toThrow(why);
  });

  test('the bank itself may not write a balance', async () => {
    const { rows } = await bank.owner.query(
      `select has_column_privilege('holdfast_sandbox', 'sandbox.accounts', 'balance', 'insert')
           or has_table_privilege('holdfast_sandbox', 'sandbox.accounts', 'update, delete') as may`,
    );
    expect(rows).toEqual([{ may: false }]);
  });

  test.each(['holdfast_app', 'holdfast_keeper', 'holdfast_auditor'])(
    '%s writes nothing here',
    async (role) => {
      const { rows } = await bank.owner.query(
        `select relname from pg_class where relnamespace = 'sandbox'::regnamespace
            and relkind in ('r', 'v')
            and has_table_privilege($1, oid, 'insert, update, delete, truncate')`,
        [role],
      );
      expect(rows).toEqual([]);
      const secrets = await bank.owner.query(
        "select has_table_privilege($1, 'sandbox.connections', 'select') as may",
        [role],
      );
      expect(secrets.rows).toEqual([{ may: false }]);
    },
  );

  test('no caller reads another caller’s order', async () => {
    const { body } = await client.pay({ reference: anyName('pay_') });
    const other = await bank.connect();
    expect(await other.get(`/payments/${body.id}`)).toMatchObject({ status: 404 });
    const list = await other.get(`/payments?reference=${body.reference}`);
    expect(list.body).toEqual({ object: 'list', complete: true, data: [] });
  });
});
