/**
 * Owns one HTTP exchange with a provider: time limits, size limit, no redirects, no second try;
 * and whether anything can have left when it went wrong (`providers.md`, section 1).
 * Must not know a provider, or what its answers mean.
 */
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { type Millis, seconds } from '../domain/calendar';

const BYTES_MAX = 1024 * 1024;

export type Limits = { readonly connect: Millis; readonly whole: Millis };
export const LIMITS: Limits = { connect: seconds(5), whole: seconds(30) };

export type Asked = {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly limits: Limits;
};
export type Exchange =
  | {
      readonly type: 'answered';
      readonly status: number;
      readonly body: string;
      readonly retryAfter: Millis | null;
    }
  | { readonly type: 'not_sent'; readonly cause: string } // no connection, so no byte left
  | { readonly type: 'broken'; readonly cause: string }; // it may have arrived

/** One exchange on a connection of its own. Never throws. */
export function exchange(asked: Asked): Promise<Exchange> {
  return new Promise((resolve) => {
    let connected = false;
    const secure = asked.url.protocol === 'https:';
    const request = (secure ? requestHttps : requestHttp)(asked.url, {
      method: asked.method,
      agent: false, // a kept connection can die under a request, and nobody knows if it arrived
      headers: headersOf(asked),
    });
    const end = (result: Exchange) => {
      clearTimeout(connecting);
      clearTimeout(whole);
      resolve(result);
      request.destroy();
    };
    const fail = (cause: string) => end({ type: connected ? 'broken' : 'not_sent', cause });
    const connecting = setTimeout(() => {
      if (!connected) fail('connect time-out');
    }, asked.limits.connect);
    const whole = setTimeout(() => fail('time-out'), asked.limits.whole);
    request.on('socket', (socket) => {
      connected = !secure && !socket.connecting;
      socket.once(secure ? 'secureConnect' : 'connect', () => {
        connected = true;
      });
    });
    request.on('error', (error) => fail(causeOf(error)));
    request.on('response', (response) => {
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > BYTES_MAX) fail('answer above 1 MiB');
        else chunks.push(chunk);
      });
      response.on('error', (error) => fail(causeOf(error)));
      response.on('end', () =>
        end({
          type: 'answered',
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks).toString('utf8'),
          retryAfter: waitOf(response.headers['retry-after']),
        }),
      );
    });
    request.end(asked.body ?? undefined);
  });
}

function headersOf({ body, headers }: Asked): Record<string, string> {
  const base = { Accept: 'application/json', 'Accept-Encoding': 'identity', ...headers };
  if (body === null) return base;
  return {
    ...base,
    'Content-Type': 'application/json',
    'Content-Length': String(Buffer.byteLength(body)),
  };
}

const causeOf = (error: Error): string =>
  'code' in error && typeof error.code === 'string' ? error.code : error.name;

/** `Retry-After` in seconds; other forms of it are not used by anybody we call. */
const waitOf = (header: string | undefined): Millis | null =>
  header !== undefined && /^\d{1,6}$/.test(header) ? seconds(Number(header)) : null;
