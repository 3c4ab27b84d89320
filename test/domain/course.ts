/**
 * Owns a milestone's claims on their way through releases and refunds, and what each posting moved.
 * Must not know any number that is expected.
 */
import type { Contribution } from '../../domain/contribution';
import type { FeeClaim, RecipientClaim } from '../../domain/escrow';
import { planOf } from '../../domain/fee-plan';
import {
  type Claims,
  claimsAfter,
  earnedOnFunding,
  refundedOf,
  releasedOf,
} from '../../domain/fees';
import { add, subtract, toMinor, ZERO } from '../../domain/money';
import type { Terms } from '../../domain/terms';

/** Each release and refund answers with what it moved: `fee`, and names without their prefix. */
type Posted = { readonly fee: number; readonly [name: string]: number };

export class Course {
  claims: Claims;
  payers: readonly Contribution[];
  paid = new Map<string, number>();

  constructor(claims: Claims, payers: readonly (readonly [string, number])[] = []) {
    this.claims = claims;
    this.payers = payers.map(([name, amount]) => ({
      account: `acc_${name}`,
      amount: toMinor(amount),
      left: toMinor(amount),
    }));
  }

  release(gross: number): Posted {
    const { paid, earned, fee_held } = releasedOf(this.claims, toMinor(gross));
    const recipients = this.claims.recipients.map((claim, at) => ({
      ...claim,
      paid: add(claim.paid, paid[at] ?? ZERO),
    }));
    const fees = claimsAfter(this.claims.fees, { earned });
    const released = add(this.claims.released, toMinor(gross));
    const shares = this.claims.recipients.map(
      ({ account }, at) => [account.slice(4), paid[at] ?? ZERO] as const,
    );
    this.claims = { ...this.claims, recipients, fees, released };
    return this.posted(fee_held, [...shares, ...earned.flatMap(beneficiaries)]);
  }

  refund(part: number, unearned = false): Posted {
    const back = refundedOf(this.claims, toMinor(part), this.payers, unearned);
    const fees = claimsAfter(this.claims.fees, back);
    this.claims = { ...this.claims, fees, refunded: add(this.claims.refunded, toMinor(part)) };
    const income = back.returned
      .filter(({ was }) => was === 'earned')
      .flatMap(({ amount, tax }) => [
        ['platform', tax - amount] as const,
        ['tax', 0 - tax] as const,
      ]);
    const shares = back.payers.map(({ account, amount }) => [account.slice(4), amount] as const);
    this.payers = this.payers.map((payer, at) => ({
      ...payer,
      left: subtract(payer.left, back.payers[at]?.amount ?? ZERO),
    }));
    return this.posted(back.fee_held, [...shares, ...back.kept.flatMap(beneficiaries), ...income]);
  }

  /** Agreed and funded: what is earned by that. */
  fund(): Posted {
    const earned = earnedOnFunding(this.claims);
    this.claims = { ...this.claims, fees: claimsAfter(this.claims.fees, { earned }) };
    const moved = earned.reduce((all, { amount }) => all + amount, 0);
    return this.posted(moved, earned.flatMap(beneficiaries));
  }

  private posted(fee_held: number, lines: readonly (readonly [string, number])[]) {
    const posted: { fee: number; [name: string]: number } = { fee: fee_held };
    for (const [name, amount] of lines) {
      posted[name] = (posted[name] ?? 0) + amount;
      this.paid.set(name, (this.paid.get(name) ?? 0) + amount);
    }
    return posted;
  }
}

type Earned = ReturnType<typeof releasedOf>['earned'][number];
const beneficiaries = ({ beneficiary, amount, tax }: Earned): (readonly [string, number])[] =>
  beneficiary === 'platform'
    ? [
        ['platform', amount - tax],
        ['tax', tax],
      ]
    : [[beneficiary.slice(4), amount]];

/** The way of one milestone of terms, from where nothing has happened. */
export function courseOf(terms: Terms, at: number, payers: Readonly<Record<string, number>> = {}) {
  const { recipients = [], fees = [] } = planOf(terms).milestones[at] ?? {};
  const price = terms.milestones[at]?.amount ?? 0;
  return new Course(claimsOf(price, recipients, fees), Object.entries(payers));
}

export const claimsOf = (
  price: number,
  recipients: readonly RecipientClaim[],
  fees: readonly FeeClaim[],
): Claims => ({ price: toMinor(price), released: ZERO, refunded: ZERO, recipients, fees });

/** A claim that nothing has happened to. */
export const claimOf = (
  facts: Pick<FeeClaim, 'fee' | 'side' | 'beneficiary'> & { readonly amount: number },
  more: Partial<FeeClaim> = {},
): FeeClaim => ({
  via: null,
  kept_by: facts.beneficiary,
  refundable: true,
  on_funding: false,
  tax_bps: 0,
  earned: ZERO,
  kept: ZERO,
  returned: ZERO,
  ...facts,
  ...more,
  amount: toMinor(facts.amount),
});
