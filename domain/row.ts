/**
 * Owns the shape of a rule: one row of a table says who may give a command in a stage, what stands
 * against it, what it emits and where it leads.
 * Must not know any rule (`agreement.ts`, `milestone.ts`).
 */
import type { Instant } from './calendar';
import type { By, CommandType, MilestoneBodies, Of } from './commands';
import type { Escrow, Milestone, MilestoneStage } from './escrow';
import type { Event, EventFacts, EventOf, EventType } from './events';
import type { Who } from './parties';
import type { Refusal, RefusalCode } from './refusals';

/** Where an actor stands: enough to say what he may do, without a body. */
export type Standing<Here> = {
  readonly escrow: Escrow;
  readonly here: Here;
  readonly by: By;
  readonly at: Instant;
};

export type Ask<Here, C extends CommandType> = Standing<Here> & { readonly command: Of<C> };

/** Does it stand against the command? `true`, or the sentence that a person can act on. */
export type Hit = boolean | string;

export type Row<Here, C extends CommandType, To> = {
  /** Any one of these may. */
  readonly who: readonly Who[];
  /** May the milestone be in dispute? For the whole escrow left out. */
  readonly dispute?: 'no' | 'only' | 'either';
  /** Goes through while the escrow is on hold. */
  readonly on_hold?: 'passes';
  /** What stands against it whatever the body says; the first hit, in key order, refuses. */
  readonly unless?: { readonly [R in RefusalCode]?: (standing: Standing<Here>) => Hit };
  /** What is wrong with the body. */
  readonly check?: { readonly [R in RefusalCode]?: (ask: Ask<Here, C>) => Hit };
  /** What is wrong with a body of many parts: one look that names its own code. */
  readonly problem?: (ask: Ask<Here, C>) => Refusal | null;
  /** What happens; amounts and dates are fixed here, once. */
  readonly emits: (ask: Ask<Here, C>) => readonly Event[];
  /** The stages in which it can end; a test holds them to what `evolve` makes of the events. */
  readonly to: readonly (To | 'unchanged')[];
};

export type MilestoneCommandType = keyof MilestoneBodies;
export type MilestoneRow<C extends CommandType> = Row<Milestone, C, MilestoneStage> & {
  readonly dispute: 'no' | 'only' | 'either';
};

/** An event of this moment. */
export function happened<T extends EventType>(
  { at, by }: Pick<Standing<unknown>, 'at' | 'by'>,
  type: T,
  facts: EventFacts[T],
): EventOf<T> {
  // The compiler does not see that type and facts of one T make exactly that member of the union.
  return { type, at, actor: by.kind, ...facts } as unknown as EventOf<T>;
}
