/**
 * Owns the workflow bundle of a program that differs from this one in a few lines: a mistake that
 * must be noticed, or the release that comes next.
 * Must not know what is changed.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { given } from './environment';

const ROOT = resolve(__dirname, '../..');
const PARTS = ['workflows', 'domain', 'activities', 'providers', 'ledger'];

/** What stands in a file, and what stands there instead. */
export type Change = { readonly file: string; readonly before: string; readonly after: string };

/** Our workflows with the changes made; a text that is not there any more throws. */
export async function changedBundle(
  changes: readonly Change[],
): Promise<{ readonly code: string }> {
  const folder = mkdtempSync(join(given('folder'), 'changed-'));
  try {
    for (const part of PARTS) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    for (const { file, before, after } of changes) change(join(folder, file), before, after);
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(folder, 'workflows', 'index.ts'),
      payloadConverterPath: join(folder, 'workflows', 'payload-converter.ts'),
      logger: new DefaultLogger('ERROR'),
    });
    return { code };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function change(path: string, before: string, after: string): void {
  const text = readFileSync(path, 'utf8');
  if (!text.includes(before)) throw new Error(`${path} has no ${before}`);
  writeFileSync(
    path,
    text.replace(before, () => after),
  );
}
