/**
 * Owns the request for a preview and its answer.
 * Must not know how a story is played (`domain/preview.ts`).
 */
import { z } from 'zod';
import { PEOPLES_COMMAND_TYPES } from '../../domain/commands';
import { BEGINNINGS } from '../../domain/story';
import { deadlineAnswer, moneyAnswer, statusFields } from './escrow-answers';
import { draftBody } from './escrows';
import { amount, count, idOf, nearInstant, time } from './fields';

const LINES_MAX = 200;

const line = z
  .strictObject({
    at: nearInstant,
    by: z.union([z.literal('platform'), idOf('acc'), count(0, 19)]).meta({
      description: '`platform`, an account of a party, or the place of a party, from 0.',
    }),
    command: z.enum(PEOPLES_COMMAND_TYPES),
    milestone: count(1, 50).optional().meta({ description: 'Its number, from 1.' }),
    body: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({
        description:
          'What the command asks beside milestone, dispute and hash of the terms; in what is ' +
          'proposed, milestones by number.',
      }),
  })
  .meta({ id: 'StoryLine' });

export const previewBody = z
  .strictObject({
    escrow: draftBody,
    at: nearInstant.optional().meta({ description: 'When it is sent; now, unless told.' }),
    from: z.enum(BEGINNINGS).optional().meta({
      description: 'How far everybody has come when the story begins; `sent` unless told.',
    }),
    story: z.array(line).max(LINES_MAX).optional().meta({
      description: 'Acts with their dates. Without any, everybody is silent.',
    }),
    payouts: z.enum(['settle', 'wait']).optional().meta({
      description: 'Do payouts settle at once (unless told), or not within the story?',
    }),
  })
  .meta({ id: 'PreviewRequest' });

const moment = z
  .object({
    at: time,
    by: z.string().meta({ description: 'An account, `platform`, `clock` or `provider`.' }),
    command: z.string(),
    body: z.record(z.string(), z.unknown()),
    refusal: z.object({ code: z.string(), detail: z.string().nullable() }).nullable(),
    events: z.array(
      z.object({
        type: z.string(),
        ...statusFields,
        data: z.record(z.string(), z.unknown()),
      }),
    ),
    journals: z.array(
      z.object({
        type: z.string(),
        lines: z
          .array(z.object({ account: z.string(), amount }))
          .meta({ description: 'Debit positive.' }),
      }),
    ),
    balances: z
      .array(z.object({ account: z.string(), amount }))
      .meta({ description: 'Of the ledger accounts that it touches, afterwards.' }),
    deadlines: z.array(deadlineAnswer).meta({ description: 'Those that begin or move in it.' }),
  })
  .meta({ id: 'Moment', description: 'A step: what was asked, and what it came to.' });

export const previewAnswer = z
  .object({
    object: z.literal('preview'),
    currency: z.string(),
    terms_hash: z.null().meta({ description: 'Ids are given when the escrow is created.' }),
    moments: z.array(moment),
    ...statusFields,
    milestones: z.array(z.object({ number: z.int(), title: z.string(), ...statusFields })),
    money: moneyAnswer,
    deadlines: z
      .array(deadlineAnswer)
      .meta({ description: 'What still runs when the story is over: on hold, or never.' }),
  })
  .meta({ id: 'Preview', description: 'Terms played through; nothing was written.' });
