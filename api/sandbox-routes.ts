/**
 * Owns the tester's hands at the simulated bank: its scripts, its payers, its webhooks and its
 * book, through our own key. Test mode only.
 * Must not know what the bank does with it: `docs/sandbox.md` says.
 */
import { z } from 'zod';
import { type AnyCall, type Endpoint, endpoint, type Result } from './endpoint';
import { doneThenWritten } from './idempotency';
import { type Problem, problem } from './problem';
import { callSandbox, sandboxOf } from './sandbox-calls';

const tag = 'Test mode';
const anything = z.record(z.string(), z.unknown());
const answers = { 200: { about: 'What the sandbox says.', schema: anything } };
const reference = z.string().min(1).max(200);

type Row = {
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly to: string;
};

const READS: readonly Row[] = [
  {
    path: 'payments',
    operationId: 'readSandboxPayments',
    summary: 'Payments in the book of the sandbox',
    to: '/payments',
  },
  {
    path: 'payouts',
    operationId: 'readSandboxPayouts',
    summary: 'Payouts in the book of the sandbox',
    to: '/payouts',
  },
  {
    path: 'refunds',
    operationId: 'readSandboxRefunds',
    summary: 'Refunds in the book of the sandbox',
    to: '/refunds',
  },
  {
    path: 'webhooks',
    operationId: 'readSandboxWebhooks',
    summary: 'Webhooks that the sandbox has sent or holds back',
    to: '/control/webhooks',
  },
];

const ACTS: readonly (Row & { readonly status?: 201; readonly example: unknown })[] = [
  {
    path: 'scripts',
    operationId: 'scriptSandbox',
    summary: 'Script what the sandbox does next',
    to: '/control/scripts',
    status: 201,
    example: { calls: 'payouts', next: 1, script: { decline: 'destination_closed' } },
  },
  {
    path: 'webhooks/release',
    operationId: 'releaseSandboxWebhooks',
    summary: 'Send the webhooks that are held back',
    to: '/control/webhooks/release',
    example: {},
  },
  {
    path: 'webhooks/replay',
    operationId: 'replaySandboxWebhooks',
    summary: 'Send webhooks again',
    to: '/control/webhooks/replay',
    example: { reference: 'pay_01k9z6b0w2e8ra5m3q7t4n1xvc-1' },
  },
];

const reads = READS.map(({ path, operationId, summary, to }) =>
  endpoint({
    method: 'get',
    path: `/v1/test_helpers/sandbox/${path}`,
    operationId,
    tag,
    summary,
    right: 'test',
    query: z.strictObject({ reference }),
    answers,
    problems: ['unavailable'],
    handle: (call) => ask(call, 'GET', `${to}?${new URLSearchParams(call.query)}`),
  }),
);

const balance = endpoint({
  method: 'get',
  path: '/v1/test_helpers/sandbox/balance',
  operationId: 'readSandboxBalance',
  tag,
  summary: 'What the sandbox holds for us',
  right: 'test',
  answers,
  problems: ['unavailable'],
  handle: (call) => ask(call, 'GET', '/balance'),
});

const acts = ACTS.map(({ path, operationId, summary, to, status = 200, example }) =>
  endpoint({
    method: 'post',
    path: `/v1/test_helpers/sandbox/${path}`,
    operationId,
    tag,
    summary,
    right: 'test',
    body: anything,
    answers: { [status]: { about: 'What the sandbox says.', schema: anything } },
    problems: ['unavailable', 'malformed'],
    example: { body: example },
    handle: (call) =>
      doneThenWritten(call, 'ask_sandbox', 'sandbox', () => ask(call, 'POST', to, call.body)),
  }),
);

const payer = (['pay', 'decline'] as const).map((act) =>
  endpoint({
    method: 'post',
    path: `/v1/test_helpers/sandbox/payments/{reference}/${act}`,
    operationId: `${act}AtSandbox`,
    tag,
    summary: act === 'pay' ? 'Pay, as the payer would on the page' : 'Decline, as the payer would',
    description: 'The reference is the payment id with its attempt, `pay_…-1`.',
    right: 'test',
    params: z.object({ reference }),
    body: anything,
    answers,
    problems: ['unavailable', 'malformed', 'wrong_status'],
    example: { body: {} },
    handle: (call) => {
      const name = encodeURIComponent(`reference:${call.params.reference}`);
      return doneThenWritten(call, 'ask_sandbox', 'sandbox', () =>
        ask(call, 'POST', `/control/payments/${name}/${act}`, call.body),
      );
    },
  }),
);

async function ask(
  call: AnyCall,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<Result> {
  const sandbox = await sandboxOf(call);
  const reply = sandbox && (await callSandbox(sandbox, method, path, body));
  if (!reply || reply.status >= 500) return problem('unavailable', 'The sandbox does not answer.');
  return reply.status < 400 ? reply : asOurs(method, reply.body);
}

const refused = z.object({
  code: z.string(),
  title: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
});

/** A refusal of the sandbox under a code of ours; what we pass on has the same fields. */
function asOurs(method: 'GET' | 'POST', body: unknown): Problem {
  const { code, title, errors = [] } = refused.parse(body);
  if (code === 'not_found') return problem('not_found');
  if (code === 'too_late') return problem('wrong_status', title);
  const told = errors.map((error) => ({ ...error, code: 'wrong_value' }));
  return problem(method === 'GET' ? 'malformed_parameter' : 'malformed', title, { errors: told });
}

export const sandboxRoutes: readonly Endpoint[] = [...reads, balance, ...acts, ...payer];
