/** The workflows of Holdfast, for the bundle. The only barrel. */
export { escrow } from './escrow';
export { payment } from './payment';
export { payout } from './payout';
