/**
 * Owns the schemas that every resource shares: ids, amounts, instants, texts, lists, the fields
 * that all objects have.
 * Must not know any resource.
 */
import { z } from 'zod';
import {
  DATES_BEGIN,
  DATES_END,
  isNear,
  isPeriod,
  isRealDate,
  readInstant,
} from '../../domain/calendar';
import { isCountry } from '../../domain/countries';
import { isCurrency } from '../../domain/currencies';
import { toMinor } from '../../domain/money';

// What a transformation or a check of ours hides from the printed schema stands in its `meta`.

/** An id with its prefix: `idOf('acc')` is `acc_…`. */
export const idOf = <P extends string>(prefix: P) => {
  const pattern = `^${prefix}_[A-Za-z0-9_-]{1,195}$`;
  return z
    .string()
    .regex(new RegExp(pattern), `an id that begins with ${prefix}_`)
    .transform((id) => id as `${P}_${string}`) // the one cast: what the pattern has just shown
    .meta({ type: 'string', pattern, examples: [`${prefix}_01k9z6b0w2e8ra5m3q7t4n1xvc`] });
};

/** An amount in minor units, at least `least`. */
export const minorFrom = (least: number) =>
  z
    .number('an amount is a whole number of minor units')
    .int('an amount is a whole number of minor units')
    .min(least, `at least ${least}`)
    .max(Number.MAX_SAFE_INTEGER)
    .transform((value) => toMinor(value))
    .meta({
      type: 'integer',
      minimum: least,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Minor units.',
      examples: [12_500],
    });

export const count = (least: number, most: number) => z.int().min(least).max(most);

export const text = (most: number) =>
  z
    .string()
    .min(1, 'must not be empty')
    .max(most, `at most ${most} characters`)
    .refine((value) => value.trim() !== '', 'must not be blank')
    .meta({ pattern: '\\S' });

export const instant = z
  .string()
  .transform((value, context) => {
    const read = readInstant(value);
    if (read !== null) return read;
    context.addIssue({
      code: 'custom',
      params: { code: 'wrong_format' },
      message: 'RFC 3339 with an offset',
    });
    return z.NEVER;
  })
  .meta({ type: 'string', format: 'date-time', examples: ['2026-12-05T17:00:00.000Z'] });

/** An instant that terms may name and simulated time may reach. */
export const nearInstant = instant.refine(isNear, `from ${DATES_BEGIN} to before ${DATES_END}`);

export const period = z
  .string()
  .refine(isPeriod, 'whole months (P1M), days (P7D) or hours (PT12H)')
  .meta({ pattern: '^P(\\d{1,2}M|\\d{1,4}D|T\\d{1,5}H)$', examples: ['P7D'] });

export const calendarDay = z
  .string()
  .refine(isRealDate, 'a date of the calendar, YYYY-MM-DD')
  .refine(isNear, `from ${DATES_BEGIN.slice(0, 10)} to before ${DATES_END.slice(0, 10)}`)
  .meta({ format: 'date', examples: ['2026-12-05'] });

export const currency = z
  .string()
  .refine(isCurrency, 'an active ISO 4217 code')
  .meta({ pattern: '^[A-Z]{3}$', examples: ['USD'] });

export const country = z
  .string()
  .refine(isCountry, 'an ISO 3166-1 alpha-2 code')
  .meta({ pattern: '^[A-Z]{2}$', examples: ['DE'] });

export const email = z.email().max(254);
export const httpsUrl = z.url({ protocol: /^https$/ }).max(2_000);
export const sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hex digits');
export const termsHash = sha256.meta({ description: 'The terms that the actor has seen.' });

const PAIRS_MAX = 50;
const NAME_MAX = 40;
export const metadata = z
  .record(z.string().min(1).max(NAME_MAX), z.string().max(500))
  .refine((pairs) => Object.keys(pairs).length <= PAIRS_MAX, `at most ${PAIRS_MAX} pairs`)
  .meta({
    maxProperties: PAIRS_MAX,
    propertyNames: { minLength: 1, maxLength: NAME_MAX },
    description: 'Up to 50 pairs of your own; no part of any terms.',
  });

/** `?limit=20&starting_after=…` */
export const pageFields = {
  limit: z
    .string()
    .regex(/^\d{1,3}$/, 'a whole number')
    .transform(Number)
    .refine((value) => value >= 1 && value <= 100, '1 to 100')
    .default(20)
    .meta({ type: 'integer', minimum: 1, maximum: 100, default: 20 }),
  starting_after: z
    .string()
    .max(300)
    .optional()
    .meta({ description: '`next_cursor` of the page before, or the id of its last object.' }),
} as const;

/** A yes or no in a query. */
export const flag = z.enum(['true', 'false']).transform((value) => value === 'true');

/** A whole number in a query. */
export const queryInteger = z
  .string()
  .regex(/^-?\d{1,16}$/, 'a whole number')
  .transform(Number)
  .refine(Number.isSafeInteger, 'a whole number below 2^53')
  .meta({ type: 'integer' });

/** The fields that every object has. `object` says what it is. */
export const commonFields = <O extends string, P extends string>(object: O, prefix: P) => ({
  id: z.string().meta({ examples: [`${prefix}_01k9z6b0w2e8ra5m3q7t4n1xvc`] }),
  object: z.literal(object),
  livemode: z.boolean(),
  created_at: time,
  updated_at: time,
  version: z.int().meta({ description: 'Rises with every change; the ETag.' }),
  metadata: z.record(z.string(), z.string()),
});

/** An instant as we write it. */
export const time = z.string().meta({
  format: 'date-time',
  description: 'RFC 3339, UTC, milliseconds.',
  examples: ['2026-12-05T17:00:00.000Z'],
});
export const amount = z.int().meta({ description: 'Minor units.', examples: [12_500] });

/** One page of objects. */
export const listOf = <S extends z.ZodType>(item: S) =>
  z.object({
    object: z.literal('list'),
    data: z.array(item),
    has_more: z.boolean(),
    next_cursor: z.string().nullable(),
  });

/** An escrow by its id, or by the platform's own reference. */
export const escrowParams = z.object({
  id: z
    .string()
    .regex(/^(esc_[A-Za-z0-9_-]{1,195}|engagement:[\s\S]{1,100})$/)
    .meta({
      description: 'An id, or `engagement:` and your engagement id.',
      examples: ['esc_01k9z6b0w2e8ra5m3q7t4n1xvc'],
    }),
});
