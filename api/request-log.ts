/**
 * Owns the log line and the measure of a request: allow-listed fields, the pattern of the route
 * and never the path.
 * Must not know what was asked.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RequestHandler, Response } from 'express';
import { pinoHttp } from 'pino-http';
import type { Log } from '../runtime/log';
import type { Metrics } from '../runtime/metrics';
import { newId } from './ids';

/** Ids of ours that stand in a path, by their prefixes, as fields of the log. */
const FIELDS = { esc: 'escrow', mil: 'milestone', dis: 'dispute', acc: 'account' } as const;

type Logged = { readonly duration_ms: number };

/** Takes or makes the request id, logs one line when the answer has gone out. */
export const requestLog = (log: Log): RequestHandler =>
  pinoHttp({
    logger: log,
    quietReqLogger: true,
    quietResLogger: true,
    customAttributeKeys: { reqId: 'request_id', responseTime: 'duration_ms' },
    genReqId: (request, response) => {
      const given = request.headers['x-request-id'];
      const id = typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : newId('req');
      response.setHeader('X-Request-Id', id);
      return id;
    },
    customLogLevel: (_request, response, error) => {
      if (error || response.statusCode >= 500) return 'error';
      return response.statusCode >= 400 ? 'warn' : 'info';
    },
    customProps: (request, response) => ({
      method: request.method,
      route: routeOf(response),
      status: response.statusCode,
      ...idsIn(request),
      ...(request.headers.traceparent && { traceparent: String(request.headers.traceparent) }),
    }),
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request failed',
    // Their own objects hold the whole answer.
    customSuccessObject: (_request, _response, { duration_ms }: Logged) => ({ duration_ms }),
    customErrorObject: (_request, _response, err: Error, { duration_ms }: Logged) => ({
      duration_ms,
      err,
    }),
  });

/** One observation a request, under the pattern of its route. */
export const requestMetrics =
  ({ requests }: Metrics): RequestHandler =>
  (request, response, next) => {
    const done = requests.startTimer();
    response.once('close', () => {
      done({
        method: request.method,
        route: routeOf(response),
        status: String(response.statusCode),
      });
    });
    next();
  };

/** Notes the pattern of the route for log and metrics. */
export const noteRoute =
  (pattern: string): RequestHandler =>
  (_request, response, next) => {
    response.locals.route = pattern;
    next();
  };

function routeOf(response: ServerResponse | Response): string {
  const route: unknown = 'locals' in response ? response.locals.route : undefined;
  return typeof route === 'string' ? route : 'none';
}

function idsIn({ url = '' }: IncomingMessage): Record<string, string> {
  const path = url.split('?')[0] ?? '';
  const found = Object.entries(FIELDS).flatMap(([prefix, field]) => {
    const id = new RegExp(`/(${prefix}_[A-Za-z0-9_-]{1,195})(?=/|$)`).exec(path)?.[1];
    return id ? [[field, id] as const] : [];
  });
  const ids = Object.fromEntries(found);
  return ids.escrow ? { ...ids, workflow_id: ids.escrow } : ids;
}
