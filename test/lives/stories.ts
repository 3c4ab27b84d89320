/**
 * Owns random stories for preview and engine alike: what people do in a random life, as lines with
 * dates, as the body of a preview has them.
 * Must not play them on an engine (`engine-life.ts`), nor say what must be equal.
 */
import { millisBetween, minutes, plus } from '../../domain/calendar';
import {
  type Command,
  PEOPLES_COMMAND_TYPES,
  type PeoplesCommandType,
} from '../../domain/commands';
import { nextAlarm } from '../../domain/deadlines';
import { disputeOf, type Escrow } from '../../domain/escrow';
import { type Act, type Played, preview } from '../../domain/preview';
import { actsOf, type StoryLine } from '../../domain/story';
import { type Life, livesOf } from '../domain/life';

export type Story = {
  readonly tag: string;
  readonly opening: Escrow;
  readonly lines: readonly StoryLine[];
};

const AT_A_TIME = 10; // lives

/** Stories of some length, the same for the same seed, each under ids of its own; those left out
 * in which the instant of an act decides which of two things is first. */
export function storiesOf(count: number, seed: number): readonly Story[] {
  const stories: Story[] = [];
  for (let batch = 0; stories.length < count; batch += 1) {
    for (const life of livesOf(AT_A_TIME, seed + batch)) {
      const story = underTag(storyOf(life), `s${stories.length + 1}`);
      if (stories.length < count && story.lines.length > 3 && isUnhurried(story)) {
        stories.push(story);
      }
    }
  }
  return stories;
}

/** The acts of a story, each under the id that its command has wherever it is played. */
export function actsIn({ tag, opening, lines }: Story): readonly Act[] {
  const acts = actsOf(opening, lines);
  if (typeof acts === 'number') throw new Error(`cannot be read: ${JSON.stringify(lines[acts])}`);
  return acts.map((act, n) => ({
    ...act,
    command: (escrow) => ({ ...act.command(escrow), id: `cmd_${tag}a${n}` }),
  }));
}

/** The fields of each command that mean the same in every escrow. */
const KEPT: { readonly [T in PeoplesCommandType]?: readonly string[] } = {
  reject: ['reason'],
  fund: ['amount'],
  cancel: ['reason'],
  hold: ['reason'],
  unhold: ['reason'],
  mark_done: ['evidence'],
  reject_delivery: ['reason'],
  dispute: ['reason'],
  answer_dispute: ['answer'],
  submit_evidence: ['evidence'],
  resolve: ['reason', 'split'],
  release_part: ['amount'],
  override: ['act', 'operator', 'reason'],
  propose: ['content'],
};

/** Without the dispute that a settlement names: its id is another in every run, and the story finds
 * it by the milestone. */
function keptOf(command: Command): Readonly<Record<string, unknown>> {
  if (command.type !== 'propose' || command.body.content.kind !== 'settlement') return command.body;
  const { dispute: _, ...content } = command.body.content;
  return { ...command.body, content };
}

/** The milestone that a command is about, itself or by its dispute. */
function numberIn({ milestones }: Escrow, { body }: Command): number | undefined {
  const about = 'content' in body && body.content.kind === 'settlement' ? body.content : body;
  const milestone = 'milestone' in about ? about.milestone : undefined;
  const dispute = 'dispute' in about ? about.dispute : undefined;
  return milestones.find(
    (each) =>
      (milestone !== undefined && each.id === milestone) ||
      (dispute !== undefined && disputeOf(each)?.id === dispute),
  )?.number;
}

/** Destinations are the script's affair: nobody redirects what arrives. Nor can a preview put
 * somebody in a place: it knows the accounts of its terms alone. */
const isPeoplesCommand = (type: string): type is PeoplesCommandType =>
  PEOPLES_COMMAND_TYPES.some((each) => each === type) &&
  !/_disbursement$|^replace_party$/.test(type);

/** These are about the whole escrow, or about something that the story finds by itself. */
const WHOLE: ReadonlySet<string> = new Set([
  'send',
  'accept',
  'reject',
  'complete',
  'hold',
  'unhold',
  'accept_proposal',
  'decline_proposal',
  'withdraw_proposal',
]);

function storyOf({ draft, steps }: Life): Omit<Story, 'tag'> {
  const lines = steps.flatMap(({ before, command, by, at }, n): StoryLine[] => {
    const { type } = command;
    if (by.kind === 'clock' || by.kind === 'provider' || !isPeoplesCommand(type)) return [];
    const body = keptOf(command);
    const kept = KEPT[type] ?? [];
    const number = numberIn(before, command);
    const isPart = number !== undefined && !WHOLE.has(type);
    return [
      {
        at: plus(at, (n + 1) * APART),
        by,
        command: type,
        ...(isPart && { milestone: number }),
        body: Object.fromEntries(
          kept.flatMap((name) => (name in body ? [[name, body[name]]] : [])),
        ),
      },
    ];
  });
  return { opening: atBank(draft), lines };
}

/** A life has acts at the very instant of deadlines: here each comes a little after. */
const APART = minutes(7);

/** Whoever wants his money elsewhere has a place at the bank of his own. */
const atBank = (draft: Escrow): Escrow => ({
  ...draft,
  parties: draft.parties.map((party) =>
    party.destination?.startsWith('dst_')
      ? { ...party, destination: `dst_${party.account_id.slice(4)}` as const }
      : party,
  ),
});

/** Rows have one id, whichever escrow they are of. */
const underTag = (story: Omit<Story, 'tag'>, tag: string): Story => {
  const text = JSON.stringify({ tag, ...story })
    .replaceAll('"esc_1"', `"esc_${tag}"`)
    .replaceAll(/"mil_(\w+)"/g, `"mil_${tag}x$1"`);
  return JSON.parse(text) as Story; // of the same form: only ids are others
};

/** More than a busy machine is late by. */
const ROOM = minutes(2);

/**
 * Nobody acts just before the clock does; and where the clock does two things at one moment, no
 * payout of the first is on its way: when it arrives is the world's affair.
 */
function isUnhurried(story: Story): boolean {
  const { moments }: Played = preview(story.opening, actsIn(story));
  return moments.every(({ at, by, after }, n) => {
    const next = moments[n + 1];
    if (!next || next.by.kind === 'provider') return true;
    if (next.by.kind === 'clock') {
      return by.kind !== 'provider' || millisBetween(at, next.at) >= ROOM;
    }
    const alarm = nextAlarm(after);
    return alarm === null || millisBetween(next.at, alarm.at) >= ROOM;
  });
}
