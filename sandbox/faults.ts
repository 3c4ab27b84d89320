/**
 * Owns the magic: which token in a name and which amount asks for which script, and what each
 * failure code means for another try. `docs/sandbox.md` prints these tables.
 * Must not know how a script is stored or carried out.
 */

export type Calls = 'payments' | 'payouts' | 'refunds';
export type Again = 'never' | 'new_destination' | 'later';

/** Each failure code of the bank, and what may help, unless a script says otherwise. */
export const FAILURES = {
  declined: 'never',
  expired: 'later',
  cancelled: 'never',
  destination_invalid: 'new_destination',
  destination_closed: 'new_destination',
  destination_blocked: 'new_destination',
  not_onboarded: 'later',
  currency_not_supported: 'new_destination',
  amount_out_of_range: 'never',
  balance_too_low: 'later',
  compliance: 'never',
  not_supported: 'never',
} as const satisfies Record<string, Again>;
export type FailureCode = keyof typeof FAILURES;

export const FAILURE_CODES = [
  'declined',
  'expired',
  'cancelled',
  'destination_invalid',
  'destination_closed',
  'destination_blocked',
  'not_onboarded',
  'currency_not_supported',
  'amount_out_of_range',
  'balance_too_low',
  'compliance',
  'not_supported',
] as const satisfies readonly FailureCode[];

/** A script before it has been checked; the schema of `scripts.ts` has the last word. */
type Draft = Readonly<Record<string, unknown>>;

type Fault = {
  readonly calls: readonly Calls[];
  readonly argument: string; // as the documentation shows it; '' when the token takes none
  readonly does: string;
  readonly script: (argument: string | null) => Draft;
};

const both = ['payments', 'payouts'] as const;

/** `fault:<token>` or `fault:<token>-<argument>` in the payer's or the destination's name. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  settle: {
    calls: both,
    argument: '',
    does: 'settles at once, also with a magic amount',
    script: () => ({}),
  },
  checkout: {
    calls: ['payments'],
    argument: '',
    does: 'waits on a hosted page until the payer pays or declines; expires after PT24H',
    script: () => ({ checkout: true }),
  },
  bank: {
    calls: ['payments'],
    argument: '',
    does: 'answers bank details and waits for a transfer of any amount; expires after PT24H',
    script: () => ({ bank: true }),
  },
  expire: {
    calls: ['payments'],
    argument: '[-DURATION]',
    does: 'shows a hosted page that expires after the duration, else after PT10S',
    script: (duration) => ({ checkout: true, expires_after: duration ?? 'PT10S' }),
  },
  decline: {
    calls: ['payments'],
    argument: '[-CODE]',
    does: 'is declined with the code, else with `declined`',
    script: (code) => ({ decline: code ?? 'declined' }),
  },
  partial: {
    calls: ['payments'],
    argument: '-MINOR',
    does: 'settles with this many minor units instead of the amount asked for',
    script: (minor) => ({ pay: Number(minor ?? Number.NaN) }),
  },
  fail: {
    calls: ['payouts'],
    argument: '[-CODE]',
    does: 'fails for good with `declined`, or with the code and what the code says of another try',
    script: (code) => ({ decline: code ?? 'declined' }),
  },
  fail_later: {
    calls: ['payouts'],
    argument: '[-CODE]',
    does: 'fails with the code, else with `declined`, and says that another try may help later',
    script: (code) => ({ decline: code ?? 'declined', again: 'later' }),
  },
  pending: {
    calls: ['payouts'],
    argument: '-DURATION',
    does: 'stays pending, and can be cancelled, for the duration; then it is sent',
    script: (duration) => ({ send_after: duration }),
  },
  delay: {
    calls: both,
    argument: '-DURATION',
    does: 'ends (settles, is declined or fails) only after the duration',
    script: (duration) => ({ settle_after: duration }),
  },
  returned: {
    calls: ['payouts'],
    argument: '[-DURATION]',
    does: 'settles, and comes back after the duration, else after PT10S',
    script: (duration) => ({ return_after: duration ?? 'PT10S' }),
  },
  cut: {
    calls: both,
    argument: '',
    does: 'is carried out, then the connection is cut before the answer',
    script: () => ({ commit_then: 'cut' }),
  },
  hang: {
    calls: both,
    argument: '',
    does: 'is carried out, then the answer never comes',
    script: () => ({ commit_then: 'hang' }),
  },
  webhook_drop: {
    calls: both,
    argument: '',
    does: 'sends no webhook, unless it is replayed',
    script: () => ({ webhook: 'drop' }),
  },
  webhook_hold: {
    calls: both,
    argument: '',
    does: 'keeps its webhooks back until they are released',
    script: () => ({ webhook: 'hold' }),
  },
  webhook_copies: {
    calls: both,
    argument: '[-COUNT]',
    does: 'sends each webhook so many times in parallel (2 to 20), else 10 times',
    script: (count) => ({ webhook: { copies: Number(count ?? 10) } }),
  },
};

type MagicAmount = {
  readonly minor: number;
  readonly calls: Calls;
  readonly does: string;
  readonly script: Draft;
};

const paying = (minor: number, does: string, script: Draft): MagicAmount => ({
  minor,
  calls: 'payments',
  does,
  script,
});
const payingOut = (minor: number, does: string, script: Draft): MagicAmount => ({
  minor,
  calls: 'payouts',
  does,
  script,
});

/** Amounts in minor units of any currency that ask for a script by themselves. */
export const MAGIC_AMOUNTS: readonly MagicAmount[] = [
  paying(9990001, 'waits on a hosted page', { checkout: true }),
  paying(9990002, 'is declined', { decline: 'declined' }),
  paying(9990003, 'settles after PT3H', { settle_after: 'PT3H' }),
  paying(9990004, 'settles with 5994000 instead', { pay: 5994000 }),
  paying(9990005, 'settles, and the connection is cut before the answer', { commit_then: 'cut' }),
  paying(9990006, 'settles without a webhook', { webhook: 'drop' }),
  payingOut(9990011, 'fails for good', { decline: 'declined' }),
  payingOut(9990012, 'fails; another try may help later', { decline: 'declined', again: 'later' }),
  payingOut(9990013, 'fails; the destination is closed', { decline: 'destination_closed' }),
  payingOut(9990014, 'settles after PT3H', { settle_after: 'PT3H' }),
  payingOut(9990015, 'settles, and comes back after PT10S', { return_after: 'PT10S' }),
  payingOut(9990016, 'settles, and the connection is cut before the answer', {
    commit_then: 'cut',
  }),
  payingOut(9990017, 'settles without a webhook', { webhook: 'drop' }),
];

type Named =
  | { readonly ok: true; readonly script: Draft | null }
  | { readonly ok: false; readonly why: string };

/** The script that tokens in names ask for, merged; null when there is no token. */
export function scriptOfNames(names: readonly string[], calls: Calls): Named {
  const tokens = names.flatMap((name) => [
    ...name.matchAll(/\bfault:([a-z_]*)(?:-([A-Za-z0-9_]+))?/g),
  ]);
  const drafts: Draft[] = [];
  for (const [text, token = '', argument = null] of tokens) {
    const fault = Object.hasOwn(FAULTS, token) ? FAULTS[token] : undefined;
    if (fault === undefined || !fault.calls.includes(calls)) {
      return { ok: false, why: `${text} means nothing for ${calls}` };
    }
    if (argument !== null && fault.argument === '') {
      return { ok: false, why: `fault:${token} takes no argument` };
    }
    drafts.push(fault.script(argument));
  }
  return { ok: true, script: drafts.length === 0 ? null : Object.assign({}, ...drafts) };
}
