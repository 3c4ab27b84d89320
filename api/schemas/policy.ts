/**
 * Owns body and answer of a platform's policy.
 * Must not know what a policy may say (`domain/policy.ts`).
 */
import { z } from 'zod';
import { WEEKDAYS } from '../../domain/calendar';
import { CURRENCY_RULES } from '../../domain/policy';
import { DEFAULT_PERIODS } from '../../domain/terms';
import { amount, calendarDay, count, currency, minorFrom, period, time } from './fields';

const whole = z.int();
const days = count(0, 365);
const bps = count(0, 10_000).optional();
const rangeOf = <S extends z.ZodType>(of: S) =>
  z.strictObject({ default: of.optional(), min: of.optional(), max: of.optional() });

const CALENDAR_NAME = '^[A-Za-z][A-Za-z0-9_-]{0,59}$';
const calendars = z
  .record(
    z.string().regex(new RegExp(CALENDAR_NAME), 'a name of letters, digits, - and _'),
    z.strictObject({
      weekend: z.array(z.enum(WEEKDAYS)).max(WEEKDAYS.length),
      holidays: z.array(calendarDay).max(400),
    }),
  )
  .meta({
    maxProperties: 20,
    propertyNames: { pattern: CALENDAR_NAME },
    description: 'Calendars by name; terms name one as `business_days`.',
  });

const currencies = z.union([z.enum(CURRENCY_RULES), z.array(currency).max(200)]).meta({
  description:
    'Currencies that an escrow may have. `local`, the default in live mode: that of the country ' +
    'that all buyers, sellers and brokers share, else USD. `all`, the default in test mode.',
});

const periodNames = z.enum(Object.keys(DEFAULT_PERIODS));

export const policyBody = z
  .strictObject({
    periods: z.partialRecord(periodNames, rangeOf(period)).optional().meta({
      additionalProperties: false,
      description: 'Default and bounds of each period of `deadlines`.',
    }),
    inspection_period: rangeOf(days).optional().meta({ description: 'Days.' }),
    extension_days_max: count(0, 3_650)
      .optional()
      .meta({ description: 'All extensions of one milestone together, in days.' }),
    fee_bps_max: z
      .strictObject({ platform: bps, broker_commission: bps })
      .optional()
      .meta({ description: 'All fees of a kind together, in basis points of the price.' }),
    business_days: calendars.optional(),
    amount_max: z
      .record(currency, minorFrom(1))
      .optional()
      .meta({
        maxProperties: 200,
        propertyNames: { pattern: '^[A-Z]{3}$' },
        description: 'The largest price of an escrow, by currency.',
      }),
    currencies: currencies.optional(),
  })
  .meta({ id: 'PolicyRequest', description: 'What is left out is the default.' });

const shownRange = <S extends z.ZodType>(of: S) => z.object({ default: of, min: of, max: of });

export const policyAnswer = z
  .object({
    object: z.literal('policy'),
    livemode: z.boolean(),
    version: whole.meta({ description: '0: nothing has been stored; the ETag.' }),
    created_at: time.nullable(),
    periods: z.record(z.string(), shownRange(z.string())),
    inspection_period: shownRange(whole),
    extension_days_max: whole,
    fee_bps_max: z.object({ platform: whole, broker_commission: whole }),
    business_days: z.record(
      z.string(),
      z.object({ weekend: z.array(z.enum(WEEKDAYS)), holidays: z.array(z.string()) }),
    ),
    amount_max: z.record(z.string(), amount),
    currencies: z.union([z.enum(CURRENCY_RULES), z.array(z.string())]),
  })
  .meta({ id: 'Policy' });
