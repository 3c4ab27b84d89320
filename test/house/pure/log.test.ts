/**
 * Owns what a log line may say.
 * Must not know who logs.
 */
import { createLog, engineLog, type Log } from '../../../runtime/log';

function logged(write: (log: Log) => void): { lines: Record<string, unknown>[]; text: string } {
  const parts: string[] = [];
  const log = createLog(
    { process: 'test', level: 'debug' },
    { write: (part: string) => parts.push(part) },
  );
  write(log);
  const text = parts.join('');
  return { lines: parts.map((part) => JSON.parse(part) as Record<string, unknown>), text };
}

test('children carry the request, the escrow and the workflow', () => {
  const { lines } = logged((log) => {
    log
      .child({ request_id: 'req_1' })
      .child({ escrow: 'esc_1', workflow_id: 'esc_1' })
      .info('done');
  });
  expect(lines).toMatchObject([
    { process: 'test', request_id: 'req_1', escrow: 'esc_1', workflow_id: 'esc_1', msg: 'done' },
  ]);
});

test('a field that is not listed is left out, and said to be', () => {
  const { lines, text } = logged((log) => {
    log.info({ escrow: 'esc_1', email: 'buyer@example.com' }, 'made');
    log.child({ phone: '+49 30 123' }).info('called');
  });
  expect(lines[0]).toMatchObject({ escrow: 'esc_1', left_out: ['email'] });
  expect(lines[1]).toMatchObject({ left_out: ['phone'] });
  expect(text).not.toMatch(/example\.com|\+49/);
});

test.each([
  'postgres://holdfast:geheim@127.0.0.1/holdfast',
  'Authorization: Bearer geheim',
  'hf_live_QTmFpe5wthfZ_geheim',
  'whsec_geheim',
  '-----BEGIN PRIVATE KEY-----\ngeheim\n-----END PRIVATE KEY-----',
])('no secret gets into a line, wherever it stands: %s', (told) => {
  const { text } = logged((log) => {
    log.info(told);
    log.info('%s', told);
    log.info({ reason: told });
    log.error({ err: new Error(told, { cause: new Error(told) }) }, told);
    log.child({ reason: told }).warn('x');
  });
  expect(text).not.toContain('geheim');
});

test('lines of the engine are written with our names', () => {
  const { lines } = logged((log) => {
    const engine = engineLog(log);
    engine.warn('slow', { workflowId: 'esc_1', taskQueue: 'holdfast', secret: 'x' });
    engine.log('ERROR', 'failed', { error: new TypeError('no') });
  });
  expect(lines[0]).toMatchObject({ level: 'warn', workflow_id: 'esc_1', task_queue: 'holdfast' });
  expect(lines[1]).toMatchObject({ level: 'error', err: { type: 'TypeError', message: 'no' } });
});
