/**
 * Owns taking the simulated bank along when a test clock moves, and asking it whether it has done
 * something that our rows do not know yet. Test mode only: a real provider has its own time.
 * Must not book anything: what the bank says here is no fact.
 */

import type { Instant } from '../domain/calendar';
import type { TestClockId } from '../domain/ids';
import { ReadFailed } from '../providers/provider';
import { createSandbox } from '../providers/sandbox';
import type { EffectKind } from './effect-row';
import type { AnyCall } from './endpoint';
import { callSandbox, sandboxOf } from './sandbox-calls';
import { rowsOf, sql } from './sql';

/** Sets the bank's clock; it settles, and tells us by webhook, what is due by then. */
export async function moveSandbox(call: AnyCall, clock: TestClockId, now: Instant): Promise<void> {
  const sandbox = await sandboxOf(call);
  if (!sandbox) return;
  const answer = await callSandbox(sandbox, 'POST', '/control/clock', { clock, now });
  if (answer === null) call.api.log.warn({ provider: 'sandbox' }, 'the sandbox is away');
}

type Movement = {
  readonly kind: EffectKind;
  readonly state: string;
  readonly reference: string;
  readonly now: Instant;
  /** The order may still be on its way to the bank. */
  readonly is_fresh: boolean;
};

const MOVEMENTS_MAX = 50;

/** Has the bank gone further than our rows with something on this clock? */
export async function sandboxIsDue(call: AnyCall, clock: TestClockId): Promise<boolean> {
  const sandbox = await sandboxOf(call);
  if (!sandbox) return false;
  const movements = await rowsOf<Movement>(
    call.api.database,
    sql`select f.kind, f.state, a.reference, holdfast.escrow_now(f.test_clock_id) as now,
               a.sent_at > clock_timestamp() - interval '3 seconds' as is_fresh
          from holdfast.effects f
          join holdfast.attempts a on a.effect_id = f.id and a.number = f.attempt
         where f.test_clock_id = ${clock} and f.platform_id = ${call.caller.platform}
           and (f.state in ('sent', 'unknown')
             or (f.state = 'settled' and f.kind <> 'payment' and f.returnable_until > a.sent_at))
         order by f.updated_at desc limit ${MOVEMENTS_MAX}`,
  );
  const bank = createSandbox({ ...sandbox, limits: { connect: 1_000, whole: 2_000 } });
  const ahead = await Promise.all(
    movements.map(async ({ kind, state, reference, now, is_fresh }) => {
      try {
        const found = await bank.lookUp({
          kind: kind === 'payment' ? 'take' : kind === 'refund' ? 'give_back' : 'send',
          reference,
          clock: { id: clock, now },
        });
        if (!found.found) return is_fresh;
        return state === 'settled' ? found.state === 'returned' : found.state !== 'sent';
      } catch (error) {
        if (error instanceof ReadFailed) return false; // the scripts go on without us
        throw error;
      }
    }),
  );
  return ahead.includes(true);
}
