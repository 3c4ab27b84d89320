/**
 * Owns what is made once per test run: the migrated template database and the workflow bundle,
 * both named after the sources they come from, so that a kept server need not make them again.
 * A program; its last line of output is JSON for the environment of the tests.
 * Must not know what is tested.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { migrate } from '../../migrations/migrate';
import { given } from './environment';

const ROOT = resolve(__dirname, '../..');

async function main(): Promise<void> {
  const prepared = {
    HOLDFAST_TEST_TEMPLATE: await templateDatabase(given('databaseUrl')),
    HOLDFAST_TEST_BUNDLE: await workflowBundle(given('folder')),
  };
  console.log(JSON.stringify(prepared));
}

/** The name of a database with all migrations applied, made under a lock when it is missing. */
async function templateDatabase(url: string): Promise<string> {
  const name = `holdfast_template_${hashOf(['migrations'])}`;
  const admin = new pg.Client({ connectionString: url });
  await admin.connect();
  try {
    await admin.query(`select pg_advisory_lock(hashtext($1))`, ['holdfast_template']);
    const known = await admin.query(
      'select datistemplate as ready from pg_database where datname = $1',
      [name],
    );
    if (known.rows[0]?.ready) return name;
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query(`create database ${name}`);
    await migrate(withDatabase(url, name));
    await admin.query(`alter database ${name} is_template true`);
    return name;
  } finally {
    await admin.end();
  }
}

/** The path of the bundle of all workflows; '' when it cannot be built: who needs it fails. */
async function workflowBundle(folder: string): Promise<string> {
  const source = join(ROOT, 'worker', 'bundle.ts');
  if (!existsSync(source)) return '';
  const path = join(folder, `workflows-${hashOf(['domain', 'workflows', 'worker'])}.js`);
  if (existsSync(path)) return path;
  const { buildBundle } = require(source) as { buildBundle: () => Promise<{ code: string }> };
  const bundle = await buildBundle().catch((error: unknown) => {
    console.error('[test] the workflows cannot be bundled:', error);
  });
  if (!bundle) return '';
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, bundle.code);
  renameSync(draft, path);
  return path;
}

/** A short hash over the names and contents of all files in some folders of the repository. */
function hashOf(folders: readonly string[]): string {
  const hash = createHash('sha256');
  for (const folder of folders.map((name) => join(ROOT, name)).filter(existsSync)) {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    for (const file of files) hash.update(file.slice(ROOT.length)).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
