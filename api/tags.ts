/**
 * Owns the chapters of the reference.
 * Must not know which routes stand in one.
 */

/** Every tag, in the order of the reference. */
export const TAGS = {
  Accounts: 'People and companies, where their money goes, and their wallets.',
  Policy: 'What a platform allows in terms: defaults, bounds, calendars.',
  Escrows: 'One agreement with its money and its life.',
  Milestones: 'Delivering, inspecting, releasing a part of an escrow.',
  Proposals: 'Extensions, amendments, cancellations and settlements, and old terms.',
  Money: 'Payments, disbursements and withdrawals: money on the move.',
  Disputes: 'Disagreements, and the queue of those who rule.',
  Events: 'What happened, what comes, and what became of a command.',
  Webhooks: 'Where you are told what happens, and what became of it.',
  Books: 'Double-entry books, and the proof of them.',
  'Test mode': 'Simulated time, and the hands of the tester at the simulated bank.',
  Providers: 'Webhooks that come in.',
  Operations: 'Health, metrics, and these pages.',
} as const;
export type Tag = keyof typeof TAGS;
