/**
 * Owns the Express app: what every request goes through, then its route. Put together from plain
 * functions with what they need passed in.
 * Must not know any resource (`routes.ts`).
 */
import express, {
  type ErrorRequestHandler,
  type Express,
  type RequestHandler,
  type Response,
} from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import helmet from 'helmet';
import { z } from 'zod';
import { API_VERSION } from '../runtime/version';
import { createAuthenticate } from './actor';
import type { Api } from './dependencies';
import type { Reference } from './endpoint';
import { pointerTo } from './json';
import { openApiDocument } from './openapi';
import { isProblem, problem } from './problem';
import { noteRoute, requestLog, requestMetrics } from './request-log';
import { OPEN_ROUTES, ROUTES } from './routes';
import { type Found, send, serve, serveOpen } from './serve';
import { databaseErrorOf } from './sql';

const BODY_MAX = '256kb';

/** The API as something that a HTTP server can be made of. */
export function createApp(api: Api): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag'); // ours are versions
  app.set('query parser', 'simple'); // `created_at[gte]` is a name
  app.use(requestLog(api.log), requestMetrics(api.metrics));
  app.use(helmet({ contentSecurityPolicy: { useDefaults: false, directives: NOTHING } }));
  app.use((_request, response, next) => {
    const nobody: Found = { id: idOf(response), caller: problem('unauthenticated') };
    response.locals.found = nobody;
    response.set({ 'Cache-Control': 'no-store', 'Holdfast-Version': API_VERSION });
    next();
  });
  app.use('/v1', whoAsks(api), limitRates(api), refuseZero);
  app.use(express.raw({ type: () => true, limit: BODY_MAX, inflate: false }));
  mount(app, api);
  app.use(noRoute);
  app.use(failureHandler(api));
  return app;
}

/** As the log has taken or made it. */
const idOf = (response: Response): string => response.get('X-Request-Id') ?? '';

/** An API shows nothing in a browser; the reference page has a policy of its own. */
const NOTHING = { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] };

function mount(app: Express, api: Api): void {
  const document = documentOnce();
  const add = ({ method, path }: Pick<Reference, 'method' | 'path'>, handler: RequestHandler) => {
    app[method](path.replace(/\{(\w+)\}/g, ':$1'), noteRoute(path), handler);
  };
  for (const route of OPEN_ROUTES) add(route.reference, serveOpen(api, route, document));
  for (const route of ROUTES) add(route.reference, serve(api, route));
}

/** No route has answered: the address does not know the method, or there is none. */
const noRoute: RequestHandler = (request, response) => {
  const known = [...OPEN_ROUTES, ...ROUTES].filter(({ reference: { path } }) =>
    new RegExp(`^${path.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/]+')}/?$`).test(
      request.path,
    ),
  );
  if (known.length === 0) return send(request, response, problem('not_found'));
  const methods = known.map(({ reference }) => reference.method.toUpperCase());
  const headers = { Allow: methods.join(', ') };
  send(request, response, problem('method_not_allowed', undefined, { headers }));
};

/** Made when somebody asks for it, and kept. */
function documentOnce(): () => string {
  let made: string | null = null;
  return () => {
    made ??= JSON.stringify(openApiDocument([...ROUTES, ...OPEN_ROUTES]));
    return made;
  };
}

/** Names the actor before anything else is decided; an open route does not ask for him. */
function whoAsks({ database }: Api): RequestHandler {
  const authenticate = createAuthenticate(database);
  return async (request, response, next) => {
    const caller = await authenticate({
      authorization: request.get('authorization'),
      onBehalfOf: request.get('on-behalf-of'),
    });
    response.locals.found = { id: idOf(response), caller } satisfies Found;
    next();
  };
}

/** PostgreSQL stores no U+0000: nothing of ours has it in its name, no filter asks for it. */
const refuseZero: RequestHandler = (request, response, next) => {
  if (request.path.includes('%00')) return send(request, response, problem('not_found'));
  const [, ...query] = request.url.split('?');
  const asked = [...new URLSearchParams(query.join('?'))];
  const names = asked.filter((pair) => pair.join('').includes('\0'));
  if (names.length === 0) return next();
  const errors = names.map(([name]) => ({
    pointer: pointerTo([name]),
    code: 'unusable_text',
    detail: 'text must not hold U+0000',
  }));
  send(request, response, problem('malformed_parameter', errors[0]?.detail, { errors }));
};

const WINDOW_MS = 60_000;
/** Who shows no key that works gets this part of the limit, per address. */
const STRANGERS_PART = 10;

function limitRates({ settings }: Api): RequestHandler {
  const limit = settings.HOLDFAST_RATE_LIMIT;
  const callerOf = (locals: Record<string, unknown>): Found['caller'] | undefined =>
    (locals.found as Found | undefined)?.caller; // set by `whoAsks`
  return rateLimit({
    windowMs: WINDOW_MS,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    limit: (_request, response) => {
      const caller = callerOf(response.locals);
      const isKnown = caller && !isProblem(caller);
      return isKnown ? limit : Math.max(1, Math.ceil(limit / STRANGERS_PART));
    },
    keyGenerator: (request, response) => {
      const caller = callerOf(response.locals);
      if (caller && !isProblem(caller)) return caller.credential;
      return ipKeyGenerator(request.ip ?? '');
    },
    skip: (request) => request.path.startsWith('/webhooks/'), // a provider repeats what we refuse
    handler: (request, response) => send(request, response, problem('rate_limited')),
  });
}

const bodyError = z.object({ status: z.int().min(400).max(499), type: z.string() });

/** What the body parser refuses is the caller's mistake; an outage may pass; the rest is ours. */
function failureHandler({ log }: Api): ErrorRequestHandler {
  return (error, request, response, next) => {
    if (response.headersSent) return next(error);
    const refused = bodyError.safeParse(error);
    if (refused.success) {
      const isLarge = refused.data.status === 413;
      const code = isLarge ? 'body_too_large' : 'unsupported_media_type';
      return send(request, response, problem(code));
    }
    if (error instanceof URIError) return send(request, response, problem('not_found'));
    log.error({ err: error, request_id: idOf(response) }, 'a request failed');
    const headers = { 'Retry-After': '1' };
    const code = isOutage(error) ? 'unavailable' : 'internal';
    send(request, response, problem(code, undefined, { headers }));
  };
}

/** Connection, resources, operator's intervention, locks: not the statement's fault. */
function isOutage(error: unknown): boolean {
  const state = databaseErrorOf(error)?.state ?? '';
  const isAway = /^(08|53|57|40|55|ECONN|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_)/.test(state);
  return isAway || /timeout exceeded|Connection terminated/.test(messageOf(error));
}

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error ? String(error.message) : '';
