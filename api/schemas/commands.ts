/**
 * Owns the bodies of commands, and how a command is shown.
 * Must not know when a command is allowed. Bodies: `contracts.md`, section 1.
 */
import { z } from 'zod';
import { OVERRIDE_ACTS } from '../../domain/operators';
import { commonFields, httpsUrl, idOf, minorFrom, sha256, termsHash, text, time } from './fields';

const seen = { terms_hash: termsHash.optional() };
const REASON_MAX = 2_000;
const reasoned = { reason: text(REASON_MAX), ...seen };

export const emptyBody = z.strictObject(seen).meta({ id: 'Command' });
export const acceptBody = z.strictObject({ terms_hash: termsHash }).meta({ id: 'Accept' });
export const reasonBody = z.strictObject(reasoned).meta({ id: 'WithReason' });
export const fundBody = z
  .strictObject({
    amount: minorFrom(1),
    milestone: idOf('mil')
      .optional()
      .meta({ description: 'Named where each milestone is funded alone.' }),
    ...seen,
  })
  .meta({ id: 'Fund' });

const operator = text(100).meta({
  description: 'Who asks, by the name that your own system knows; two different ones are needed.',
});

export const overrideBody = z
  .strictObject({
    act: z.enum(OVERRIDE_ACTS),
    operator,
    ...reasoned,
  })
  .meta({ id: 'Override' });

export const replacementBody = z
  .strictObject({
    account_id: idOf('acc'),
    payout_destination: z
      .union([z.literal('wallet'), idOf('dst')])
      .optional()
      .meta({ description: "Left out: the account's default." }),
    operator,
    ...reasoned,
  })
  .meta({ id: 'Replacement' });

export const partBody = z.strictObject({ amount: minorFrom(1), ...seen }).meta({ id: 'Part' });

const evidence = z
  .strictObject({
    kind: text(50),
    summary: text(REASON_MAX),
    url: httpsUrl,
    sha256: sha256.optional(),
  })
  .meta({ id: 'Evidence' });
const EVIDENCE_MAX = 20;

export const markDoneBody = z
  .strictObject({ evidence: z.array(evidence).max(EVIDENCE_MAX).optional(), ...seen })
  .meta({ id: 'MarkDone' });
export const answerBody = z
  .strictObject({ answer: text(REASON_MAX), ...seen })
  .meta({ id: 'Answer' });
export const evidenceBody = z
  .strictObject({ evidence: z.array(evidence).min(1).max(EVIDENCE_MAX), ...seen })
  .meta({ id: 'SubmitEvidence' });

const named = z.strictObject({ account: idOf('acc'), amount: minorFrom(0) });
export const split = z
  .strictObject({
    recipients: z.union([minorFrom(0), z.array(named).min(1).max(20)]),
    payers: minorFrom(0),
  })
  .meta({ description: 'Both parts together are what is disputed, to the unit.' });
export const resolveBody = z
  .strictObject({
    reason: text(REASON_MAX),
    split,
    ...seen,
  })
  .meta({ id: 'Resolve' });
export const redirectBody = z
  .strictObject({ destination: idOf('dst'), ...seen })
  .meta({ id: 'Redirect' });

export const commandAnswer = z
  .object({
    ...commonFields('command', 'cmd'),
    type: z.string(),
    escrow: z.string().nullable(),
    status: z.enum(['accepted', 'handed_over', 'done', 'refused']),
    accepted_at: time,
    answered_at: time.nullable(),
    refusal: z.object({ code: z.string(), detail: z.string().nullable() }).nullable(),
    escrow_version: z.int().nullable(),
  })
  .meta({ id: 'CommandStatus', description: 'What became of a command.' });
