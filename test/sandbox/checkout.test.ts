/**
 * Owns the proof of the hosted page: it says what is paid, works without scripts, lets nothing in.
 * Must not know the port or its client.
 */
import { type Client, call, type Json, startBank, type TestBank } from './bank';

let bank: TestBank;
let client: Client;
beforeAll(async () => {
  bank = await startBank();
});
beforeEach(async () => {
  client = await bank.connect();
});
afterEach(() => expect(bank.reported.splice(0)).toEqual([]));
afterAll(() => bank.close());

const waiting = async (order: Json = {}, name = 'Bea fault:checkout') =>
  (await client.pay({ payer: { name }, ...order })).body;

async function page(payment: Json): Promise<{ status: number; html: string; headers: Headers }> {
  const { status, body, headers } = await call(bank.url, 'GET', `/checkout/${payment.id}`, {});
  return { status, html: String(body.text), headers };
}

/** What a browser without scripts does when a button of the form is pressed. */
async function press(payment: Json, fields: Record<string, string>) {
  const { html } = await page(payment);
  const action = /<form method="post" action="([^"]+)">/.exec(html)?.[1] ?? '/no-form';
  return call(bank.url, 'POST', action, {
    body: new URLSearchParams(fields).toString(),
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  });
}

test('an order for the page waits, and its address shows what is to be paid', async () => {
  const payment = await waiting({ amount: 123456, description: 'Garden shed' });
  expect(payment).toMatchObject({
    state: 'pending',
    checkout_url: `${bank.url}/checkout/${payment.id}`,
    bank_details: null,
  });
  const { status, html } = await page(payment);
  expect(status).toBe(200);
  expect(html).toContain('EUR 1234.56 (123456 minor units of EUR)');
  expect(html).toContain('Garden shed');
  expect(html).toContain('no real money');
});

test.each`
  currency      | amount  | text
  ${'JPY'}      | ${500}  | ${'JPY 500 (500 minor units of JPY)'}
  ${'KWD'}      | ${1234} | ${'KWD 1.234 (1234 minor units of KWD)'}
  ${'USD'}      | ${5}    | ${'USD 0.05 (5 minor units of USD)'}
  ${'USDC@eth'} | ${5}    | ${'5 minor units of USDC@eth'}
`('$amount of $currency reads $text', async ({ currency, amount, text }) => {
  expect((await page(await waiting({ currency, amount }))).html).toContain(`<dd>${text}</dd>`);
});

test('who pays leads the payment to settled, and comes back to the page', async () => {
  const payment = await waiting({ return_url: 'https://shop.example/?a=1&b="2"' });
  const pressed = await press(payment, { act: 'pay' });
  expect(pressed.status).toBe(303);
  expect(pressed.headers.get('location')).toBe(`/checkout/${payment.id}`);
  expect((await client.get(`/payments/${payment.id}`)).body.state).toBe('settled');
  const { html } = await page(payment);
  expect(html).toContain('<p role="status"><strong>Paid.');
  expect(html).toContain('<a href="https://shop.example/?a=1&#38;b=&#34;2&#34;"');
  expect(html).not.toContain('<form');
});

test('who declines leads it to declined', async () => {
  const payment = await waiting();
  await press(payment, { act: 'decline' });
  expect((await client.get(`/payments/${payment.id}`)).body).toMatchObject({
    state: 'declined',
    failure: { code: 'declined' },
  });
  expect((await page(payment)).html).toContain('No money has moved');
});

test('pressing twice pays once', async () => {
  const payment = await waiting();
  const path = `/checkout/${payment.id}`;
  const fields = {
    body: 'act=pay',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  };
  const answers = await Promise.all([1, 2, 3].map(() => call(bank.url, 'POST', path, fields)));
  expect(answers.map(({ status }) => status)).toEqual([303, 303, 303]);
  const { rows } = await bank.owner.query(
    'select count(*)::int as count from sandbox.movements where object_id = $1',
    [payment.id],
  );
  expect(rows).toEqual([{ count: 1 }]);
});

test('a bank transfer brings the amount that the payer types', async () => {
  const payment = await waiting({ amount: 10000 }, 'fault:bank');
  expect(payment).toMatchObject({
    checkout_url: null,
    bank_details: { payment_reference: payment.id, simulate: `${bank.url}/checkout/${payment.id}` },
  });
  expect((await page(payment)).html).toMatch(/<label for="amount">.*<input id="amount"/s);
  const refused = await press(payment, { act: 'pay', amount: '60.00' });
  expect(refused.status).toBe(422);
  expect(refused.body.text).toContain('role="alert"');
  await press(payment, { act: 'pay', amount: '6000' });
  expect((await client.get(`/payments/${payment.id}`)).body).toMatchObject({
    state: 'settled',
    amount: 10000,
    settled_amount: 6000,
    bank_details: null,
  });
});

test('the same is done without the page by control calls', async () => {
  const bankPayment = await waiting({}, 'fault:bank');
  const pay = (payment: Json, act: string, body: Json) =>
    client.post(`/control/payments/${payment.id}/${act}`, body);
  expect((await pay(bankPayment, 'pay', { amount: 5 })).body.settled_amount).toBe(5);
  expect(await pay(bankPayment, 'pay', {})).toMatchObject({ status: 409 });
  const card = await waiting();
  expect(await pay(card, 'pay', { amount: 5 })).toMatchObject({ status: 422 });
  expect(await pay(card, 'explode', {})).toMatchObject({ status: 400 });
  expect((await pay(card, 'decline', {})).body.state).toBe('declined');
  const other = await bank.connect();
  const foreign = await other.post(`/control/payments/${card.id}/pay`, {});
  expect(foreign.status).toBe(404);
});

test('a paid order with a delay settles later, and says so', async () => {
  const payment = await waiting({}, 'fault:checkout fault:delay-PT3H');
  await press(payment, { act: 'pay' });
  const { body } = await client.get(`/payments/${payment.id}`);
  expect(body).toMatchObject({ state: 'pending', checkout_url: null });
  expect((await page(payment)).html).toContain('It settles later');
});

test('hostile names stay text', async () => {
  const name = `"><script>alert('x')</script><img src=x onerror=1>&amp; fault:checkout`;
  const payment = await waiting({ description: '</dd><h1>Mine</h1>', reference: "a'b<c>" }, name);
  const { html, headers } = await page(payment);
  expect(html).not.toMatch(/<script|<img|<h1>Mine/i);
  expect(html).toContain('&#60;script&#62;alert(&#39;x&#39;)&#60;/script&#62;');
  expect(html).toContain('&#38;amp;');
  const policy = headers.get('content-security-policy');
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain('script-src');
  expect(policy).toContain("frame-ancestors 'none'");
});

test('the page has what a screen reader needs, and no script at all', async () => {
  const { html } = await page(await waiting({}, 'fault:bank'));
  expect(html).toMatch(/^<!doctype html>\n<html lang="en">/);
  expect(html.match(/<h1>/g)).toHaveLength(1);
  expect(html).toContain('<title>Pay');
  expect(html).toContain('<main>');
  for (const id of html.match(/(?<=<input id=")[^"]+/g) ?? []) {
    expect(html).toContain(`<label for="${id}">`);
  }
  expect(html).not.toMatch(/<script|javascript:|\son\w+=/i);
});

test('an address that is none shows an empty page, a form without an act is refused', async () => {
  expect((await page({ id: 'sbp_never' })).status).toBe(404);
  const payment = await waiting();
  for (const fields of [{}, { act: 'steal' }, { act: 'pay', more: '1' }]) {
    expect((await press(payment, { ...fields } as Record<string, string>)).status).toBe(422);
  }
  expect((await client.get(`/payments/${payment.id}`)).body.state).toBe('pending');
});
