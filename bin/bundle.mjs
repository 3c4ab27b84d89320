/**
 * Owns writing the prebuilt workflow bundle beside the compiled worker. A program, run after the
 * compiler: node bin/bundle.mjs.
 * Must not know what is in a bundle.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './folders.mjs';

const folder = join(ROOT, 'dist', 'worker');
/** @type {{ buildBundle: () => Promise<{ code: string }> }} */
const { buildBundle } = await import(join(folder, 'bundle.js'));
const { code } = await buildBundle();
writeFileSync(join(folder, 'workflow-bundle.js'), code);
