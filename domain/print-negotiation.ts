/**
 * Owns the chapter of proposals in `docs/statechart.md`, printed from the table that decides.
 * Must not know any rule.
 */
import { KINDS, PROPOSAL } from './negotiation';
import { PROPOSAL_KINDS } from './proposal';
import { EXTENSIONS_MAX } from './proposal-dates';
import { GUARDS } from './proposal-guards';

type Print = (head: readonly string[], rows: readonly (readonly string[])[]) => string;

/** The paragraphs of the chapter. */
export const negotiationChapter = (table: Print): readonly string[] => [
  '## Proposals',
  table(
    ['kind', 'by', 'needs', 'agreement', 'milestone', 'dispute', 'refused with', 'lapses'],
    PROPOSAL_KINDS.map((kind) => {
      const { by, needs, agreement, milestone, dispute, lapses } = KINDS[kind];
      const guards = Object.keys(GUARDS[kind]);
      return [
        kind,
        by.join(' '),
        needs,
        agreement.join(' '),
        milestone?.join(' ') ?? 'by what it says',
        dispute,
        `${guards.join(' ')}, or for what it says`,
        lapses,
      ];
    }),
  ),
  table(
    ['stage', 'command', 'who', 'refused with', 'to'],
    Object.entries(PROPOSAL).flatMap(([stage, cells]) =>
      Object.entries(cells).map(([command, { who, unless = {}, to }]) => [
        stage,
        command,
        who.join(' '),
        Object.keys(unless).join(' '),
        to.join(' \\| '),
      ]),
    ),
  ),
  `At most ${EXTENSIONS_MAX} extensions of a milestone, as far in all as its policy says. ` +
    'One open proposal per kind and milestone; one of the other side supersedes it.',
];
