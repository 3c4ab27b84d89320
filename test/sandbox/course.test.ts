/**
 * Owns the table of courses: what each script leads an order through, and when. Pure.
 * Must not know a database.
 */
import fc from 'fast-check';
import { type Instant, toInstant } from '../../domain/calendar';
import { toMinor } from '../../domain/money';
import { type Act, type BankObject, change, firstStep } from '../../sandbox/course';
import { after, isDuration, millisOf } from '../../sandbox/durations';
import { type Script, scriptSchema } from '../../sandbox/scripts';

const START = toInstant(Date.UTC(2026, 0, 1));

function opened(kind: BankObject['kind'], script: Script): BankObject {
  const common = {
    id: 'x',
    connection: 'con_x',
    reference: 'r',
    amount: toMinor(1000),
    currency: 'EUR',
    version: 1,
    description: '',
    script,
    clock: null,
    settledAmount: null,
    failure: null,
    next: firstStep(kind, script, START),
    createdAt: START,
    updatedAt: START,
    settledAt: null,
    returnedAt: null,
    state: 'pending',
  } as const;
  if (kind === 'refund') return { ...common, kind, payment: 'P-1' };
  return kind === 'payment'
    ? { ...common, kind, payer: { name: 'P', email: null }, returnUrl: null }
    : { ...common, kind, destination: { reference: 'D', name: 'D' } };
}

/** Plays what is due to the end; states with the time since the start at which they came. */
function play(object: BankObject): string {
  const seen = [object.state as string];
  let current = object;
  for (let steps = 0; current.next !== null && steps < 10; steps += 1) {
    const { step, at } = current.next;
    const changed = change(current, { type: step }, at);
    if (changed === null) throw new Error(`${step} is not possible while ${current.state}`);
    current = changed.object;
    seen.push(`${sinceStart(at)} ${current.state}`);
  }
  return seen.join(', ');
}

const sinceStart = (at: Instant): string => `${(Date.parse(at) - Date.parse(START)) / 1000}s`;

type Row = readonly ['payment' | 'payout', Script, string];
const courses: readonly Row[] = [
  ['payment', {}, 'pending, 0s settled'],
  ['payment', { settle_after: 'PT3H' }, 'pending, 10800s settled'],
  ['payment', { decline: 'declined' }, 'pending, 0s declined'],
  ['payment', { decline: 'declined', settle_after: 'PT1M' }, 'pending, 60s declined'],
  ['payment', { checkout: true }, 'pending, 86400s expired'],
  ['payment', { checkout: true, expires_after: 'PT1H' }, 'pending, 3600s expired'],
  ['payment', { bank: true }, 'pending, 86400s expired'],
  ['payment', { pay: 400 }, 'pending, 0s settled'],
  ['payout', {}, 'pending, 0s sent, 0s settled'],
  ['payout', { settle_after: 'P1D' }, 'pending, 0s sent, 86400s settled'],
  ['payout', { send_after: 'PT2H', settle_after: 'PT1H' }, 'pending, 7200s sent, 10800s settled'],
  ['payout', { decline: 'compliance' }, 'pending, 0s sent, 0s failed'],
  ['payout', { return_after: 'P5D' }, 'pending, 0s sent, 0s settled, 432000s returned'],
  [
    'payout',
    { settle_after: 'PT1S', return_after: 'PT2S' },
    'pending, 0s sent, 1s settled, 3s returned',
  ],
];
test.each(courses)('a %s with %p goes %s', (kind, script, course) => {
  expect(play(opened(kind, scriptSchema.parse(script)))).toBe(course);
});

const script = fc
  .record({
    checkout: fc.constantFrom(undefined, true as const),
    settle_after: fc.constantFrom(undefined, 'PT0S', 'PT3H'),
    send_after: fc.constantFrom(undefined, 'PT0S', 'PT3H'),
    decline: fc.constantFrom(undefined, 'declined', 'compliance'),
    return_after: fc.constantFrom(undefined, 'PT0S', 'P5D'),
  })
  .map((drawn) => scriptSchema.safeParse(drawn).data ?? {});
const act: fc.Arbitrary<Act> = fc.constantFrom<Act>(
  ...(['send', 'finish', 'expire', 'return', 'cancel', 'turn_down'] as const).map((type) => ({
    type,
  })),
  { type: 'pay', amount: null },
);

test('after any acts an end stays an end, and each change raises the version by one', () => {
  const ends = ['declined', 'cancelled', 'expired', 'failed', 'returned'];
  fc.assert(
    fc.property(
      fc.constantFrom('payment', 'payout'),
      script,
      fc.array(act),
      (kind, drawn, acts) => {
        let object = opened(kind, drawn);
        for (const wanted of acts) {
          const changed = change(object, wanted, START);
          if (changed === null) continue;
          expect(ends).not.toContain(object.state);
          expect(changed.object.version).toBe(object.version + 1);
          object = changed.object;
        }
      },
    ),
  );
});

test('after any acts no money is left in transit, unless the payout is under way', () => {
  fc.assert(
    fc.property(script, fc.array(act), (drawn, acts) => {
      let object = opened('payout', drawn);
      let inTransit = 1000; // set aside by the order itself
      for (const wanted of acts) {
        const changed = change(object, wanted, START);
        if (changed === null) continue;
        if (changed.movement?.from === 'in_transit') inTransit -= changed.movement.amount;
        object = changed.object;
      }
      const underWay = object.state === 'pending' || object.state === 'sent';
      expect(inTransit).toBe(underWay ? 1000 : 0);
    }),
  );
});

test.each`
  text            | ms
  ${'PT0S'}       | ${0}
  ${'PT10S'}      | ${10_000}
  ${'PT5M'}       | ${300_000}
  ${'PT3H'}       | ${10_800_000}
  ${'P5D'}        | ${432_000_000}
  ${'P1DT2H3M4S'} | ${93_784_000}
`('$text lasts $ms ms', ({ text, ms }) => {
  expect(millisOf(text)).toBe(ms);
  expect(after(START, text)).toBe(toInstant(Date.parse(START) + ms));
});

test.each(['', 'P', 'PT', 'P1', 'PT1', '1D', 'P-1D', 'P1.5D', 'PT1H1D', 'P1M', 'p1d', 'P1D '])(
  '"%s" is no duration',
  (text) => {
    expect(isDuration(text)).toBe(false);
    expect(() => millisOf(text)).toThrow(RangeError);
  },
);
