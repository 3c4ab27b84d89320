/**
 * Owns what a story proposes, as people write it before there are ids: milestones by number, the
 * dispute that is open, an amendment without the hash of its terms.
 * Must not know what becomes of a proposal (`negotiation.ts`). Source: `escrow.md`, section 10.
 */
import { disputeOf, type Escrow, type Milestone } from './escrow';

type Fields = Readonly<Record<string, unknown>>;

/**
 * The content of `propose` with ids where the story has numbers, or nothing. `here`: the milestone
 * of the line; `name`: unlike in every other line. What cannot be read stays as it is.
 */
export function proposedIn(
  escrow: Escrow,
  here: Milestone | undefined,
  content: unknown,
  name: string,
): unknown {
  if (!isFields(content)) return content;
  switch (content.kind) {
    case 'extension':
      return { ...content, milestone: idIn(escrow, content.milestone ?? here?.number) };
    case 'settlement':
      return { dispute: (here && disputeOf(here)?.id) ?? 'dis_none', ...content };
    case 'cancellation': {
      const some = listOf(content.milestones) ?? (here && [here.id]);
      return { ...content, ...(some && { milestones: some.map((each) => idIn(escrow, each)) }) };
    }
    case 'amendment': {
      const { change } = content;
      const terms_hash = `terms_of_${name}`;
      return { terms_hash, ...content, change: changeIn(escrow, change, name) };
    }
    default:
      return content;
  }
}

function changeIn(escrow: Escrow, change: unknown, name: string): unknown {
  if (!isFields(change)) return change;
  const milestones = listOf(change.milestones)?.map((each) =>
    isFields(each) ? { ...each, milestone: idIn(escrow, each.milestone) } : each,
  );
  const remove = listOf(change.remove)?.map((each) => idIn(escrow, each));
  const add = listOf(change.add)?.map((each, n) =>
    isFields(each) ? { id: `mil_${name}_${n + 1}`, ...each } : each,
  );
  return {
    ...change,
    ...(milestones && { milestones }),
    ...(remove && { remove }),
    ...(add && { add }),
  };
}

/** Numbers count from 1, as in the line of a story. */
const idIn = ({ milestones }: Escrow, named: unknown): unknown =>
  typeof named === 'number'
    ? (milestones.find(({ number }) => number === named)?.id ?? `mil_${named}`)
    : named;

const listOf = (value: unknown): readonly unknown[] | undefined =>
  Array.isArray(value) ? value : undefined;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
