/**
 * Owns what a process may write about itself: JSON lines with allow-listed fields, and no
 * secret in any text.
 * Must not know where the lines go.
 */
import type { Logger as EngineLogger, LogLevel, LogMetadata } from '@temporalio/common';
import pino, { type Logger } from 'pino';

export type Log = Logger;

/** The fields that may be logged. Any other is left out, and its name is logged instead. */
export const LOG_FIELDS = [
  'account',
  'actor',
  'address',
  'attempt',
  'code',
  'command',
  'command_id',
  'connection',
  'count',
  'dispute',
  'duration_ms',
  'effect',
  'err',
  'escrow',
  'event',
  'failpoints',
  'kind',
  'left_out',
  'livemode',
  'method',
  'milestone',
  'name',
  'namespace',
  'outcome',
  'pid',
  'platform',
  'port',
  'process',
  'provider',
  'reason',
  'reference',
  'request_id',
  'role',
  'route',
  'run_id',
  'settings',
  'signal',
  'state',
  'status',
  'task_queue',
  'traceparent',
  'version',
  'workflow_id',
] as const;

const ALLOWED: ReadonlySet<string> = new Set(LOG_FIELDS);

/**
 * The log of a process; `process` (api, worker, sandbox) stands on each line. Children carry
 * `request_id`, `escrow` and `workflow_id`: `log.child({ request_id })`.
 */
export function createLog(
  { process, level }: { process: string; level: string },
  destination: pino.DestinationStream = pino.destination({ dest: 1, sync: true }),
): Log {
  const options: pino.LoggerOptions = {
    level,
    base: { process },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: {
      level: (label) => ({ level: label }),
      log: allowedOnly,
    },
    serializers: { err: describeError },
    hooks: {
      logMethod(args, method) {
        const [first, ...rest] = args as unknown[];
        const scrubbed = [scrubText(first), ...rest.map(scrubText)];
        return method.apply(this, scrubbed as Parameters<typeof method>);
      },
    },
  };
  const log = pino(options, destination);
  const makeChild: unknown = Reflect.get(log, 'child');
  if (typeof makeChild !== 'function') throw new Error('this pino has no children');
  // Pino does not ask its formatter for the fields of a child; children inherit this method.
  const child = function (this: Log, bindings: pino.Bindings, childOptions?: object): Log {
    return makeChild.call(this, allowedOnly(bindings), childOptions);
  };
  return Object.assign(log, { child });
}

const scrubText = (value: unknown): unknown => (typeof value === 'string' ? scrub(value) : value);

function allowedOnly(fields: Record<string, unknown>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  const dropped: string[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (ALLOWED.has(name)) kept[name] = scrubText(value);
    else dropped.push(name);
  }
  return dropped.length > 0 ? { ...kept, left_out: dropped } : kept;
}

/** Type, message, stack and code of an error and its causes; no other field of it. */
function describeError(error: unknown): unknown {
  if (!(error instanceof Error)) return scrub(String(error));
  return {
    type: error.name,
    message: scrub(error.message),
    stack: scrub(error.stack ?? ''),
    ...('code' in error ? { code: String(error.code) } : {}),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

const SECRETS: readonly (readonly [RegExp, string])[] = [
  [/\b(hf_(?:test|live)_[0-9A-Za-z]{0,12})_[0-9A-Za-z]+/g, '$1_[redacted]'],
  [/\b(postgres(?:ql)?:\/\/[^:@\s/]*):[^@\s]+@/g, '$1:[redacted]@'],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 [redacted]'],
  [/\bwhsec_[\w+/=-]+/g, 'whsec_[redacted]'],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----/g, '[redacted]'],
];

/** The text without API keys, passwords in URLs, tokens, webhook secrets and private keys. */
export const scrub = (text: string): string =>
  SECRETS.reduce((rest, [pattern, instead]) => rest.replace(pattern, instead), text);

const ENGINE_FIELDS: Readonly<Record<string, string>> = {
  workflowId: 'workflow_id',
  runId: 'run_id',
  taskQueue: 'task_queue',
  attempt: 'attempt',
  activityType: 'name',
  workflowType: 'name',
  namespace: 'namespace',
  error: 'err',
  // what workflow code says of itself
  command: 'command',
  effect: 'effect',
  reason: 'reason',
};

/** The same log in the form that the Temporal SDK wants (`Runtime.install`, activity logs). */
export function engineLog(log: Log): EngineLogger {
  const write = (level: LogLevel, message: string, meta: LogMetadata = {}): void => {
    const fields = Object.entries(meta).flatMap(([name, value]) => {
      const ours = ENGINE_FIELDS[name];
      return ours ? [[ours, value]] : [];
    });
    log[PINO_LEVELS[level]](Object.fromEntries(fields), message);
  };
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}

const PINO_LEVELS = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
} as const satisfies Record<LogLevel, string>;
