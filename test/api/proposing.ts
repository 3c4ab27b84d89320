/**
 * Owns proposals that tests of the API make and answer, and how they look at what came of it.
 * Must not know what is tested.
 */
import type { Deal } from './people';
import { type Answered, at, each, type Stack, textAt } from './stack';

export const refusal = (status: number, code: string) => ({ status, body: { code } });
export const idOf = (body: unknown, n = 0): string => textAt(body, 'proposals', n, 'id');
export const days = (count: number): string =>
  new Date(Date.now() + count * 86_400_000).toISOString();

/** What people ask of a deal, each request sent twice. */
export function proposing(stack: () => Stack) {
  const ask = (path: string, body: object, as: string): Promise<Answered> =>
    stack().twice('POST', path, body, { as });
  return {
    ask,
    propose: (deal: Deal, as: string, kind: string, content: object) =>
      ask(`${deal.path}/proposals`, { kind, content, reason: 'As we said.' }, as),
    accept: (deal: Deal, id: string, as: string) =>
      ask(`${deal.path}/proposals/${id}/accept`, {}, as),
    eventsOf: async ({ path }: Deal): Promise<readonly unknown[]> =>
      each((await stack().get(`${path}/events?order=asc&limit=100`)).body, 'type'),
    isProved: async ({ path }: Deal): Promise<void> => {
      const proof = await stack().get(`${path}/proof`);
      expect(proof).toMatchObject({ status: 200, body: { ok: true } });
    },
    walletOf: async (account: string): Promise<unknown> =>
      at((await stack().get(`/v1/accounts/${account}/balances`)).body, 'data', 0, 'available') ?? 0,
  };
}
