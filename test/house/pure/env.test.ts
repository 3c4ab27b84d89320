/**
 * Owns what must hold for the settings, and that `.env.example` lists them all.
 * Must not know what a setting is used for.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { printEnvExample, readSettings, shownSettings, WrongSettings } from '../../../runtime/env';

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof WrongSettings) return error.problems;
    throw error;
  }
  return [];
}

test('without any setting the defaults hold', () => {
  const settings = readSettings([], {});
  expect(settings.PORT).toBe(8080);
  expect(settings.TEMPORAL_NAMESPACE).toBe('holdfast');
  expect(settings.DATABASE_URL).toBeUndefined();
});

test('an empty value counts as not set', () => {
  expect(readSettings([], { PORT: '', HOLDFAST_DATA: '' }).HOLDFAST_DATA).toBe('.holdfast');
});

test('all problems are told at once', () => {
  const source = { PORT: 'x', TEMPORAL_TLS: 'yes', DATABASE_URL: 'mysql://x', HOLDFAST_DTA: 'x' };
  expect(problemsOf(() => readSettings(['TEMPORAL_ADDRESS'], source))).toEqual([
    'PORT must be a whole number',
    'DATABASE_URL must look like postgres://user:password@host:5432/database',
    'TEMPORAL_ADDRESS is not set',
    'TEMPORAL_TLS must be 0 or 1',
    'HOLDFAST_DTA is no setting of ours',
  ]);
});

test.each([
  [{ HOLDFAST_ENV: 'production', HOLDFAST_FAILPOINTS: 'x=kill' }, /not allowed in production/],
  [{ TEMPORAL_TLS_CERT: 'a.pem' }, /belong together/],
  [{ PORT: '70000' }, /must lie between 0 and 65535/],
  [{ SANDBOX_URL: 'ftp://x' }, /must be a http URL/],
])('settings that cannot be are refused: %j', (source, reason) => {
  expect(problemsOf(() => readSettings([], source)).join()).toMatch(reason);
});

test('a secret is neither shown nor named in a problem', () => {
  const url = 'postgres://u:pass%zz-geheim@h/db';
  const shown = shownSettings(readSettings([], { DATABASE_URL: 'postgres://u:geheim@h/db' }));
  expect(shown).toMatchObject({ DATABASE_URL: '[redacted]', PORT: 8080 });
  expect(JSON.stringify(shown)).not.toContain('geheim');
  const wrong = problemsOf(() => readSettings([], { DATABASE_URL: `x${url}` }));
  expect(wrong).toHaveLength(1);
  expect(wrong.join()).not.toContain('geheim');
});

test('.env.example is what runtime/env.ts prints (npm run docs)', () => {
  const committed = readFileSync(join(__dirname, '../../../.env.example'), 'utf8');
  expect(committed).toBe(printEnvExample());
});
