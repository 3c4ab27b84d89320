/**
 * Owns the proof of the command line against one running product: every command with what it is
 * for, and with wrong input a clear message and an exit code that is not 0.
 * Must not test stories: `demo.test.ts` does.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { ROOT, run } from '../house/program';
import { tamper } from './cli-books';
import { type Life, liveOn } from './cli-life';
import { newData, type Product, removeData, startProduct } from './product';

jest.setTimeout(120_000); // each command is a process of its own

let data: string;
let product: Product;
let life: Life;
beforeAll(async () => {
  data = newData();
  product = await startProduct(data);
  life = await liveOn(product);
}, 300_000);
afterAll(async () => {
  await product.stop();
  removeData(data);
}, 60_000);

const holdfast = (...args: readonly string[]) => run(['bin/holdfast.mjs', ...args, '--data', data]);

/** The one document of a command that has succeeded. */
async function answer(...args: readonly string[]): Promise<Record<string, unknown>> {
  const { code, out, err } = await holdfast(...args, '--json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  return JSON.parse(out) as Record<string, unknown>;
}

/** What a person is told when it does not work: never a stack. */
async function refusal(...args: readonly string[]): Promise<string> {
  const { code, out, err } = await holdfast(...args);
  expect({ code, out }).toEqual({ code: 1, out: '' });
  expect(err).not.toMatch(/unexpected|\n\s+at /);
  expect(err).toMatch(/→ /);
  return err;
}

describe('status', () => {
  test('shows the ready block again, and the next step', async () => {
    const { code, out } = await holdfast('status');
    expect(code).toBe(0);
    expect(out).toContain('Holdfast is ready');
    expect(out).toContain(product.ready().key);
    expect(out).toMatch(/next: holdfast demo --story happy/);
    expect(await answer('status')).toEqual(product.ready());
  });

  test('--env gives variables that a shell and the next command understand', async () => {
    const { out } = await holdfast('status', '--env');
    const { status, stdout } = spawnSync(
      'sh',
      ['-c', `${out}\nnode bin/holdfast.mjs get ${life.escrow} --headless`],
      { cwd: ROOT, encoding: 'utf8', env: { ...process.env, HOLDFAST_DATA: '' } },
    );
    expect(status).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ object: 'escrow', id: life.escrow });
  });

  test('nothing runs, a start was killed, nobody answers, no key: each is told', async () => {
    const empty = newData();
    const none = await run(['bin/holdfast.mjs', 'status', '--data', empty]);
    expect(none).toMatchObject({ code: 1, out: '' });
    expect(none.err).toMatch(/no Holdfast runs on .*\n.*npm start/);
    const stale = { ...product.ready(), api: 'http://127.0.0.1:9/v1' };
    writeFileSync(join(empty, 'ready.json'), JSON.stringify(stale));
    const killed = await run(['bin/holdfast.mjs', 'status', '--data', empty]);
    expect(killed.err).toMatch(/nothing answers there/);
    const broken = join(empty, 'ready.json');
    writeFileSync(broken, '{');
    const unread = await run(['bin/holdfast.mjs', 'status', '--data', empty]);
    expect(unread.err).toMatch(/ready\.json cannot be read/);
    removeData(empty);
    expect(await refusal('status', '--api', 'http://127.0.0.1:9')).toMatch(/there is no key for/);
    const nobody = await refusal('get', life.escrow, '--api', 'http://127.0.0.1:9', '--key', 'x');
    expect(nobody).toMatch(/nothing answers at http:\/\/127\.0\.0\.1:9/);
    expect(await refusal('get', life.escrow, '--key', 'hf_test_x')).toMatch(/unauthenticated/);
    expect(await refusal('status', '--api', 'ftp://x', '--key', 'x')).toMatch(/not the address/);
  });
});

describe('get', () => {
  test('finds an object by any id', async () => {
    for (const [kind, id] of Object.entries(life.ids)) {
      const found = await answer('get', id);
      const shown = kind === 'engagement' ? found.engagement_id : found.id;
      expect([kind, String(shown)]).toEqual([kind, id.replace(/^(jrn_|engagement:)/, '')]);
    }
    expect(Object.keys(life.ids)).toHaveLength(20);
  });

  test('shows it to a person: status, whose turn, until when, what else, amounts', async () => {
    const { out } = await holdfast('get', life.waiting);
    expect(out).toMatch(/accepted not funded/);
    expect(out).toMatch(/buyer may pay|buyer may fund/);
    expect(out).toMatch(/funding ends: otherwise expire/);
    expect(out).toMatch(/next: holdfast timeline esc_/);
    const { out: kept } = await holdfast('get', life.ids.rsv ?? '');
    expect(kept).toMatch(/^reserve +rsv_\w+\n[\s\S]* amount +90\.00 USD\n[\s\S]* UTC\n/);
    expect(out + kept).not.toMatch(/ \n|undefined|\[object/);
  });

  test('an unknown id, an unknown prefix and no id are told', async () => {
    expect(await refusal('get', `${life.escrow.slice(0, -4)}0000`)).toMatch(/not_found/);
    expect(await refusal('get', 'mil_01m8j6fhnmeh586g42fvw2f41f')).toMatch(/there is no mil_/);
    expect(await refusal('get', 'engagement:nobody')).toMatch(/not_found/);
    expect(await refusal('get', 'evt_nothing_1')).toMatch(/not_found/);
    expect(await refusal('get', 'xyz_1')).toMatch(/not an id\n.*esc_….*engagement:/);
    expect(await refusal('get', 'req_1')).toMatch(/is a request\n.*api\.log/);
    expect((await holdfast('get')).code).toBe(2);
    const { err } = await holdfast('get', 'xyz_1', '--json');
    expect(JSON.parse(err)).toMatchObject({ error: { message: 'xyz_1 is not an id' } });
  });
});

describe('timeline and clock', () => {
  test('past and future stand on one line; the clock makes the future the past', async () => {
    const before = await holdfast('timeline', life.waiting);
    expect(before.out).toMatch(/agreed[\s\S]*─ now\n[\s\S]*funding ends: expire/);
    const moved = await answer('clock', 'advance', life.clock, '--to', '+PT1H');
    expect(moved).toMatchObject({ id: life.clock, status: 'ready' });
    const { out } = await holdfast('clock', 'advance', life.clock, '--next');
    expect(out).toMatch(/→ \d{4}-\d\d-\d\d/);
    const after = await answer('timeline', life.waiting);
    expect(Object.keys(after)).toEqual(expect.arrayContaining(['now', 'data']));
    expect(JSON.stringify(after.data)).toContain('"type":"closed"');
  });

  test('wrong clocks and wrong times are told', async () => {
    const advance = ['clock', 'advance', life.clock];
    expect(await refusal(...advance)).toMatch(/how far does it go/);
    expect(await refusal(...advance, '--next', '--to', '+P1D')).toMatch(/how far does it go/);
    expect(await refusal(...advance, '--to', 'soon')).toMatch(/not a time: soon/);
    expect(await refusal(...advance, '--to', '2020-01-01')).toMatch(/the clock is past it/);
    expect(await refusal('clock', 'advance', life.escrow, '--next')).toMatch(/not a test clock/);
    const unknown = `${life.clock.slice(0, -4)}0000`;
    expect(await refusal('clock', 'advance', unknown, '--next')).toMatch(/not_found/);
    expect(await refusal('timeline', life.clock)).toMatch(/is not an escrow/);
  });
});

const EXAMPLES = ['docs/examples/terms.json', 'docs/examples/story.json'];

describe('preview', () => {
  test('plays terms through with a story, or with silence, and writes nothing', async () => {
    const before = await answer('ledger', 'trial-balance');
    const told = await answer('preview', ...EXAMPLES, '--from', 'funded');
    expect(told).toMatchObject({
      object: 'preview',
      status: 'closed_disbursement_complete',
      money: { released: 121_875, fees: 3_125, held: 0 },
    });
    const { out } = await holdfast('preview', EXAMPLES[0] ?? '', '--from', 'funded');
    expect(out).toMatch(/clock +mark overdue[\s\S]*journal refunded\n.*escrow ms 1 +400\.00/);
    expect(out).toMatch(/balances at the end\n[\s\S]*closed refunded +refunded 1,250\.00/);
    expect(await answer('ledger', 'trial-balance')).toEqual(before);
  });

  test('an act that the rules refuse is shown as refused, in its place', async () => {
    const early = [{ at: '2099-01-01T00:00:00Z', by: 0, command: 'approve', milestone: 2 }];
    const story = join(data, 'early.json');
    writeFileSync(story, JSON.stringify([...early, { ...early[0], at: '2099-01-02T00:00:00Z' }]));
    const { code, out } = await holdfast('preview', EXAMPLES[0] ?? '', story, '--from', 'funded');
    expect(code).toBe(0);
    expect(out).toMatch(/2099-01-02 00:00:00 +buyer +approve\n +refused: .*\((\w+)\)/);
  });

  test('terms that are none are told with the place of each mistake', async () => {
    const file = join(data, 'wrong.json');
    writeFileSync(file, '{"title": 1}');
    const told = await refusal('preview', file);
    expect(told).toMatch(/\/escrow\/title: .*\n +\/escrow\/type: /);
  });

  test('a missing file, a broken one and a wrong story are told before it is sent', async () => {
    const file = (name: string, text: string): string => {
      writeFileSync(join(data, name), text);
      return join(data, name);
    };
    const terms = file('terms.json', '{}');
    expect(await refusal('preview', join(data, 'none.json'))).toMatch(/cannot be read/);
    expect(await refusal('preview', file('broken.json', '{"title":'))).toMatch(/is not JSON/);
    expect(await refusal('preview', terms, file('story.json', '{}'))).toMatch(/is not a list/);
    expect(await refusal('preview', terms, '--from', 'paid')).toMatch(/sent, agreed, funded/);
    expect((await holdfast('preview')).code).toBe(2);
  });
});

describe('doctor', () => {
  test('finds nothing in the way of what runs', async () => {
    const found = await answer('doctor');
    expect(found).toMatchObject({ ok: true });
    const { out } = await holdfast('doctor');
    expect(out).toMatch(/running now\s+process \d+: http/);
    expect(out).toMatch(/next: holdfast status/);
  });

  test('a port in use, wrong servers, a file for a folder: each with its cure', async () => {
    const empty = newData();
    const { port } = new URL(product.ready().api);
    const args = ['bin/holdfast.mjs', 'doctor', '--data', join(empty, 'x'), '--port', port];
    const { code, out } = await run(args, {
      DATABASE_URL: 'postgres://u:geheim@127.0.0.1:9/x',
      TEMPORAL_ADDRESS: '127.0.0.1:9',
    });
    expect(code).toBe(1);
    expect(out).toMatch(new RegExp(`port ${port} on 127.0.0.1 is in use\n.*npm start -- --port`));
    expect(out).toMatch(/127\.0\.0\.1:9 says: .*ECONNREFUSED.*\n.*correct DATABASE_URL/);
    expect(out).toMatch(/no Temporal server answers at 127\.0\.0\.1:9\n.*TEMPORAL_ADDRESS/);
    expect(out).not.toMatch(/geheim/);
    const file = join(empty, 'file');
    writeFileSync(file, '');
    const wrong = await run(['bin/holdfast.mjs', 'doctor', '--data', file, '--json']);
    expect(wrong.code).toBe(1);
    expect(JSON.parse(wrong.out)).toMatchObject({ ok: false });
    expect(wrong.out).toMatch(/is a file/);
    removeData(empty);
  });
});

describe('ledger', () => {
  test('books that hold: exit code 0', async () => {
    expect(await answer('ledger', 'verify')).toMatchObject({ ok: true });
    expect(await answer('ledger', 'trial-balance')).toMatchObject({ balanced: true });
    const { out } = await holdfast('ledger', 'trial-balance');
    expect(out).toMatch(/trial balance, USD/);
    expect(out).toMatch(/\nbalanced +[\d,.]+ +[\d,.]+\n/);
  });

  test('books changed behind our back: exit code 1, and what is broken', async () => {
    await tamper(data, 1);
    const verify = await holdfast('ledger', 'verify');
    const trial = await holdfast('ledger', 'trial-balance', '--json');
    await tamper(data, -1);
    expect(verify.code).toBe(1);
    expect(verify.out).toMatch(/✗ zero sum/);
    expect(verify.out).toMatch(/the books do not hold/);
    expect(trial.code).toBe(1);
    expect(JSON.parse(trial.out)).toMatchObject({ balanced: false });
    expect((await holdfast('ledger', 'verify')).code).toBe(0);
  });

  test('books that cannot be reached are no books that hold', async () => {
    const away = ['--api', 'http://127.0.0.1:9', '--key', 'x'];
    expect(await refusal('ledger', 'trial-balance', ...away)).toMatch(/nothing answers/);
  });
});

test('where too much is asked in a minute, it waits as long as it is told', async () => {
  const asked: string[] = [];
  const busy = createServer((request, response) => {
    asked.push(request.url ?? '');
    const isFirst = asked.length === 1;
    response.writeHead(isFirst ? 429 : 200, { 'retry-after': '1' });
    response.end(isFirst ? '{"code":"rate_limited"}' : '{"data":[]}');
  }).listen(0, '127.0.0.1');
  await once(busy, 'listening');
  const address = busy.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const api = ['--api', `http://127.0.0.1:${port}`, '--key', 'x'];
  const { code, out } = await holdfast('ledger', 'trial-balance', '--headless', ...api);
  busy.closeAllConnections();
  busy.close();
  await once(busy, 'close');
  expect([code, out.trim()]).toEqual([0, '{"balanced":true,"data":[]}']);
  expect(asked).toEqual(['/v1/ledger/trial_balance', '/v1/ledger/trial_balance']);
});

test('an unknown command is a wrong call; amounts have their currency’s decimals', async () => {
  expect((await holdfast('fly')).code).toBe(2);
  expect((await holdfast('--help')).out).toMatch(/ledger[\s\S]*demo/);
  const script = `import('./bin/cli/terminal.mjs').then(({ decimalsOf, amountText }) =>
    import('tsx/esm/api').then(({ tsImport }) =>
      tsImport('./domain/currencies.ts', { parentURL: 'file://' + process.cwd() + '/' }))
      .then(({ CURRENCIES }) => console.log(JSON.stringify({
        wrong: Object.entries(CURRENCIES).filter(([code, { exponent }]) =>
          decimalsOf(code) !== exponent),
        shown: [[125000, 'USD'], [-5, 'BHD'], [9007199254740991, 'JPY']]
          .map(([minor, code]) => amountText(minor, code)),
      }))))`;
  const { out } = await run(['-e', script]);
  expect(JSON.parse(out)).toEqual({
    wrong: [],
    shown: ['1,250.00 USD', '-0.005 BHD', '9,007,199,254,740,991 JPY'],
  });
});
