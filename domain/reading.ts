/**
 * Owns how a message that came past the API is read: every command's body, field by field.
 * A workflow never throws on data, so what cannot be read is a refusal `malformed`.
 * Must not know zod: it does not belong into workflow code (`temporal.md`, section 14).
 */
import { readInstant } from './calendar';
import { type Command, PEOPLES_COMMAND_TYPES, type PeoplesCommandType } from './commands';
import { OVERRIDE_ACTS } from './operators';
import { PROPOSAL_KINDS, type ProposalKind } from './proposal';

type Check = (value: unknown) => boolean;
type Shape = { readonly [field: string]: Check };

/** What no database can keep (NUL, half a character) is no text. */
const text: Check = (value) =>
  typeof value === 'string' &&
  value.length > 0 &&
  value.length <= 4000 &&
  !value.includes('\0') &&
  !/\p{Surrogate}/u.test(value);
const isId =
  (prefix: string): Check =>
  (value) =>
    typeof value === 'string' &&
    /^[a-z]{3}_[A-Za-z0-9_-]{1,195}$/.test(value) &&
    value.startsWith(`${prefix}_`);
const amount: Check = (value) => Number.isSafeInteger(value) && Number(value) > 0;
const share: Check = (value) => Number.isSafeInteger(value) && Number(value) >= 0;
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const listOf =
  (check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= 50 && value.every(check);
const shaped =
  (shape: Shape): Check =>
  (value) =>
    isShaped(value, shape);

const evidence = listOf(shaped({ kind: text, summary: text, url: text, sha256: optional(text) }));
const shares = listOf(shaped({ account: isId('acc'), amount: share }));
/** Shares that sum to something that can be counted. */
const named: Check = (value) =>
  shares(value) &&
  (value as { amount: number }[]).reduce((all, { amount: a }) => all + a, 0) <= MAX;
const MAX = Number.MAX_SAFE_INTEGER;
const split = shaped({
  recipients: (value) => share(value) || named(value),
  payers: share,
});
const milestone = isId('mil');
const dispute = isId('dis');
const disbursement = isId('dsb');
const proposal = isId('prp');
const reason = text;
const act: Check = (value) => OVERRIDE_ACTS.some((each) => each === value);

const id = isId('mil');
const instant: Check = (value) => typeof value === 'string' && readInstant(value) === value;
const count =
  (most: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= most;
const party = shaped({
  account_id: optional(isId('acc')),
  party: optional((value) => count(20)(value) || isId('pty')(value)),
  amount: optional(share),
  share_bps: optional(count(10_000)),
  remainder: optional((value) => value === true),
});
const file = shaped({ name: text, url: text, sha256: optional(text), size: optional(share) });
const recipients = listOf(party);
const MILESTONES_MAX = 50;
const PARTIES_MAX = 20;
const change = {
  title: optional(text),
  description: optional(text),
  amount: optional(amount),
  due_at: optional(instant),
  inspection_period: optional(count(365)),
  recipients: optional(recipients),
  after: optional(listOf((value) => id(value) || count(MILESTONES_MAX)(value))),
  approvals_required: optional(count(PARTIES_MAX)),
};
const added = shaped({
  ...change,
  id,
  title: text,
  amount,
  due_at: instant,
  files: optional(listOf(file)),
});

/** What is proposed, by kind. */
const ASKED: { readonly [K in ProposalKind]: Shape } = {
  extension: { milestone, due_at: instant },
  settlement: { dispute, split },
  cancellation: { milestones: optional(listOf(id)), split },
  amendment: {
    terms_hash: text,
    change: shaped({
      title: optional(text),
      description: optional(text),
      milestones: optional(listOf(shaped({ milestone, ...change }))),
      add: optional(listOf(added)),
      remove: optional(listOf(id)),
    }),
  },
};

function isAsked(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('kind' in value)) return false;
  const { kind, ...content } = value;
  const known = PROPOSAL_KINDS.find((each) => each === kind);
  return known !== undefined && isShaped(content, ASKED[known]);
}

/** The fields of every command that people give; `terms_hash` may come with each. */
const SHAPES: { readonly [T in PeoplesCommandType]: Shape } = {
  send: {},
  accept: { terms_hash: text },
  reject: { reason },
  fund: { amount, milestone: optional(milestone) },
  cancel: { reason, milestone: optional(milestone) },
  complete: {},
  hold: { reason },
  unhold: { reason },
  replace_party: {
    party: isId('pty'),
    account: isId('acc'),
    destination: optional((value) => value === 'wallet' || isId('dst')(value)),
    operator: text,
    reason,
    next_hash: text,
  },
  mark_done: { milestone, evidence: optional(evidence) },
  approve: { milestone },
  reject_delivery: { milestone, reason },
  release: { milestone },
  release_part: { milestone, amount },
  dispute: { milestone, reason },
  answer_dispute: { dispute, answer: text },
  submit_evidence: { dispute, evidence },
  withdraw_dispute: { dispute },
  escalate: { dispute },
  resolve: { dispute, reason, split },
  propose: { content: isAsked, reason: optional(reason) },
  accept_proposal: { proposal },
  decline_proposal: { proposal, reason: optional(reason) },
  withdraw_proposal: { proposal, reason: optional(reason) },
  retry_disbursement: { disbursement },
  override: { milestone, act, operator: text, reason },
  redirect_disbursement: { disbursement, destination: isId('dst') },
};

/** The command that a message means, or null when it cannot be read. */
export function readCommand(type: string, id: unknown, body: unknown): Command | null {
  const known = PEOPLES_COMMAND_TYPES.find((each) => each === type);
  if (!known || !isCommandId(id)) return null;
  if (!isShaped(body, { terms_hash: optional(text), ...SHAPES[known] })) return null;
  return { id, type: known, body } as Command; // every field has just been checked
}

/** Is this the id of a command, short enough for every place that it goes to? */
export const isCommandId = (id: unknown): id is Command['id'] =>
  typeof id === 'string' && /^cmd_[A-Za-z0-9_-]{1,150}$/.test(id);

function isShaped(value: unknown, shape: Shape): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const fields = Object.entries(value);
  const isKnown = fields.every(([name]) => Object.hasOwn(shape, name));
  const given = Object.fromEntries(fields);
  return isKnown && Object.entries(shape).every(([name, check]) => check(given[name]));
}
