/**
 * Owns `npm run bench`: all rows in one run, a table, `docs/bench.md`, and JSON when asked.
 *   npm run bench -- [--quick] [--json FILE]
 * Must not judge: the ratios and their goals stand side by side.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { benchEngine } from './engine';
import { benchHistory } from './history';
import { benchLedger } from './ledger';
import { benchLongEscrow } from './long-escrow';
import { get, makePeople, post } from './people';
import { benchPreview } from './preview';
import { benchScale } from './scale';
import { openStack } from './stack';
import { printBench } from './table';
import { benchWebhooks } from './webhooks';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { quick: { type: 'boolean', default: false }, json: { type: 'string' } },
  });
  const { quick } = values;
  const say = (line: string): void => console.error(`[bench] ${line}`);
  say('previews'); // before any connection: it leaves no room to keep one alive
  const preview = benchPreview();
  const stack = await openStack(say);
  try {
    const people = await makePeople(stack);
    const rounds = 5;
    say('commands: the whole road against a bare workflow');
    const engine = await benchEngine(stack, people, { rounds, quick });
    say('postings');
    const ledger = await benchLedger({ databaseUrl: stack.databaseUrl, rounds, quick });
    say('history');
    const history = await benchHistory(stack, people);
    say('an escrow of fifty milestones and two hundred commands');
    const long_escrow = await benchLongEscrow(stack, people, quick ? 1 : 3);
    say('parked escrows');
    const scale = await benchScale(stack, people, quick ? 200 : 1_000);
    say('webhooks');
    const webhooks = await benchWebhooks(stack, quick ? 1_000 : 3_000);
    say('proving the books');
    const proof = await post<{ ok: boolean }>(stack, '/ledger/verify', {});
    if (!proof.ok) throw new Error('the books do not prove themselves after the bench');
    await get(stack, '/ledger/trial_balance');
    const results = { engine, ledger, history, scale, long_escrow, preview, webhooks };
    const page = printBench(results, quick);
    console.log(page);
    if (!quick) writeFileSync(join(__dirname, '..', 'docs', 'bench.md'), page);
    if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
  } finally {
    await stack.close();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
