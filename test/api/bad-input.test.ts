/**
 * Owns that every field of every body refuses a wrong type, a wrong size and a hostile value by
 * name and place, that nothing is written then, and that text which is only text comes back as it
 * was sent. The fields come from the OpenAPI file.
 * Must not test what a rule refuses.
 */
import { bodyOf, type Field, fieldsOf, OPERATIONS, operationOf, placesOf } from './body-schema';
import { CASES } from './full-bodies';
import { COMMAND_CASES } from './full-commands';
import { type Given, openStage, type Stage } from './full-terms';
import { everythingIn, faultsOf, inTurn } from './refusing';
import { hostileBody, spoiltBy } from './spoiling';
import { openStack, type Stack } from './stack';

const ALL = [...CASES, ...COMMAND_CASES];
const named = ALL.map((each, n) => [`${each.operation} (${n + 1})`, n] as const);

let stack: Stack;
let stage: Stage;
const begun = new Map<number, PromiseSettledResult<Given>>();
beforeAll(async () => {
  // Many at once: a busy machine must not answer 202 where it would answer 201.
  stack = await openStack({ limits: { acceptMs: 20_000, answerMs: 60_000 } });
  const working = await stack.engine.work();
  stage = await openStage(stack);
  await inTurn(ALL, 4, async (each, n) => {
    const [result] = await Promise.allSettled([each.begin(stage)]);
    begun.set(n, result);
  });
  await working.stop(); // nobody writes now but the API
}, 300_000);
afterAll(() => stack.close());

function givenOf(n: number): Given {
  const given = begun.get(n);
  if (given?.status === 'fulfilled') return given.value;
  throw new Error(`case ${n + 1} could not begin`, { cause: given?.reason });
}

/** How many values of a kind are tried where: a few, one where the same field was tried before in
 * the body of another operation, none where it was in another body of this one. */
function mostIn(n: number): (field: Field) => number {
  const bare = (place: string): string => place.replace(/^\/escrow/, '');
  const tried = new Map<string, string[]>();
  for (const [k, { operation }] of ALL.slice(0, n).entries()) {
    for (const { place } of fieldsIn(k)) {
      tried.set(bare(place), [...(tried.get(bare(place)) ?? []), operation]);
    }
  }
  return ({ place }) => {
    const before = place === '' ? [] : (tried.get(bare(place)) ?? []);
    if (before.includes(ALL[n]?.operation ?? '')) return 0;
    return before.length > 0 ? 1 : 2;
  };
}

const known = new Map<number, readonly Field[]>();

/** The fields of a case, each place once. */
function fieldsIn(n: number): readonly Field[] {
  const found = known.get(n);
  if (found) return found;
  const schema = bodyOf(operationOf(ALL[n]?.operation ?? ''));
  const { body } = givenOf(n);
  if (!schema) throw new Error('no body');
  const seen = new Set<string>();
  const all = fieldsOf(schema, body).filter(({ place }) => !seen.has(place) && seen.add(place));
  known.set(n, all);
  return all;
}

test('every operation with a body is here, and every field in one of its bodies', () => {
  const missing = OPERATIONS.flatMap((operation) => {
    const schema = bodyOf(operation);
    if (!schema || operation.path.startsWith('/v1/test_helpers/')) return [];
    const places = ALL.flatMap((each, n) =>
      each.operation === operation.operationId ? fieldsIn(n).map(({ place }) => place) : [],
    );
    const lost = [...new Set(placesOf(schema))].filter((place) => !places.includes(place));
    return lost.length > 0 ? [{ operation: operation.operationId, lost }] : [];
  });
  expect(missing).toEqual([]);
});

test('every text, number, list and map of a body has a bound in the file', () => {
  const free = ALL.flatMap(({ operation }, n) =>
    fieldsIn(n)
      .filter(({ fitting }) => !isBounded(fitting))
      .map(({ place }) => `${operation} ${place}`),
  );
  // The body of a command that is only played is read by the reader of messages.
  expect([...new Set(free)]).toEqual(['previewEscrow /story/*/body']);
});

function isBounded({ type, enum: words, ...schema }: Field['fitting']): boolean {
  if (words) return true;
  if (type === 'string') {
    const { maxLength, pattern = '', format = '' } = schema;
    return maxLength !== undefined || pattern.startsWith('^') || format.startsWith('date');
  }
  if (type === 'integer') return schema.minimum !== undefined && schema.maximum !== undefined;
  if (type === 'array') return schema.maxItems !== undefined;
  const { additionalProperties = true, maxProperties } = schema;
  return type !== 'object' || additionalProperties === false || maxProperties !== undefined;
}

/** Text that must be the name of something that is there. */
const NAMES = new Set(['provider', 'time_zone', 'business_days', 'types']);

const isName = ({ path }: Field): boolean =>
  NAMES.has(String(path.findLast((key) => typeof key === 'string')));

test.each(named)(
  '%s: each field that is wrong is named, and nothing is written',
  async (_, n) => {
    const { body, path, as } = givenOf(n);
    const { method, responses } = operationOf(ALL[n]?.operation ?? '');
    const most = mostIn(n);
    const all = fieldsIn(n).flatMap((field) =>
      spoiltBy(body, field, { most: most(field), isName: isName(field) }),
    );
    const before = await everythingIn(stack);
    const wrong: unknown[] = [];
    await inTurn(all, 4, async (spoilt) => {
      const answer = await stack.call(method, path, spoilt.text, as ? { as } : {});
      const found = faultsOf(answer, spoilt.pointer, responses);
      if (found.length > 0) wrong.push({ what: spoilt.what, at: spoilt.pointer, found });
    });
    expect(all.length).toBeGreaterThan(1);
    expect(wrong).toEqual([]);
    expect(await everythingIn(stack)).toEqual(before);
  },
  120_000,
);

describe('with every text as hostile as text may be', () => {
  beforeAll(async () => {
    await stack.engine.work();
  });

  test.each(named)('%s: it is taken, and comes back as it was sent', async (_, n) => {
    const { path, as, body: asked, seenAt = [], isShown = true } = givenOf(n);
    const { method, responses } = operationOf(ALL[n]?.operation ?? '');
    const { body, texts } = hostileBody(asked, fieldsIn(n), { isName, mark: `${n}` });
    const answer = await stack.call(method, path, body, as ? { as } : {});
    const isTaken = answer.status === 200 || answer.status === 201;
    expect({ isTaken, body: answer.body }).toMatchObject({ isTaken: true });
    expect(Object.keys(responses)).toContain(String(answer.status));
    const seen = [answer.body];
    for (const address of seenAt) seen.push((await stack.get(address)).body);
    const shown = new Set(seen.flatMap(textsIn));
    expect(texts.filter(({ text }) => isShown && !shown.has(text))).toEqual([]);
  });

  test('and the books can be proved', async () => {
    const proof = await stack.call('POST', '/v1/ledger/verify', {});
    expect(proof).toMatchObject({ status: 200, body: { ok: true } });
  });
});

/** Every text in an answer. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}
