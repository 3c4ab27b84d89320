/**
 * Owns the bodies of proposals, and how one is shown.
 * Must not know when one may be made. Source: `escrow.md`, section 7.
 */
import { z } from 'zod';
import { PROPOSAL_KINDS } from '../../domain/proposal';
import { split } from './commands';
import { milestone } from './escrows';
import { calendarDay, count, idOf, minorFrom, nearInstant, termsHash, text, time } from './fields';

const REASON_MAX = 2_000;
const common = { reason: text(REASON_MAX).optional(), terms_hash: termsHash.optional() };
const MILESTONES_MAX = 50;
const dates = { due_at: nearInstant.optional(), due_date: calendarDay.optional() };

const change = z.strictObject({
  milestone: idOf('mil'),
  title: text(200).optional(),
  description: text(2_000).optional(),
  amount: minorFrom(1).optional().meta({ description: 'Spread over its recipients as before.' }),
  ...dates,
  inspection_period: count(0, 365).optional(),
  recipients: milestone.shape.recipients,
  after: milestone.shape.after,
  approvals_required: milestone.shape.approvals_required,
});

export const proposalBody = z
  .discriminatedUnion('kind', [
    z
      .strictObject({
        kind: z.literal('extension'),
        content: z.strictObject({ milestone: idOf('mil'), ...dates }).meta({
          description: 'A later due date; of a rejected milestone the end of the rework.',
        }),
        ...common,
      })
      .meta({ id: 'ProposeExtension' }),
    z
      .strictObject({
        kind: z.literal('settlement'),
        content: z.strictObject({ dispute: idOf('dis'), split }),
        ...common,
      })
      .meta({ id: 'ProposeSettlement' }),
    z
      .strictObject({
        kind: z.literal('cancellation'),
        content: z.strictObject({
          milestones: z
            .array(idOf('mil'))
            .min(1)
            .max(MILESTONES_MAX)
            .optional()
            .meta({ description: 'Left out: all that are open.' }),
          split: split.meta({ description: 'Both parts together are what is held.' }),
        }),
        ...common,
      })
      .meta({ id: 'ProposeCancellation' }),
    z
      .strictObject({
        kind: z.literal('amendment'),
        content: z
          .strictObject({
            title: text(200).optional(),
            description: text(2_000).optional(),
            milestones: z.array(change).min(1).max(MILESTONES_MAX).optional(),
            add: z.array(milestone).min(1).max(MILESTONES_MAX).optional(),
            remove: z.array(idOf('mil')).min(1).max(MILESTONES_MAX).optional(),
          })
          .meta({ description: 'What changes; everything else stays as it was agreed.' }),
        ...common,
      })
      .meta({ id: 'ProposeAmendment' }),
  ])
  .meta({ id: 'ProposalRequest' });

export const acceptProposalBody = z
  .strictObject({
    terms_hash: termsHash
      .optional()
      .meta({ description: 'The current terms, or those that an amendment would make.' }),
  })
  .meta({ id: 'AcceptProposal' });
export const closeProposalBody = z.strictObject(common).meta({ id: 'CloseProposal' });

export const proposalAnswer = z
  .object({
    id: z.string(),
    kind: z.enum(PROPOSAL_KINDS),
    status: z.enum(['open', 'waiting', 'accepted', 'declined', 'withdrawn', 'lapsed']).meta({
      description: '`waiting`: an accepted amendment whose money is missing.',
    }),
    by: z.string().meta({ description: 'The party that made it.' }),
    at: time,
    expires_at: time.nullable(),
    reason: z.string().nullable(),
    closed_because: z.string().nullable(),
    content: z.record(z.string(), z.unknown()),
    needs: z
      .array(z.object({ parties: z.array(z.string()), required: z.int() }))
      .meta({ description: 'So many of these parties must accept.' }),
    accepted_by: z.array(z.string()),
  })
  .meta({ id: 'Proposal' });

export const foundProposalAnswer = z
  .object({ object: z.literal('proposal'), escrow: z.string(), ...proposalAnswer.shape })
  .meta({ id: 'FoundProposal' });

export const termsAnswer = z
  .object({
    object: z.literal('terms'),
    escrow: z.string(),
    terms_hash: z.string(),
    current: z.boolean(),
    terms: z.record(z.string(), z.unknown()).meta({ description: 'As they were agreed.' }),
  })
  .meta({ id: 'Terms', description: 'SHA-256 of their RFC 8785 form is the hash.' });
