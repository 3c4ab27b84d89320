/**
 * Owns the list of workflows, for the bundle. The only barrel.
 * Must not define one.
 */
export { escrow } from './escrow';
export { payment } from './payment';
export { payout } from './payout';
