/**
 * Owns quoting fees before anything exists: the rules that take an escrow are asked about nameless
 * parties, and its numbers are shown as the escrow would show them. Reads and writes nothing.
 * Must not know how a fee is spread.
 */
import { toInstant } from '../domain/calendar';
import type { Draft } from '../domain/draft';
import { drafted } from '../domain/drafting';
import { type Endpoint, endpoint, type Given, read } from './endpoint';
import { readJson } from './json';
import { readPolicy } from './policy-row';
import { isProblem, type Problem, problem, refusedAs } from './problem';
import { feeQuoteAnswer, quoteQuery, quoteTerms } from './schemas/fee-quotes';
import { quoteView } from './views/fee-quote';

type Asked = Given<typeof quoteTerms>;

const quote = endpoint({
  method: 'get',
  path: '/v1/fees/quote',
  operationId: 'quoteFees',
  tag: 'Escrows',
  summary: 'What fees come to, before anything exists',
  description:
    'What the buyers pay in all, what each recipient nets, what the broker, the platform and the ' +
    'tax office get, in all and by milestone: the numbers that an escrow with these fees shows.',
  right: 'party',
  query: quoteQuery,
  answers: { 200: { about: "Each side's numbers.", schema: feeQuoteAnswer } },
  problems: ['amount_mismatch', 'malformed', 'not_supported'],
  handle: async ({ api, caller, query }) => {
    const asked = readTerms(query);
    if (isProblem(asked)) return asked;
    const { policy } = await readPolicy(api.database, caller);
    const made = drafted(draftOf(query, asked), policy);
    if (made.ok) return { status: 200, body: quoteView(made.terms) };
    return refusedAs(
      made.problems.map(({ pointer, ...rest }) =>
        pointer === undefined ? rest : { ...rest, pointer: askedAt(query, pointer) },
      ),
    );
  },
});

/** The parameters that are JSON, or what is wrong inside of them. */
function readTerms({ amounts, milestones, fees }: Given<typeof quoteQuery>): Asked | Problem {
  const value: Record<string, unknown> = { milestones: amounts ?? [], fees: [] };
  for (const [name, text] of Object.entries({ milestones, fees })) {
    if (text === undefined) continue;
    const parsed = readJson(new TextEncoder().encode(text));
    if (isProblem(parsed)) return inside(name, parsed);
    value[name] = parsed.value;
  }
  const terms = read(quoteTerms, value);
  if (!('errors' in terms)) return terms.value;
  const errors = terms.errors.map((error) => ({
    ...error,
    pointer: askedAt({ amounts }, error.pointer),
  }));
  return problem('malformed_parameter', errors[0]?.detail, { errors });
}

function inside(name: string, { detail, errors = [] }: Problem): Problem {
  const all = errors.map((error) => ({ ...error, pointer: `/${name}${error.pointer}` }));
  const none = [{ pointer: `/${name}`, code: 'wrong_format', detail: detail ?? 'no JSON' }];
  return problem('malformed_parameter', detail, { errors: all.length > 0 ? all : none });
}

/** `/milestones/1/amount`, where amounts alone were given: `/amounts/1`. */
const askedAt = ({ amounts }: { readonly amounts?: unknown }, pointer: string): string =>
  amounts === undefined ? pointer : pointer.replace(/^\/milestones(\/\d+)?.*/, '/amounts$1');

/** Nobody has a name yet; what is said about time plays no part. */
function draftOf(
  { currency, parties }: Given<typeof quoteQuery>,
  { milestones, fees }: Asked,
): Draft {
  const hasCommission = fees.some(({ kind }) => kind === 'broker_commission');
  const broker = hasCommission ? (['broker'] as const) : [];
  const roles = parties ?? (['buyer', 'seller', ...broker] as const);
  return {
    title: 'A quote',
    type: milestones.length === 1 ? 'one_off' : 'milestone',
    currency,
    parties: roles.map((role, at) => ({ id: `pty_${at}`, account_id: `acc_${at}`, role })),
    milestones: milestones.map((milestone, at) => ({
      ...milestone,
      id: `mil_${at}`,
      title: 'A quote',
      due_at: toInstant(0),
    })),
    fees,
  };
}

export const feeQuoteRoutes: readonly Endpoint[] = [quote];
