/**
 * Owns how fast terms are played through: a deal of fifty milestones, under silence.
 * Must not touch a server: a preview is pure, so processor time is all that it costs.
 */
import { days, plus, readInstant } from '../domain/calendar';
import { drafted, openDraft } from '../domain/drafting';
import { toMinor } from '../domain/money';
import { preview } from '../domain/preview';
import { type Beginning, beginningOf } from '../domain/story';

export type PreviewBench = {
  /** Previews a second of processor time, of an offer that nobody answers. */
  readonly silent_per_second: number;
  /** The same from funded on: each milestone is reminded of, overdue and refunded. */
  readonly funded_per_second: number;
};

const MILESTONES = 50;

/** Plays both for about a second of processor time each. */
export function benchPreview(): PreviewBench {
  return { silent_per_second: perSecond('sent'), funded_per_second: perSecond('funded') };
}

function perSecond(from: Beginning): number {
  const at = readInstant('2026-03-02T10:00:00.000Z');
  if (!at) throw new Error('no instant');
  const made = drafted({
    title: 'Fifty parts',
    type: 'milestone',
    currency: 'EUR',
    parties: [
      { id: 'pty_1', account_id: 'acc_1', role: 'buyer' },
      { id: 'pty_2', account_id: 'acc_2', role: 'seller' },
    ],
    milestones: Array.from({ length: MILESTONES }, (_, n) => ({
      id: `mil_${n}` as const,
      title: `Part ${n}`,
      amount: toMinor(10_000 + n),
      due_at: plus(at, days(10 + n)),
    })),
    fees: [{ kind: 'platform', rate_bps: 250 }],
  });
  if (!made.ok) throw new Error('the terms of the bench are refused', { cause: made.problems });
  const escrow = openDraft('esc_bench', made.terms, 'a'.repeat(64), made.parties);
  const once = (): void => {
    preview(escrow, beginningOf(escrow, from, at));
  };
  for (let n = 0; n < 20; n += 1) once(); // warm
  let count = 0;
  const before = process.cpuUsage();
  let spent = 0;
  while (spent < 1_000_000) {
    once();
    count += 1;
    const { user, system } = process.cpuUsage(before);
    spent = user + system;
  }
  return (count * 1_000_000) / spent;
}
