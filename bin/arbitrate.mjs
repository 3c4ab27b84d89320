/**
 * Owns sending a raw `dispute` or `resolve` signal to the workflow of an escrow, past the API, with
 * the `temporal` command line: for arbitration handlers whose tools speak Temporal and not HTTP.
 * Must not know the rules: the workflow decides, and refuses what it does not allow.
 * Manual: docs/arbitration.md.
 */
import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { cacheFolder } from './folders.mjs';
import { temporalBinary } from './temporal-binary.mjs';
import { Trouble, tell } from './trouble.mjs';

const USAGE = `npm run arbitrate -- dispute ESCROW --as ACCOUNT --milestone MIL --reason TEXT
npm run arbitrate -- resolve ESCROW --as ACCOUNT --dispute DIS --reason TEXT \\
                              --recipients MINOR --payers MINOR
Without --as the platform itself acts. The server: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE.`;

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(tell(error));
  process.exitCode = 1;
}

/** @param {string[]} args */
async function main(args) {
  const { name, escrow, message } = readArguments(args);
  const address = process.env.TEMPORAL_ADDRESS;
  if (!address) throw new Trouble('TEMPORAL_ADDRESS is not set', 'name the Temporal server');
  const binary = await temporalBinary({ cacheDir: cacheFolder(), log: () => {} });
  const result = spawnSync(
    binary,
    [
      ...['workflow', 'signal', '--workflow-id', escrow, '--name', name],
      ...['--input', JSON.stringify(message), '--address', address],
      ...['--namespace', process.env.TEMPORAL_NAMESPACE ?? 'holdfast'],
    ],
    { encoding: 'utf8' },
  );
  if (result.status !== 0) {
    throw new Trouble(
      `the signal was not taken: ${result.stderr.trim()}`,
      'see docs/arbitration.md',
    );
  }
  console.log(JSON.stringify({ signal: name, escrow, command: message.id }));
}

/** @param {string[]} args */
function readArguments(args) {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      as: text,
      milestone: text,
      dispute: text,
      reason: text,
      recipients: text,
      payers: text,
    },
  });
  const [name, escrow] = positionals;
  const body =
    name === 'dispute' ? disputeBody(values) : name === 'resolve' ? rulingBody(values) : null;
  if (!name || !escrow || !body) throw new Trouble('what to send, and where to?', USAGE);
  return { name, escrow, message: messageOf(body, values.as) };
}

/** @typedef {Record<string, string | undefined>} Values */

/** @param {Values} values */
function disputeBody({ milestone, reason }) {
  return milestone && reason ? { milestone, reason } : null;
}

/** @param {Values} values */
function rulingBody({ dispute, reason, recipients, payers }) {
  if (!dispute || !reason || !recipients || !payers) return null;
  const split = { recipients: Number(recipients), payers: Number(payers) };
  return { dispute, reason, split };
}

/**
 * The message of `contracts.md`, section 4. Its signature stays empty in test mode, where the
 * workflow believes the actor that a message claims; a live escrow refuses it unsigned.
 * @param {object} body
 * @param {string | undefined} account
 */
function messageOf(body, account) {
  return {
    id: `cmd_${randomUUID().replaceAll('-', '')}`,
    actor: { ...(account ? { account } : {}), strength: 'none' },
    body,
    signature: null,
  };
}
