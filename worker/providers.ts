/**
 * Owns which provider a connection is: its row becomes a client with credentials.
 * Must not know what is asked of it. Only provider workers and the webhook check use this.
 */
import type { Pool } from 'pg';
import type { Provider } from '../providers/provider';
import { createSandbox } from '../providers/sandbox';

export type Addresses = { readonly sandbox: string | null };

type Connection = {
  readonly provider: string;
  readonly livemode: boolean;
  readonly token: string;
  readonly webhook_secret: string;
};

/**
 * Finds the provider of a connection, each client made once.
 * Throws when there is no such connection, or its provider is not configured here.
 */
export function providerFinder(
  pool: Pick<Pool, 'query'>,
  addresses: Addresses,
): (connection: string) => Promise<Provider> {
  const made = new Map<string, Provider>();
  return async (id) => {
    const known = made.get(id);
    if (known) return known;
    const { rows } = await pool.query<Connection>(
      'select provider, livemode, token, webhook_secret from holdfast.connections where id = $1',
      [id],
    );
    const [row] = rows;
    if (!row) throw new Error(`no connection ${id}`);
    const provider = make(row, addresses);
    made.set(id, provider);
    return provider;
  };
}

function make(row: Connection, { sandbox }: Addresses): Provider {
  if (row.provider !== 'sandbox') throw new Error(`no provider ${row.provider}`);
  if (row.livemode) throw new Error('the sandbox takes no live connection');
  if (!sandbox) throw new Error('SANDBOX_URL is not set');
  return createSandbox({ url: sandbox, token: row.token, webhookSecret: row.webhook_secret });
}
