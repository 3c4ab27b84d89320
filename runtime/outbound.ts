/**
 * Owns posting to addresses that somebody else has chosen: https to public addresses alone, no
 * redirects, limits of time and size. Checked when an address is given and at each connection.
 * Must not know what is posted. Source: `security.md`, section 11.
 */
import { Agent, type IncomingMessage, request as requestPlainly } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { performance } from 'node:perf_hooks';
import { parse, parseCIDR } from 'ipaddr.js';
import { RequestFilteringHttpsAgent } from 'request-filtering-agent';

/** What came of a post: a status, or the reason why there is none. Times in ms, pauses in s. */
export type Posted = {
  readonly status: number | null;
  readonly error: string | null;
  readonly latency_ms: number;
  /** The first characters of the body. */
  readonly answer: string;
  readonly retry_after: number | null;
};

export type Post = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Development: this machine may be called too. */
  readonly local: boolean;
  /** Ends it early; it then says `stopped`. */
  readonly stop?: AbortSignal;
  /** How names are looked up; unset: as the system does. */
  readonly lookup?: LookupFunction;
};

const LIMIT_MS = 15_000;
const ANSWER_BYTES_MAX = 16_384;
const ANSWER_SHOWN = 1_000;
const RETRY_AFTER_MAX = 86_400;
const PORTS = ['', '443', '8443'];

/**
 * Why an address may not be posted to, as a sentence; null when it may. Names are looked up only
 * when they are connected to: what stands behind one can change.
 */
export function whyNotTo(address: string, local: boolean): string | null {
  if (!URL.canParse(address)) return 'not a URL';
  const url = new URL(address);
  if (url.username || url.password) return 'no credentials in a URL';
  if (local && isThisMachine(url)) return null;
  if (url.protocol !== 'https:') return 'https only';
  if (!PORTS.includes(url.port)) return 'port 443 or 8443';
  const host = hostOf(url);
  if (isIP(host) > 0) {
    return isPublic(host) ? null : 'not a public address';
  }
  return /^localhost$|\.(localhost|local|internal|home\.arpa)\.?$|^[^.]+\.?$/.test(host)
    ? 'not a public name'
    : null;
}

/** IPv4-compatible addresses (RFC 4291, section 2.5.5.1) are long gone, and were never public. */
function isPublic(host: string): boolean {
  const address = parse(host);
  const isOld = address.kind() === 'ipv6' && address.match(parseCIDR('::/96'));
  return address.range() === 'unicast' && !isOld;
}

const hostOf = (url: URL): string => url.hostname.replace(/^\[|\]$/g, '');

const isThisMachine = (url: URL): boolean =>
  /^https?:$/.test(url.protocol) && ['localhost', '127.0.0.1', '::1'].includes(hostOf(url));

const guarded = new RequestFilteringHttpsAgent({ keepAlive: true, maxFreeSockets: 64 });
const plain = new Agent({ keepAlive: true, maxFreeSockets: 64 });

/** Posts once. Never throws: what goes wrong is said. */
export async function post({ url, headers, body, local, stop, lookup }: Post): Promise<Posted> {
  const begun = performance.now();
  const limit = AbortSignal.timeout(LIMIT_MS);
  const outcome = (part: Partial<Posted>): Posted => ({
    status: null,
    error: null,
    answer: '',
    retry_after: null,
    ...part,
    latency_ms: Math.round(performance.now() - begun),
  });
  const reason = whyNotTo(url, local);
  if (reason !== null) return outcome({ error: `forbidden: ${reason}` });
  try {
    const signal = stop ? AbortSignal.any([limit, stop]) : limit;
    const options = {
      method: 'POST',
      headers: { ...headers, ...lengthOf(body) },
      signal,
      ...(lookup && { lookup }),
    };
    const response = await answerOf(new URL(url), options, body);
    const answer = await beginningOf(response);
    const retry_after = secondsOf(response.headers['retry-after']);
    return outcome({ status: response.statusCode ?? null, answer, retry_after });
  } catch (error) {
    if (stop?.aborted) return outcome({ error: 'stopped' });
    return outcome({ error: limit.aborted ? 'no answer in 15 s' : saidOf(error) });
  }
}

const lengthOf = (body: string): Record<string, number> => ({
  'content-length': Buffer.byteLength(body),
});

function answerOf(url: URL, options: RequestOptions, body: string): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    const sent =
      url.protocol === 'http:'
        ? requestPlainly(url, { ...options, agent: plain }, done)
        : request(url, { ...options, ...(isThisMachine(url) ? {} : { agent: guarded }) }, done);
    sent.once('error', fail);
    sent.end(body);
  });
}

/** The beginning of an answer; more than the limit is not read. */
async function beginningOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    chunks.push(chunk as Buffer); // no encoding is set
    size += (chunk as Buffer).length;
    if (size > ANSWER_BYTES_MAX) break; // which ends the connection
  }
  return Buffer.concat(chunks).toString('utf8').slice(0, ANSWER_SHOWN).replaceAll('\0', '\uFFFD');
}

/** RFC 9110, section 10.2.3: seconds, or a date. */
function secondsOf(header: string | undefined): number | null {
  if (header === undefined) return null;
  const seconds = /^\d{1,9}$/.test(header)
    ? Number(header)
    : Math.ceil((Date.parse(header) - Date.now()) / 1_000);
  return seconds > 0 ? Math.min(seconds, RETRY_AFTER_MAX) : null; // NaN is not above 0
}

/** What went wrong in a few words, without an address that a name stands for. */
function saidOf(error: unknown): string {
  if (!(error instanceof Error)) return 'failed';
  if (/is not allowed/.test(error.message)) return 'forbidden: not a public address';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return code.slice(0, 100);
}
