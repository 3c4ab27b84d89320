/**
 * Owns the way between HTTP and a route: reading the request, naming the actor, sending the answer
 * with its headers. Everything that fails on the way is answered as a problem.
 * Must not know any resource.
 */
import type { Request, RequestHandler, Response } from 'express';
import type { Caller } from './actor';
import type { Api } from './dependencies';
import { type Endpoint, type Incoming, isUnsafe, type RequestFacts, type Result } from './endpoint';
import { readJson } from './json';
import type { OpenEndpoint } from './open-endpoint';
import { mayNotCall } from './permissions';
import { isProblem, type Problem, problem, problemAnswer } from './problem';

/** What the middlewares have found out about a request before its route is asked. */
export type Found = {
  readonly id: string;
  readonly caller: Caller | Problem;
};

/** Handles a route that needs a key. */
export const serve =
  (api: Api, endpoint: Endpoint): RequestHandler =>
  async (request, response) => {
    const found = foundOf(response);
    const incoming = await incomingOf(api, endpoint, request, found);
    send(request, response, isProblem(incoming) ? incoming : await endpoint.run(incoming));
  };

/** Handles a route that anybody may call. */
export const serveOpen =
  (api: Api, { answer }: OpenEndpoint, document: () => string): RequestHandler =>
  async (request, response) => {
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
    const result = await answer({
      api,
      params: plainParams(request),
      body: bytesOf(request),
      headers: Object.fromEntries(headers),
      document,
    });
    send(request, response, result);
  };

async function incomingOf(
  api: Api,
  { reference }: Endpoint,
  request: Request,
  { id, caller }: Found,
): Promise<Incoming | Problem> {
  if (isProblem(caller)) return caller;
  const params = plainParams(request);
  const forbidden = mayNotCall(reference.right, caller, params.id);
  if (forbidden) return forbidden;
  const key = isUnsafe(reference) ? idempotencyKeyOf(request) : '';
  if (isProblem(key)) return key;
  const expectedVersion = expectedVersionOf(request);
  if (isProblem(expectedVersion)) return expectedVersion;
  const body = bodyOf(request);
  if (isProblem(body)) return body;
  const facts: Omit<RequestFacts, 'hash'> = {
    id,
    path: request.path,
    route: `${request.method} ${reference.path}`,
    header: (name) => request.get(name),
    idempotencyKey: key,
    expectedVersion,
  };
  return { api, caller, params, query: request.query, body: body.value, request: facts };
}

function bodyOf(request: Request): { readonly value: unknown } | Problem {
  const bytes = bytesOf(request);
  if (bytes.length > 0 && !/^application\/json\s*(;|$)/i.test(request.get('content-type') ?? '')) {
    return problem('unsupported_media_type');
  }
  return readJson(bytes);
}

/** The body as `express.raw` has left it; without one it leaves something else. */
function bytesOf(request: Request): Uint8Array {
  const body: unknown = request.body;
  return body instanceof Uint8Array ? body : new Uint8Array();
}

const plainParams = (request: Request): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(request.params).map(([name, value]) => [name, String(value)]));

function idempotencyKeyOf(request: Request): string | Problem {
  const key = request.get('idempotency-key');
  if (key === undefined || key === '') return problem('missing_idempotency_key');
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return key;
  return problem('malformed_header', 'An Idempotency-Key has 1 to 255 visible characters.');
}

/** The version of a strong ETag; `*` is any. */
function expectedVersionOf(request: Request): number | null | Problem {
  const tag = request.get('if-match')?.trim();
  if (tag === undefined || tag === '*') return null;
  const version = /^"(\d{1,9})"$/.exec(tag)?.[1];
  if (version !== undefined) return Number(version);
  return /^(W\/)?"[^"]*"$/.test(tag)
    ? problem('stale_version', 'If-Match names no version of ours.')
    : problem('malformed_header', 'If-Match: "7"');
}

/** Where an object can be looked up. */
const ADDRESSES: Readonly<Record<string, string>> = {
  account: '/v1/accounts/',
  escrow: '/v1/escrows/',
  payment: '/v1/payments/',
  test_clock: '/v1/test_clocks/',
};

/** Sends what a route has answered. */
export function send(request: Request, response: Response, result: Result): void {
  const { id } = foundOf(response);
  const answer = isProblem(result) ? problemAnswer(result, { id, path: request.path }) : result;
  const { status, body } = answer;
  const headers = answer.headers ?? {};
  response.status(status).set(headersOf(status, body)).set(headers);
  if (status === 204) response.end();
  else if (headers['Content-Type']) response.send(body);
  else {
    response.type(status < 400 ? 'application/json' : 'application/problem+json');
    response.send(Buffer.from(JSON.stringify(body)));
  }
}

/** ETag and Location follow from the object itself, so a replay has them too. */
function headersOf(status: number, body: unknown): Record<string, string> {
  if (typeof body !== 'object' || body === null) return {};
  const { object, id, version } = { object: '', id: '', version: null, ...body };
  const address = ADDRESSES[String(object)];
  return {
    ...(typeof version === 'number' && isWhole(status) ? { ETag: `"${version}"` } : {}),
    ...(status === 201 && address ? { Location: `${address}${id}` } : {}),
  };
}

/** The answer is the object itself: a 202 shows something on the way to it. */
const isWhole = (status: number): boolean => status === 200 || status === 201;

const foundOf = (response: Response): Found => response.locals.found as Found; // set by `app.ts`
