/**
 * Owns the platform's policy over HTTP: reading it, its old versions, and replacing it.
 * Must not know what a policy may say (`domain/policy.ts`).
 */
import { z } from 'zod';
import { type Policy, policyOf, usualCurrencies } from '../domain/policy';
import type { Caller } from './actor';
import { type Endpoint, endpoint, type Result } from './endpoint';
import { atOnce } from './idempotency';
import { insertPolicy, type KeptPolicy, readPolicy, readPolicyVersion } from './policy-row';
import { problem, refusedAs } from './problem';
import { queryInteger } from './schemas/fields';
import { policyAnswer, policyBody } from './schemas/policy';

const tag = 'Policy';

const get = endpoint({
  method: 'get',
  path: '/v1/policy',
  operationId: 'getPolicy',
  tag,
  summary: 'Get the policy',
  description: 'Without `version` the newest. Terms say under which version they were made.',
  right: 'platform',
  query: z.strictObject({ version: queryInteger.optional() }),
  answers: { 200: { about: 'The policy.', schema: policyAnswer } },
  problems: ['not_found'],
  handle: async ({ api, caller, query }): Promise<Result> => {
    const { version } = query;
    const kept =
      version === undefined
        ? await readPolicy(api.database, caller)
        : await readPolicyVersion(api.database, caller, version);
    return kept ? { status: 200, body: policyView(caller, kept) } : problem('not_found');
  },
});

const put = endpoint({
  method: 'put',
  path: '/v1/policy',
  operationId: 'putPolicy',
  tag,
  summary: 'Replace the policy',
  description:
    'The whole of it; what is left out is the default. Each change is a new version. What ' +
    'applies is copied into the terms of an escrow when they are made: ' +
    'a running escrow never changes.',
  right: 'platform',
  body: policyBody,
  answers: { 200: { about: 'The policy.', schema: policyAnswer } },
  problems: ['stale_version'],
  example: {
    body: {
      periods: { rework: { default: 'P5D', min: 'P1D', max: 'P30D' } },
      fee_bps_max: { platform: 1_000 },
      business_days: {
        berlin: { weekend: ['saturday', 'sunday'], holidays: ['2027-01-01', '2027-03-26'] },
      },
      amount_max: { EUR: 5_000_000 },
      currencies: ['EUR', 'USD'],
    },
  },
  handle: (call) =>
    atOnce(call, 'put_policy', async (db) => {
      const { caller, body, request } = call;
      const { version } = (await readPolicy(db, caller)).policy;
      const { expectedVersion } = request;
      if (expectedVersion !== null && expectedVersion !== version) return problem('stale_version');
      const made = policyOf(body, version + 1, usualCurrencies(caller.livemode));
      if (!made.ok) return refusedAs(made.problems);
      const kept = await insertPolicy(db, caller, made.policy);
      if (!kept) return problem('in_flight', undefined, { headers: { 'Retry-After': '1' } });
      return {
        answer: { status: 200, body: policyView(caller, kept) },
        stream: caller.platform,
        object: caller.platform,
        version: kept.policy.version,
      };
    }),
});

function policyView({ livemode }: Caller, { policy, created_at }: KeptPolicy) {
  const { version, ...rules }: Policy = policy;
  return { object: 'policy' as const, livemode, version, created_at, ...rules };
}

export const policyRoutes: readonly Endpoint[] = [get, put];
