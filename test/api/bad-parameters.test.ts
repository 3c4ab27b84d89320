/**
 * Owns that parameters of addresses and queries, and headers, are refused by name and place when
 * they are hostile, and that nothing is written then. They come from the OpenAPI file.
 * Must not test what a filter finds.
 */
import { OPERATIONS, type Operation, operationOf, type Parameter } from './body-schema';
import { everythingIn, faultsOf, inTurn } from './refusing';
import { openStack, type Stack } from './stack';

let stack: Stack;
beforeAll(async () => {
  stack = await openStack();
});
afterAll(() => stack.close());

const HOSTILE = [
  '',
  ' ',
  'NaN',
  '-1',
  '9007199254740993',
  '__proto__',
  "' or 1=1; --",
  '<script>',
  '\u202e\u200b\u{1F469}',
  'a\0b',
  '2026-02-30T00:00:00Z',
  '0001-01-01T00:00:00Z',
  '[{"a":{"__proto__":[1e999]}}]',
  'x'.repeat(3_000),
] as const;

/** Every second of them, the others at the next parameter. */
const half = (n: number): readonly string[] => HOSTILE.filter((_, at) => (at + n) % 2 === 0);

/** What a query needs beside the parameter that is tried. */
function besides({ operationId }: Operation, name: string): Record<string, string> {
  if (operationId === 'quoteFees') {
    return { currency: 'USD', ...(name !== 'milestones' && { amounts: '100' }) };
  }
  if (operationId === 'listLedgerAccounts') {
    return name === 'owner' || name === 'code' ? {} : { owner: 'acc_1' };
  }
  if (operationId === 'getBalancesOfEscrows') return { escrows: 'esc_1' };
  return /^readSandbox.*s$/.test(operationId) ? { reference: 'pay_1-1' } : {};
}

const KEYED = OPERATIONS.filter(({ security }) => security?.length !== 0);
const inPlace = (operation: Operation, place: Parameter['in']): readonly Parameter[] =>
  (operation.parameters ?? []).filter((parameter) => parameter.in === place);

/** An address whose parameters have their form; nothing is there. */
const addressOf = ({ path, ...operation }: Operation, name = '', value = ''): string =>
  inPlace({ path, ...operation }, 'path').reduce(
    (all, { name: own, schema }) =>
      all.replace(`{${own}}`, own === name ? encodeURIComponent(value) : formed(schema.pattern)),
    path,
  );

const formed = (pattern = ''): string => {
  const [, prefix = ''] = /\^\(?([a-z]{3})_/.exec(pattern) ?? [];
  if (prefix) return `${prefix}_unknown`;
  return pattern.includes('[0-9a-f]{64}') ? 'a'.repeat(64) : '1';
};

/** Sends each request; none may be answered but as `allowed` says, and nothing may be written. */
async function tryAll<T extends { readonly operation: Operation; readonly path: string }>(
  all: readonly T[],
  faults: (answer: Awaited<ReturnType<Stack['call']>>, one: T) => readonly string[],
  headersOf: (one: T) => Record<string, string> = () => ({}),
): Promise<void> {
  const before = await everythingIn(stack);
  const wrong: unknown[] = [];
  await inTurn(all, 4, async (one) => {
    const { operation, path } = one;
    const body = operation.method === 'GET' ? undefined : {};
    const answer = await stack.call(operation.method, path, body, { headers: headersOf(one) });
    const found = faults(answer, one);
    if (found.length > 0) wrong.push({ at: `${operation.operationId} ${path}`, found });
  });
  expect(wrong).toEqual([]);
  expect(await everythingIn(stack)).toEqual(before);
  expect(all.length).toBeGreaterThan(50);
}

test('an id in the path that is none is not there', async () => {
  const all = KEYED.flatMap((operation) =>
    inPlace(operation, 'path').flatMap(({ name }) =>
      half(name.length + operation.operationId.length)
        .filter((value) => value.trim() !== '')
        .map((value) => ({
          operation,
          path: addressOf(operation, name, value),
        })),
    ),
  );
  await tryAll(all, (answer, { operation, path }) => {
    const isUnread = answer.status === 422 && operation.method !== 'GET' && path.includes('_');
    return isUnread ? [] : faultsOf(answer, null, operation.responses);
  });
}, 120_000);

test('a parameter of the query is taken, or refused by its name', async () => {
  const all = KEYED.flatMap((operation) => {
    const query = inPlace(operation, 'query');
    const names = [...query.map(({ name }) => name), 'unknown_field', '__proto__'];
    return names.flatMap((name, n) =>
      half(n).map((value) => {
        const text = new URLSearchParams({ ...besides(operation, name), [name]: value });
        return { operation, name, path: `${addressOf(operation)}?${text}` };
      }),
    );
  });
  await tryAll(all, (answer, { operation, name }) => {
    const isTaken = answer.status === 200 || answer.status === 404;
    const isKnown = inPlace(operation, 'query').some((parameter) => parameter.name === name);
    if (isTaken && isKnown && Object.hasOwn(operation.responses, answer.status)) return [];
    return faultsOf(answer, `/${name}`, operation.responses);
  });
}, 120_000);

const HEADERS: readonly (readonly [string, string])[] = [
  ['on-behalf-of', "acc_' or 1=1"],
  ['on-behalf-of', 'x'.repeat(3_000)],
  ['on-behalf-of', 'acc_unknown'],
  ['authorization', 'Bearer hf_test_nobody'],
  ['idempotency-key', 'x'.repeat(256)],
  ['idempotency-key', '\u00fc'],
  ['if-match', '7'],
  ['if-match', '" or 1=1'],
  ['content-type', 'text/html'],
  ['x-request-id', '<script>alert(1)</script>'],
];

test('a header that is not in its form is refused, or not looked at', async () => {
  const all = KEYED.flatMap((operation) =>
    HEADERS.map(([name, value]) => ({ operation, name, value, path: addressOf(operation) })),
  );
  await tryAll(
    all.filter(({ operation, name }) => name !== 'x-request-id' || operation.method === 'GET'),
    (answer, { operation }) => {
      if (operation.method === 'GET' && answer.status === 200) return [];
      return faultsOf(answer, null, operation.responses);
    },
    ({ name, value }) => ({ [name]: value }),
  );
}, 120_000);

const SCRIPT = { calls: 'payouts', next: 1, script: { decline: 'declined' } };

/** path behind the sandbox, body, what is answered, where the fault is */
const AT_SANDBOX: readonly (readonly [string, object, number, string | null])[] = [
  ['scripts', { ...SCRIPT, calls: 'gifts' }, 422, '/calls'],
  ['scripts', { ...SCRIPT, next: 0 }, 422, '/next'],
  ['scripts', { ...SCRIPT, script: { decline: 7 } }, 422, '/script/decline'],
  ['scripts', { ...SCRIPT, 'a/b': 1 }, 422, '/a~1b'],
  ['scripts', { ...SCRIPT, script: { soon: true } }, 422, '/script/soon'],
  ['scripts', {}, 422, ''],
  ['webhooks/release', { reference: '' }, 422, '/reference'],
  ['webhooks/replay', { reference: 7 }, 422, '/reference'],
  ['payments/pay_none-1/pay', { amount: 0 }, 422, '/amount'],
  ['payments/pay_none-1/pay', {}, 404, null],
];

test.each(AT_SANDBOX)('the sandbox refuses %s %j under a code of ours', async (...row) => {
  const [path, body, status, pointer] = row;
  const before = await everythingIn(stack);
  const answer = await stack.call('POST', `/v1/test_helpers/sandbox/${path}`, body);
  const { responses } = operationOf(path.startsWith('scripts') ? 'scriptSandbox' : 'payAtSandbox');
  expect(answer.status).toBe(status);
  expect(faultsOf(answer, pointer, responses)).toEqual([]);
  expect(await everythingIn(stack)).toEqual(before);
});
