/**
 * Owns places at which a test can kill, stop, delay or fail a process (`reliability.md`,
 * section 8). A production build replaces this file by `failpoints.production.ts`.
 * Must not know what happens at these places.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export const FAILPOINTS = [
  'command.row_committed',
  'handover.before_update',
  'handover.after_accept',
  'handover.before_signal',
  'sweeper.claimed',
  'record.before_commit',
  'record.after_commit',
  'effect.planned',
  'effect.before_send',
  'effect.after_send',
  'payout.after_send',
  'effect.after_result_row',
  'inbound.before_2xx',
  'inbound.before_fetch',
  'outbox.claimed',
  'outbox.before_mark',
  'audit.before_seal',
  'keys.mid_rotation',
  'workflow.mid_continue_as_new',
  'migration.mid_step',
] as const;
export type Failpoint = (typeof FAILPOINTS)[number];

type Action = { kind: 'kill' | 'throw' | 'pause' } | { kind: 'delay'; ms: number };
type Armed = {
  readonly action: Action;
  /** Acts on this hit alone, or on every one. */
  readonly hit: number | null;
  /** Acts with this probability, 0 to 1. */
  readonly chance: number;
  hits: number;
};

/** Thrown by the action `throw`: an outage, as far as the code around it can tell. */
export class FailpointError extends Error {
  constructor(name: Failpoint) {
    super(`failpoint ${name}`);
    this.name = 'FailpointError';
  }
}

const armed = new Map<Failpoint, Armed>();

/**
 * Arms the failpoints of HOLDFAST_FAILPOINTS, in place of those armed before; '' disarms all.
 *   name=kill | throw | pause | delay:ms, then @n (only the n-th hit) or %p (p per cent), by commas
 * Throws Error when a name or an action is unknown. Call it once, with a checked setting.
 */
export function armFailpoints(text: string): void {
  const rules = text.split(',').filter(Boolean).map(parseRule);
  armed.clear();
  for (const [name, rule] of rules) armed.set(name, rule);
}

/** A place with a name. Does nothing unless it is armed. */
export async function failpoint(name: Failpoint): Promise<void> {
  const rule = armed.get(name);
  if (!rule) return;
  rule.hits += 1;
  if (rule.hit !== null && rule.hits !== rule.hit) return;
  if (Math.random() >= rule.chance) return;
  await act(name, rule.action);
}

async function act(name: Failpoint, action: Action): Promise<void> {
  switch (action.kind) {
    case 'throw':
      throw new FailpointError(name);
    case 'delay':
      await sleep(action.ms);
      return;
    case 'pause':
      process.kill(process.pid, 'SIGSTOP');
      return;
    case 'kill':
      process.kill(process.pid, 'SIGKILL');
      await sleep(60_000); // the signal is on its way; nothing may happen after it
      return;
    default:
      action satisfies never;
  }
}

const RULE = /^([a-z0-9_.]+)=(kill|throw|pause|delay:\d+)(?:@(\d+)|%(\d+(?:\.\d+)?))?$/;

function parseRule(text: string): [Failpoint, Armed] {
  const [, place, what = '', hit, percent] = RULE.exec(text.trim()) ?? [];
  const name = FAILPOINTS.find((known) => known === place);
  if (!name) throw new Error(`no such failpoint: ${text.trim()}`);
  return [
    name,
    {
      action: toAction(what),
      hit: hit === undefined ? null : Number(hit),
      chance: percent === undefined ? 1 : Number(percent) / 100,
      hits: 0,
    },
  ];
}

function toAction(what: string): Action {
  const [kind, ms] = what.split(':');
  if (kind === 'delay') return { kind, ms: Number(ms) };
  if (kind === 'kill' || kind === 'throw' || kind === 'pause') return { kind };
  throw new Error(`no such action of a failpoint: ${what}`);
}
