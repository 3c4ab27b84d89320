/**
 * Owns how a change becomes new terms: fields that it leaves out stay, and the whole is checked by
 * the rules of drafting.
 * Must not know how far the escrow has come (`amendment.ts`).
 */
import type { Draft, DraftMilestone } from './draft';
import { drafted } from './drafting';
import { type Minor, split } from './money';
import type { MilestoneChange, TermsChange } from './proposal';
import { type Refusal, refusal } from './refusals';
import type { Terms, TermsMilestone } from './terms';

export type Amended =
  | { readonly ok: true; readonly terms: Terms }
  | { readonly ok: false; readonly problems: readonly Refusal[] };

/** The terms after a change, or everything that is wrong with it. */
export function amendedTerms(terms: Terms, change: TermsChange): Amended {
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
  const made = drafted({
    ...asDraft(terms),
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    type: parts.length === 1 ? 'one_off' : 'milestone',
    milestones: parts,
  });
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
  const { amount: _, rulebook: __, milestones, release, ...rest } = terms;
  return {
    ...rest,
    milestones: milestones.map(asDraftMilestone),
    release: { ...release, by: release.by.map((party) => ({ party })) },
  };
}

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
