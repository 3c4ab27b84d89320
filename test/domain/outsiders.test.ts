/**
 * Owns what those may do whom the terms name without making them a party: a payer, and an external
 * handler of disputes. All else is answered to them as to an observer, who has no rights.
 * Must not know how an observer is answered (`agreement.test.ts`, `milestone.test.ts`).
 */
import type { Escrow } from '../../domain/escrow';
import { ACTIVE, AGREED, act, ask, escrowOf, isName, outcome, PAYER, play, SENT } from './sample';
import {
  AGREEMENT_COMMANDS,
  DISPUTED,
  inSituation,
  isCommand,
  MILESTONE_COMMANDS,
  SITUATIONS,
  STARTED,
} from './stages';
import { type Cell, testTable } from './table';

const OUTSIDERS = ['payer', 'handler'];

function answerIn(escrow: Escrow, { by, command }: Cell): string {
  if (!isName(by) || !isCommand(command)) throw new Error(`no ${by} or no ${command}`);
  const body = MILESTONE_COMMANDS.some((each) => each === command) ? { milestone: 'mil_1' } : {};
  const [own, observers] = [by, 'observer' as const].map((name) =>
    outcome(ask(escrow, name, command, command === 'fund' ? {} : body)),
  );
  return own === observers ? 'as an observer' : `${own}`;
}

const MILESTONE_TABLE = `
# stage   dispute                  by       command          what comes out
started   -                        handler  dispute          disputed
started   disputed                 handler  dispute          ! in_dispute
started   disputed                 handler  submit_evidence  evidence_added
started   with_handler|unanswered  handler  resolve          ruled
started   disputed                 handler  resolve          ! conditions_unmet
*         *                        *        *                as an observer
`;

describe('a command about a milestone, given by who is no party', () => {
  const axes = { situations: SITUATIONS, actors: OUTSIDERS, commands: MILESTONE_COMMANDS };
  testTable(MILESTONE_TABLE, { ...axes, words: { started: STARTED, disputed: DISPUTED } }, (cell) =>
    answerIn(inSituation(cell.stage, cell.dispute, 'outsiders'), cell),
  );
});

const WHOLE_TABLE = `
# stage        order             by     command  what comes out
sent           accept_first      payer  fund     ! conditions_unmet
sent           fund_first|any    payer  fund     funded, due_completed
agreed         accept_first|any  payer  fund     funded, due_completed, started
active         *                 payer  fund     ! limit_reached
*              *                 *      *        as an observer
`;

const ACTS: { readonly [stage: string]: readonly string[] } = {
  draft: [],
  sent: SENT,
  agreed: AGREED,
  active: ACTIVE,
};

const ORDERS = ['accept_first', 'fund_first', 'any'] as const;

describe('a command about the whole escrow, given by who is no party', () => {
  const situations = [
    ...['draft', 'sent'].flatMap((stage) => ORDERS.map((order) => [stage, order] as const)),
    ['agreed', 'accept_first'],
    ['agreed', 'any'],
    ['active', 'accept_first'],
    ['closed', 'accept_first'],
  ] as const;
  const axes = { situations, actors: OUTSIDERS, commands: AGREEMENT_COMMANDS };
  testTable(WHOLE_TABLE, { ...axes, words: {} }, (cell) => {
    const order = ORDERS.find((each) => each === cell.dispute);
    if (!order) throw new Error(`no order ${cell.dispute}`);
    const draft = escrowOf({
      funding: { order, by: [PAYER] },
      dispute_handler: { kind: 'arbitration', handler: 'acc_handler' },
    });
    const escrow =
      cell.stage === 'closed'
        ? act(play(draft, ...ACTIVE), 'seller', 'cancel')
        : play(draft, ...(ACTS[cell.stage] ?? []));
    return answerIn(escrow, cell);
  });
});
