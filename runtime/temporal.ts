/**
 * Owns the connection to Temporal: address, TLS, namespace, search attributes.
 * Must not know any workflow, or what a search attribute means.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection, isGrpcServiceError, type TLSConfig } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { SettingsWith } from './env';

/** Search attributes of an escrow workflow (`temporal.md`, section 12); no personal data. */
export const SEARCH_ATTRIBUTES = {
  EscrowStatus: 'KEYWORD',
  EscrowPlatform: 'KEYWORD',
  EscrowCurrency: 'KEYWORD',
  EscrowDispute: 'KEYWORD',
  EscrowRulebook: 'KEYWORD',
  EscrowAmountMinor: 'INT',
  EscrowDeadlineAt: 'DATETIME',
  EscrowTest: 'BOOL',
  EscrowParties: 'KEYWORD_LIST',
  EscrowArbiters: 'KEYWORD_LIST',
  EscrowFlags: 'KEYWORD_LIST',
} as const;

type TemporalSettings = Pick<
  SettingsWith<'TEMPORAL_ADDRESS'>,
  | 'TEMPORAL_ADDRESS'
  | 'TEMPORAL_NAMESPACE'
  | 'TEMPORAL_TLS'
  | 'TEMPORAL_TLS_CA'
  | 'TEMPORAL_TLS_CERT'
  | 'TEMPORAL_TLS_KEY'
  | 'TEMPORAL_TLS_SERVER_NAME'
  | 'TEMPORAL_API_KEY'
>;

/** What both kinds of connection take: `Connection` here, `NativeConnection` of a worker. */
export type ConnectionSettings = {
  readonly address: string;
  readonly tls?: TLSConfig | true;
  readonly apiKey?: string;
};

/** Reads the certificate files. Throws when one cannot be read. */
export function connectionSettings(settings: TemporalSettings): ConnectionSettings {
  const apiKey = settings.TEMPORAL_API_KEY;
  const tls = tlsOf(settings);
  return {
    address: settings.TEMPORAL_ADDRESS,
    ...(tls ? { tls } : {}),
    ...(apiKey ? { apiKey } : {}),
  };
}

function tlsOf(settings: TemporalSettings): TLSConfig | true | null {
  const name = settings.TEMPORAL_TLS_SERVER_NAME;
  const authority = settings.TEMPORAL_TLS_CA;
  const certificate = settings.TEMPORAL_TLS_CERT;
  const key = settings.TEMPORAL_TLS_KEY;
  if (!name && !authority && !certificate) {
    return settings.TEMPORAL_TLS || settings.TEMPORAL_API_KEY ? true : null;
  }
  return {
    ...(name ? { serverNameOverride: name } : {}),
    ...(authority ? { serverRootCACertificate: readFileSync(authority) } : {}),
    ...(certificate && key
      ? { clientCertPair: { crt: readFileSync(certificate), key: readFileSync(key) } }
      : {}),
  };
}

/**
 * A client on a connection that is made with the first call and mended by itself, so that the
 * API can start, and read, while the engine is away. The caller closes `connection`.
 */
export function openTemporal(settings: TemporalSettings): Client {
  const connection = Connection.lazy(connectionSettings(settings));
  return new Client({ connection, namespace: settings.TEMPORAL_NAMESPACE });
}

/** A day less than a month would lose histories that a dispute may still ask for. */
const RETENTION_SECONDS = 30 * 24 * 3600;
const ATTEMPTS_MAX = 60;
const PAUSE_MS = 500;

/**
 * Makes sure that the namespace is there and has our search attributes. Repeats while the server
 * is not ready (30 s). Throws with the commands to type where we may not do it (Temporal Cloud).
 */
export async function prepareNamespace(client: Client): Promise<void> {
  const { namespace } = client.options;
  try {
    await persist(() => ensureNamespace(client, namespace));
    await persist(() => ensureSearchAttributes(client, namespace));
  } catch (error) {
    if (!isGrpcServiceError(error) || !FORBIDDEN.has(error.code)) throw error;
    throw new Error(`we may not prepare the namespace; ${byHand(namespace)}`, { cause: error });
  }
}

async function ensureNamespace({ workflowService }: Client, namespace: string): Promise<void> {
  try {
    await workflowService.describeNamespace({ namespace });
    return;
  } catch (error) {
    if (!isGrpcServiceError(error) || error.code !== NOT_FOUND) throw error;
  }
  await workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: RETENTION_SECONDS as never },
  });
  // The server's caches learn of it late; until then this fails and is repeated.
  await workflowService.describeNamespace({ namespace });
}

async function ensureSearchAttributes(client: Client, namespace: string): Promise<void> {
  const { operatorService } = client.connection;
  const known = await operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(SEARCH_ATTRIBUTES).filter(
    ([name]) => known.customAttributes[name] === undefined,
  );
  if (missing.length === 0) return;
  const types = temporal.api.enums.v1.IndexedValueType;
  const searchAttributes = Object.fromEntries(
    missing.map(([name, kind]) => [name, types[`INDEXED_VALUE_TYPE_${kind}`]]),
  );
  await operatorService.addSearchAttributes({ namespace, searchAttributes });
  throw new NotYet(`search attributes of ${namespace}`); // asked for; the next look finds them
}

/** What we have asked for is not there yet. */
class NotYet extends Error {}

const NOT_FOUND = 5;
const ALREADY_EXISTS = 6;
const UNAVAILABLE = 14;
const DEADLINE_EXCEEDED = 4;
const PASSING = new Set([NOT_FOUND, ALREADY_EXISTS, UNAVAILABLE, DEADLINE_EXCEEDED]);
const FORBIDDEN = new Set([7, 12, 16]); // permission denied, not implemented, not authenticated

async function persist(step: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await step();
      return;
    } catch (error) {
      const passing =
        error instanceof NotYet || (isGrpcServiceError(error) && PASSING.has(error.code));
      if (!passing || attempt === ATTEMPTS_MAX) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/** The commands for an operator, where the namespace is not ours to change. */
function byHand(namespace: string): string {
  const names: Record<string, string> = {
    KEYWORD: 'Keyword',
    INT: 'Int',
    DATETIME: 'Datetime',
    BOOL: 'Bool',
    KEYWORD_LIST: 'KeywordList',
  };
  const lines = Object.entries(SEARCH_ATTRIBUTES).map(
    ([name, kind]) =>
      `  temporal operator search-attribute create --namespace ${namespace} ` +
      `--name ${name} --type ${names[kind]}`,
  );
  return ['an administrator types:', ...lines].join('\n');
}
