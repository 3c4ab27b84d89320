/**
 * Owns the workflow bundle: built once, at build time or when a worker starts from a clone.
 * Must not know what the workflows do; it names their file only.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

/** The code that workers run; what a workflow may not import fails here. */
export const buildBundle = (): Promise<WorkflowBundleWithSourceMap> =>
  bundleWorkflowCode({
    workflowsPath: require.resolve('../workflows/index'),
    payloadConverterPath: require.resolve('../workflows/payload-converter'),
    logger: { ...SILENT, warn: console.warn, error: console.error },
  });

const ignore = (): void => undefined;
const SILENT = { log: ignore, trace: ignore, debug: ignore, info: ignore };

/** `npm run build` writes it beside the compiled worker. */
async function writeBundle(path: string): Promise<void> {
  const { code } = await buildBundle();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, code);
}

if (require.main === module) {
  const [, , path = join(__dirname, 'workflow-bundle.js')] = process.argv;
  writeBundle(path).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
