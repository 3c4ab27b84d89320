/**
 * Owns how ids are derived from ids: the same thing twice has the same id.
 * Must not know who uses them.
 */
import {
  clockCommandId,
  disbursementId,
  disputeId,
  eventId,
  providerCommandId,
  refundId,
  refusedDefaultId,
  suffixOf,
} from '../../domain/ids';

const ESCROW = 'esc_01h2xcejqtf2nbrexx3vqjhp41';
const COMMAND = 'cmd_01h455vb4pex5vsknk084sn02q';

test('the suffix of an id is what stands behind its prefix, also when it has parts', () => {
  expect(suffixOf(ESCROW)).toBe('01h2xcejqtf2nbrexx3vqjhp41');
  expect(suffixOf('cmd_01h2_7_inspection_1')).toBe('01h2_7_inspection_1');
});

test('what is born in decide is named after the command and its position', () => {
  expect(disbursementId(COMMAND, 101)).toBe('dsb_01h455vb4pex5vsknk084sn02q_101');
  expect(refundId(COMMAND, 1)).toBe('ref_01h455vb4pex5vsknk084sn02q_1');
  expect(disputeId(COMMAND, 2)).toBe('dis_01h455vb4pex5vsknk084sn02q_2');
});

test('an event is named after its escrow and its number', () => {
  expect(eventId(ESCROW, 12)).toBe('evt_01h2xcejqtf2nbrexx3vqjhp41_12');
});

test('a command of the clock is named after escrow, version and deadline', () => {
  const id = clockCommandId(ESCROW, 9, 'inspection_1');
  expect(id).toBe('cmd_01h2xcejqtf2nbrexx3vqjhp41_9_inspection_1');
  expect(refusedDefaultId(id)).toBe('cmd_01h2xcejqtf2nbrexx3vqjhp41_9_inspection_1_r');
});

test('a report is named after its effect, what it says, and the attempt', () => {
  expect(providerCommandId('pay_01h2', 'settled', 1)).toBe('cmd_pay-01h2_settled_1');
  expect(providerCommandId('dsb_01h2_100', 'failed', 2)).toBe('cmd_dsb-01h2_100_failed_2');
});
