/**
 * Owns the way between HTTP and the bank's replies: who is calling, what time he has, the answer.
 * Must not know what is asked for.
 */
import type { Request, RequestHandler, Response } from 'express';
import { type Instant, readInstant } from '../domain/calendar';
import type { Bank } from './bank';
import { connectionOf } from './connections';
import { type Reply, refuse } from './replies';

/** Sends a reply as JSON. */
export function answerWith(response: Response, { status, body, headers = {} }: Reply): void {
  response.status(status).type('application/json').set(headers).send(JSON.stringify(body));
}

/** A route that anybody on this machine may call. */
export const open =
  (handle: (request: Request) => Promise<Reply>): RequestHandler =>
  async (request, response) => {
    answerWith(response, await handle(request));
  };

export type Caller = {
  readonly connection: string;
  readonly sees: Instant | null; // Sandbox-Now: the time of his clock when he asked
};
type Handle = (request: Request, caller: Caller, response: Response) => Promise<Reply | null>;

/** A route of a connection. A handler that returns null has dealt with the answer itself. */
export const closed =
  (bank: Bank, handle: Handle): RequestHandler =>
  async (request, response) => {
    const connection = await connectionOf(bank, request.get('authorization'));
    if (connection === null) return answerWith(response, refuse(401, 'token_unknown'));
    const said = request.get('sandbox-now');
    const sees = said === undefined ? null : readInstant(said);
    if (said !== undefined && sees === null) {
      return answerWith(response, refuse(400, 'malformed', { detail: 'Sandbox-Now' }));
    }
    const reply = await handle(request, { connection, sees }, response);
    if (reply !== null) answerWith(response, reply);
  };

/** The parsed JSON body; undefined when there is none, or when it is of another type. */
export function bodyOf(request: Request): unknown {
  const body: unknown = request.body;
  return body;
}
