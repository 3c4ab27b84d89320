/**
 * Owns telling the simulated bank who calls it, and where its webhooks go.
 * Must not know the database.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, Trouble } from './trouble.mjs';

const LIMIT_MS = 60_000;

/**
 * Waits for the bank and registers the connection; doing it again changes only the address.
 * @param {{ sandbox: string, api: string, check: () => void,
 *   connection: { id: string, token: string, webhook_secret: string } }} options
 *   `check` throws when waiting is of no use any more
 */
export async function registerConnection({ sandbox, api, connection, check }) {
  const body = JSON.stringify({
    ...connection,
    webhook_url: `${api}/webhooks/sandbox/${connection.id}`,
  });
  let problem = '';
  for (const until = Date.now() + LIMIT_MS; Date.now() < until; await sleep(100)) {
    check();
    try {
      const response = await fetch(`${sandbox}/control/connections`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(5_000),
      });
      if (response.ok) return;
      problem = `${response.status} ${await response.text()}`;
      if (response.status < 500) break;
    } catch (error) {
      problem = messageOf(error); // not up yet
    }
  }
  const cure = 'see sandbox.log in the data folder, or correct SANDBOX_URL';
  throw new Trouble(`the sandbox at ${sandbox} does not take our connection: ${problem}`, cure);
}
