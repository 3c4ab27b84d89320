/**
 * Owns how a change becomes new terms: fields that it leaves out stay, and the whole is checked by
 * the rules of drafting.
 * Must not know how far the escrow has come (`amendment.ts`).
 */
import type { Draft, DraftMilestone } from './draft';
import { drafted } from './drafting';
import { type Minor, split } from './money';
import { DEFAULT_POLICY, type Policy } from './policy';
import type { MilestoneChange, TermsChange } from './proposal';
import { type Refusal, refusal } from './refusals';
import type { Terms, TermsMilestone } from './terms';

export type Amended =
  | { readonly ok: true; readonly terms: Terms }
  | { readonly ok: false; readonly problems: readonly Refusal[] };

/** The terms after a change, or everything that is wrong with it. Without the policy that the terms
 * were made under, what it bounds is not asked again: it was when the change was proposed. */
export function amendedTerms(
  terms: Terms,
  change: TermsChange,
  policy: Policy = DEFAULT_POLICY,
): Amended {
  const unknown = unknownIn(terms, change);
  if (unknown) return { ok: false, problems: [unknown] };
  const { title, description, milestones = [], add = [], remove = [] } = change;
  const kept = terms.milestones
    .filter(({ id }) => !remove.includes(id))
    .map((here) =>
      changed(
        here,
        milestones.find(({ milestone }) => milestone === here.id),
      ),
    );
  const parts = [...kept, ...add];
  const draft = {
    ...asDraft(terms),
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    type: parts.length === 1 ? ('one_off' as const) : ('milestone' as const),
    milestones: parts,
  };
  const made = drafted(draft, { ...policy, ...agreedOf(terms) });
  if (!made.ok) return made;
  // Only what a change can name: everything else stands as it was agreed.
  const { terms: now } = made;
  const next = {
    ...terms,
    title: now.title,
    ...(now.description !== undefined && { description: now.description }),
    type: now.type,
    amount: now.amount,
    milestones: now.milestones,
  };
  return { ok: true, terms: next };
}

/** Terms as the draft that would make them again. */
export function asDraft(terms: Terms): Draft {
  const {
    amount: _,
    rulebook: __,
    policy: ___,
    business_days,
    funding: { by, ...funding },
    milestones,
    release,
    ...rest
  } = terms;
  return {
    ...rest,
    ...(business_days && { business_days: business_days.name }),
    funding: { ...funding, ...(by && { by: by.map((account_id) => ({ account_id })) }) },
    milestones: milestones.map(asDraftMilestone),
    release: { ...release, by: release.by.map((party) => ({ party })) },
  };
}

/** No change touches the currency nor the calendar: they are as they were agreed. */
const agreedOf = ({ business_days: calendar }: Terms): Partial<Policy> => ({
  currencies: 'all',
  business_days: calendar ? { [calendar.name]: calendar } : {},
});

const asDraftMilestone = ({ recipients, ...here }: TermsMilestone): DraftMilestone => ({
  ...here,
  recipients: recipients.map(({ party, amount }) => ({ party, amount })),
});

type Recipients = NonNullable<DraftMilestone['recipients']>;

function changed(here: TermsMilestone, change: MilestoneChange | undefined): DraftMilestone {
  const draft = asDraftMilestone(here);
  if (!change) return draft;
  const { milestone: _, recipients, ...fields } = change;
  const { amount = here.amount } = fields;
  const shares = recipients ?? spreadAnew(here, amount);
  return { ...draft, ...fields, recipients: shares };
}

/** As the old amount was spread. */
function spreadAnew({ recipients }: TermsMilestone, amount: Minor): Recipients {
  const shares = split(
    amount,
    recipients.map((recipient) => recipient.amount),
  );
  return recipients.map(({ party }, at) => ({ party, amount: shares[at] ?? amount }));
}

function unknownIn(terms: Terms, change: TermsChange): Refusal | null {
  const known = new Set(terms.milestones.map(({ id }) => id));
  const { milestones = [], add = [], remove = [] } = change;
  const named = [...milestones.map(({ milestone }) => milestone), ...remove];
  if (new Set(named).size !== named.length) return refusal('malformed', 'a milestone named twice');
  if (named.some((id) => !known.has(id))) return refusal('unknown_milestone');
  const fresh = add.map(({ id }) => id);
  const isOld = fresh.some((id) => known.has(id)) || new Set(fresh).size !== fresh.length;
  return isOld ? refusal('malformed', 'a new milestone has an id of its own') : null;
}
