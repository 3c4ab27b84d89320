/**
 * Owns the contract's row for the sandbox: the real process, over the network, on PostgreSQL.
 * Must not know how the sandbox works inside; its book is read by SQL.
 */
import { randomBytes } from 'node:crypto';
import { type Millis, toInstant } from '../../domain/calendar';
import { fingerprintOf } from '../../providers/fingerprint';
import type { RawWebhook } from '../../providers/provider';
import { createSandbox } from '../../providers/sandbox';
import { testDatabase } from '../harness/database';
import { startSandboxProcess } from '../sandbox/process';
import { startReceiver } from '../sandbox/receiver';
import { providerContract } from './contract';
import type { Double, Fault, Kind } from './double';

const LIMITS: { connect: Millis; whole: Millis } = { connect: 2000, whole: 2000 };

async function setUp(): Promise<Double> {
  const database = await testDatabase();
  const bank = await startSandboxProcess(database.url);
  const receiver = await startReceiver();
  const url = bank.url;
  const token = `token-${randomBytes(12).toString('hex')}`;
  const webhookSecret = `secret-${randomBytes(12).toString('hex')}`;
  const control = async (path: string, body: unknown): Promise<void> => {
    const answer = await fetch(`${url}/control${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  };
  const webhook_url = receiver.url;
  await control('/connections', { id: 'con_1', token, webhook_url, webhook_secret: webhookSecret });
  const other = { token: `${token}-wrong`, webhookSecret: `${webhookSecret}-wrong` };
  return {
    provider: createSandbox({ url, token, webhookSecret, limits: LIMITS }),
    stranger: createSandbox({ url, ...other, limits: LIMITS }),
    // Port 1 belongs to nobody on a machine like ours; a connection there is refused.
    unreachable: createSandbox({ url: 'http://127.0.0.1:1', token, webhookSecret }),
    fingerprint: ({ reference }) => fingerprintOf('sandbox', reference),
    script: (kind, reference, fault) =>
      control('/scripts', { calls: `${KINDS[kind]}s`, reference, script: scriptOf(kind, fault) }),
    payAsPayer: (reference) =>
      control(`/payments/${encodeURIComponent(`reference:${reference}`)}/pay`, {}),
    advance: (clock, to) => control('/clock', { clock, now: to }),
    async movements(kind, reference) {
      const { rows } = await database.pool().query<{ count: string | number }>(
        `select count(*) from sandbox.movements m join sandbox.objects o on o.id = m.object_id
         where m.step = 'settle' and o.kind = $1 and o.reference = $2`,
        [KINDS[kind], reference],
      );
      return Number(rows[0]?.count);
    },
    webhooks: (reference) =>
      receiver.received
        .filter(({ body }) => JSON.parse(body.toString('utf8')).reference === reference)
        .map(
          ({ headers, body }): RawWebhook => ({
            headers: Object.fromEntries(
              Object.entries(headers).map(([name, value]) => [name, value?.toString()]),
            ),
            body,
            receivedAt: toInstant(Date.now()),
          }),
        ),
    async close() {
      await bank.kill();
      await receiver.close();
      await database.close();
    },
  };
}

/** The bank's words for what we ask of it. */
const KINDS = { take: 'payment', send: 'payout', give_back: 'refund' } as const;

function scriptOf(kind: Kind, fault: Fault): Record<string, unknown> {
  switch (fault.type) {
    case 'wait_for_payer':
      return { checkout: true };
    case 'cancellable':
      return kind === 'take' ? { settle_after: 'P1D' } : { send_after: 'P1D' };
    case 'cut':
    case 'hang':
      return { commit_then: fault.type };
    case 'drop_webhook':
      return { webhook: 'drop' };
    case 'copies':
      return { webhook: { copies: fault.count } };
    case 'fail':
      return { decline: fault.code, again: fault.again };
    case 'settle_after_days':
      return { settle_after: `P${fault.days}D` };
    case 'return_after_days':
      return { return_after: `P${fault.days}D` };
    case 'partial':
      return { pay: fault.amount };
    default:
      return fault satisfies never;
  }
}

providerContract('the sandbox', setUp);
