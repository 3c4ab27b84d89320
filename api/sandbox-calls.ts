/**
 * Owns calling the simulated bank as the platform's own connection.
 * Must not know what the bank is asked.
 */
import type { AnyCall } from './endpoint';
import { rowOf, sql } from './sql';

export type SandboxLogin = {
  readonly url: string;
  readonly token: string;
  readonly webhookSecret: string;
};

export type SandboxReply = { readonly status: number; readonly body: unknown };

const LIMIT_MS = 5_000;

/** Where the bank is and how the caller's platform logs in; null when there is none. */
export async function sandboxOf({ api, caller }: AnyCall): Promise<SandboxLogin | null> {
  const url = api.settings.SANDBOX_URL;
  if (url === undefined || caller.livemode) return null;
  const row = await rowOf<{ token: string; webhook_secret: string }>(
    api.database,
    sql`select token, webhook_secret from holdfast.connections
         where platform_id = ${caller.platform} and not livemode and provider = 'sandbox'`,
  );
  return row && { url, token: row.token, webhookSecret: row.webhook_secret };
}

/** One call; null when the bank cannot be reached, or does not speak JSON. */
export async function callSandbox(
  { url, token }: SandboxLogin,
  method: 'GET' | 'POST',
  path: string,
  body?: unknown,
): Promise<SandboxReply | null> {
  try {
    const response = await fetch(new URL(path, url), {
      method,
      redirect: 'error',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    return { status: response.status, body: await response.json() };
  } catch (error) {
    const isAway = error instanceof TypeError || error instanceof SyntaxError || isTimeout(error);
    if (isAway) return null;
    throw error;
  }
}

const isTimeout = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
