/**
 * Owns what an operator sees of an escrow in the Temporal UI: search attributes and details.
 * Must not decide anything by them.
 * Source: `temporal.md`, section 12; no personal data.
 */
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { exponentOf, formatMinor } from '../domain/currencies';
import { deadlinesOf } from '../domain/deadlines';
import { disputeOf, type Escrow } from '../domain/escrow';
import { type Minor, sum } from '../domain/money';
import { rulebookOf } from '../domain/rulebook';
import { statusOf } from '../domain/status';
import type { Run } from './run';
import { ATTRIBUTES, accountPairs } from './start';

/** An attribute that has no value yet reads like one that was taken away. */
const NEVER_SET = 'null';

/** Shows the state as it is now; costs history only for what has changed. */
export function publish(run: Run): void {
  const { escrow, published } = run;
  if (escrow.version === 0) return;
  const pairs = attributesOf(run);
  const next = Object.fromEntries(pairs.map(({ key, value }) => [key.name, JSON.stringify(value)]));
  const changed = pairs.filter(
    ({ key }) => next[key.name] !== (published?.[key.name] ?? NEVER_SET),
  );
  if (changed.length > 0) upsertSearchAttributes(changed);
  run.published = next;
  setCurrentDetails(detailsOf(escrow, run));
}

function attributesOf({ escrow, stuck }: Run): SearchAttributeUpdatePair[] {
  const [dispute] = escrow.milestones.flatMap((milestone) => disputeOf(milestone)?.stage ?? []);
  const isParked = escrow.milestones.some((m) => m.disbursements.some((d) => d.state === 'parked'));
  const [deadline] = deadlinesOf(escrow);
  const { typedSearchAttributes: shown } = workflowInfo();
  // Accounts change only when a party is replaced: what the start has shown mostly still holds.
  const accounts = accountPairs(escrow).filter(
    ({ key, value }) => JSON.stringify(shown.get(key)) !== JSON.stringify(value),
  );
  const flags = [
    ...(stuck ? ['stuck'] : []),
    ...(escrow.hold ? ['on_hold'] : []),
    ...(isParked ? ['payout_parked'] : []),
  ];
  return [
    { key: ATTRIBUTES.status, value: statusOf(escrow).status },
    { key: ATTRIBUTES.dispute, value: dispute ?? null },
    { key: ATTRIBUTES.deadline, value: deadline ? new Date(deadline.at) : null },
    { key: ATTRIBUTES.flags, value: flags.length > 0 ? flags : null },
    ...accounts,
  ];
}

function detailsOf(escrow: Escrow, { stuck }: Run): string {
  const money = (amounts: readonly Minor[]): string =>
    `${escrow.terms.currency} ${formatMinor(sum(amounts), exponentOf(escrow.terms.currency) ?? 0)}`;
  const [deadline] = deadlinesOf(escrow);
  const wait = deadline && rulebookOf(escrow.terms.rulebook).waits[deadline.name];
  const lines = [
    `**${statusOf(escrow).status}** at version ${escrow.version}${escrow.hold ? ', on hold' : ''}`,
    stuck && `**stuck**: ${stuck}`,
    wait &&
      `next deadline: ${deadline.name} at ${deadline.at}, then ${wait.otherwise};` +
        ` waits for ${wait.who}`,
    `held ${money(escrow.milestones.map((m) => m.held))},` +
      ` released ${money(escrow.milestones.map((m) => m.released))},` +
      ` refunded ${money(escrow.milestones.map((m) => m.refunded))}`,
    `run ${workflowInfo().runId}`,
  ];
  return lines.filter(Boolean).join('\n\n');
}
