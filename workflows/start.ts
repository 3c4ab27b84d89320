/**
 * Owns how the workflow of an escrow is started: its id, queue, policies, and what an operator can
 * filter by from the first moment.
 * Must not know who starts it: the API, or the sweeper when the API could not.
 */
import {
  defineSearchAttributeKey,
  type SearchAttributePair,
  WorkflowIdConflictPolicy,
  WorkflowIdReusePolicy,
} from '@temporalio/common';
import { exponentOf, formatMinor } from '../domain/currencies';
import type { Escrow } from '../domain/escrow';
import { statusOf } from '../domain/status';
import { type EscrowInput, QUEUES } from './messages';

/** Search attributes of an escrow (`temporal.md`, section 12): filters, never facts. */
export const ATTRIBUTES = {
  status: defineSearchAttributeKey('EscrowStatus', 'KEYWORD'),
  platform: defineSearchAttributeKey('EscrowPlatform', 'KEYWORD'),
  currency: defineSearchAttributeKey('EscrowCurrency', 'KEYWORD'),
  dispute: defineSearchAttributeKey('EscrowDispute', 'KEYWORD'),
  rulebook: defineSearchAttributeKey('EscrowRulebook', 'KEYWORD'),
  amount: defineSearchAttributeKey('EscrowAmountMinor', 'INT'),
  deadline: defineSearchAttributeKey('EscrowDeadlineAt', 'DATETIME'),
  test: defineSearchAttributeKey('EscrowTest', 'BOOL'),
  parties: defineSearchAttributeKey('EscrowParties', 'KEYWORD_LIST'),
  arbiters: defineSearchAttributeKey('EscrowArbiters', 'KEYWORD_LIST'),
  flags: defineSearchAttributeKey('EscrowFlags', 'KEYWORD_LIST'),
} as const;

/** The options of `client.workflow.start('escrow', …)`. A draft may be sent again after its first
 * command was refused; a sent escrow has one workflow for ever. */
export function escrowStart(input: EscrowInput) {
  const { escrow, platform } = input;
  return {
    workflowId: escrow.id,
    taskQueue: QUEUES.escrow,
    args: [input] as [EscrowInput],
    workflowIdReusePolicy:
      escrow.version === 0
        ? WorkflowIdReusePolicy.ALLOW_DUPLICATE
        : WorkflowIdReusePolicy.REJECT_DUPLICATE,
    workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
    memo: { platform, rulebook: escrow.terms.rulebook },
    typedSearchAttributes: attributesOf(input),
    staticSummary: summaryOf(escrow),
  };
}

function attributesOf({ escrow, platform, livemode }: EscrowInput): SearchAttributePair[] {
  const { terms } = escrow;
  return [
    { key: ATTRIBUTES.status, value: statusOf(escrow).status },
    { key: ATTRIBUTES.platform, value: platform },
    { key: ATTRIBUTES.currency, value: terms.currency },
    { key: ATTRIBUTES.rulebook, value: String(terms.rulebook) },
    { key: ATTRIBUTES.amount, value: terms.amount },
    { key: ATTRIBUTES.test, value: !livemode },
    ...accountPairs(escrow),
  ];
}

/** The accounts of all parties, and of the arbiters among them. */
export const accountPairs = ({ parties }: Pick<Escrow, 'parties'>) => [
  { key: ATTRIBUTES.parties, value: accountsOf(parties) },
  { key: ATTRIBUTES.arbiters, value: accountsOf(parties.filter((p) => p.role === 'arbiter')) },
];

const accountsOf = (parties: Escrow['parties']): string[] => [
  ...new Set(parties.map((party) => party.account_id)),
];

/** "USD 1250.00 · milestone · 2 milestones" */
function summaryOf({ terms }: Escrow): string {
  const amount = formatMinor(terms.amount, exponentOf(terms.currency) ?? 0);
  const count = terms.milestones.length;
  const milestones = `${count} milestone${count === 1 ? '' : 's'}`;
  return `${terms.currency} ${amount} · ${terms.type} · ${milestones}`;
}
