/**
 * Owns the check of who imports whom: runs dependency-cruiser with the table, and proves that it
 * has looked at every file. Without a parser for TypeScript it reads nothing and reports success.
 * A program: node bin/boundaries.mjs [folder of a repository].
 * Must not know the rules: `.dependency-cruiser.mjs` has them.
 */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';
import { ROOT } from './folders.mjs';

const FOLDERS = ['domain', 'ledger', 'providers', 'activities', 'workflows', 'worker', 'api'];
FOLDERS.push('runtime', 'migrations', 'sandbox', 'bench', 'bin', 'test');

const root = resolve(process.argv[2] ?? ROOT);
process.chdir(root);
const folders = FOLDERS.filter((name) => existsSync(join(root, name)));
const { default: config } = await import(join(ROOT, '.dependency-cruiser.mjs'));
const { tsConfig, ...options } = config.options;
const { output } = await cruise(
  folders,
  { ...options, validate: true, ruleSet: { forbidden: config.forbidden }, baseDir: root },
  undefined,
  { tsConfig: extractTSConfig(join(ROOT, tsConfig.fileName)) },
);
if (typeof output === 'string') throw new Error(output);

const seen = new Set(output.modules.map(({ source }) => source));
const unseen = sources().filter((file) => !seen.has(file));
for (const { rule, from, to } of output.summary.violations) {
  console.log(`${from} → ${to}: ${rule.name}`);
}
for (const file of unseen) console.log(`${file}: not looked at`);
if (seen.size === 0) console.log('no file was looked at');
console.log(`${output.summary.violations.length} crossings in ${seen.size} modules`);
process.exitCode = output.summary.violations.length + unseen.length > 0 || seen.size === 0 ? 1 : 0;

/** All TypeScript files of our folders, as dependency-cruiser names them. */
function sources() {
  return folders
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
        .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll(sep, '/')),
    )
    .filter((file) => !file.includes('node_modules/'));
}
