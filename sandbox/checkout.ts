/**
 * Owns the hosted page on which a tester plays the payer. Plain HTML: no script, no outside file.
 * Must not know what paying or declining does. Whoever has the address may pay: it holds the
 * payment's id, which nobody can guess.
 */
import { createHash } from 'node:crypto';
import express, { type Response, Router } from 'express';
import { z } from 'zod';
import { bringUpToDate } from './acts';
import type { Bank } from './bank';
import { type Payment, waitsForPayer } from './course';
import { readObjects } from './objects';
import { payerActs } from './payer';

/** `/checkout/{id}`: GET shows the page, POST pays or declines and leads back to it. */
export function checkoutRoutes(bank: Bank): Router {
  const router = Router();
  router.get('/:id', async (request, response) => {
    const payment = await find(bank, request.params.id);
    if (payment === null) showPage(response, 404, 'No such payment', '<p>Nothing is here.</p>');
    else showPage(response, 200, 'Pay', content(payment));
  });
  router.post(
    '/:id',
    express.urlencoded({ extended: false, limit: '4kb' }),
    async (request, response) => {
      const payment = await find(bank, request.params.id);
      if (payment === null) {
        return showPage(response, 404, 'No such payment', '<p>Nothing is here.</p>');
      }
      const form = formSchema.safeParse(request.body);
      if (!form.success) {
        const problem = '<p role="alert">Please enter a whole number of minor units.</p>';
        return showPage(response, 422, 'Pay', problem + content(payment));
      }
      const free = form.data.act === 'pay' && payment.script.bank === true;
      const amount = free ? (form.data.amount ?? null) : null;
      await payerActs(bank, payment.id, form.data.act, amount);
      // Too late is no error here: the page says what became of the payment.
      response.redirect(303, `/checkout/${payment.id}`);
    },
  );
  return router;
}

const formSchema = z.strictObject({
  act: z.enum(['pay', 'decline']),
  amount: z
    .string()
    .regex(/^[1-9]\d{0,15}$/)
    .transform(Number)
    .refine(Number.isSafeInteger)
    .optional(),
});

async function find(bank: Bank, id: string): Promise<Payment | null> {
  if (id.includes('\0')) return null; // PostgreSQL stores no such id
  const [found] = await readObjects(bank.pool, [id]);
  if (found?.kind !== 'payment') return null;
  await bringUpToDate(bank, id);
  const [now] = await readObjects(bank.pool, [id]);
  return now?.kind === 'payment' ? now : null;
}

const STATES: Record<Payment['state'], string> = {
  pending: 'This payment is on its way. It settles later.',
  settled: 'Paid. Thank you.',
  declined: 'Declined. No money has moved.',
  cancelled: 'Cancelled by who asked for it. No money has moved.',
  expired: 'Too late: the time to pay is over. No money has moved.',
};

function content(payment: Payment): string {
  const facts = `<dl>
<dt>Amount</dt><dd>${escapeHtml(amountText(payment.amount, payment.currency))}</dd>
<dt>For</dt><dd>${escapeHtml(payment.description || payment.reference)}</dd>
<dt>Payer</dt><dd>${escapeHtml(payment.payer.name)}</dd>
<dt>Reference</dt><dd>${escapeHtml(payment.reference)}</dd>
</dl>`;
  if (waitsForPayer(payment)) return facts + form(payment);
  const back =
    payment.returnUrl === null
      ? ''
      : `<p><a href="${escapeHtml(payment.returnUrl)}" rel="noreferrer">Back</a></p>`;
  return `${facts}<p role="status"><strong>${STATES[payment.state]}</strong></p>${back}`;
}

function form(payment: Payment): string {
  const amount =
    payment.script.bank === true
      ? `<p><label for="amount">Minor units of ${escapeHtml(payment.currency)} to transfer</label>
<input id="amount" name="amount" inputmode="numeric" pattern="[1-9][0-9]*" required
 value="${payment.amount}" autocomplete="off"></p>`
      : '';
  return `<form method="post" action="/checkout/${escapeHtml(payment.id)}">${amount}
<button name="act" value="pay">Pay</button>
<button name="act" value="decline" class="quiet" formnovalidate>Decline</button></form>
<p>This is a simulation: no real money moves here.</p>`;
}

/** `USD 100.00 (10000 minor units)`: the digits are a help, the minor units are what counts. */
function amountText(minor: number, currency: string): string {
  const plain = `${minor} minor units of ${currency}`;
  if (!/^[A-Z]{3}$/.test(currency)) return plain;
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 0;
  const padded = String(minor).padStart(digits + 1, '0');
  const whole = padded.slice(0, padded.length - digits);
  const rest = digits === 0 ? '' : `.${padded.slice(-digits)}`;
  return `${currency} ${whole}${rest} (${plain})`;
}

const STYLE = `:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem}
dt{font-weight:600}dd{margin:0 0 .5rem;overflow-wrap:anywhere}
button,input{font:inherit;padding:.6rem 1.2rem;min-height:2.75rem}
button,input{border:2px solid;border-radius:.4rem}
button{background:#0b57d0;color:#fff;border-color:#0b57d0}
button.quiet{background:transparent;color:inherit;border-color:currentcolor}
:focus-visible{outline:3px solid #f9ab00;outline-offset:2px}`;
const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

function showPage(response: Response, status: number, title: string, main: string): void {
  response
    .status(status)
    .set({
      'Content-Security-Policy': POLICY,
      'Referrer-Policy': 'no-referrer',
    })
    .type('text/html; charset=utf-8')
    .send(`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} – Sandbox Bank</title><style>${STYLE}</style></head>
<body><main><h1>Sandbox Bank: ${title}</h1>${main}</main></body></html>`);
}

/** Text for HTML content and for quoted attributes. */
function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
