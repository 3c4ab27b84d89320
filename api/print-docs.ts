/**
 * Owns printing `docs/openapi.json` and `docs/errors.md`. A program: npm run docs.
 * Must not know any route.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { printedDocs } from './printed-docs';

for (const [path, text] of Object.entries(printedDocs())) {
  writeFileSync(resolve(__dirname, '..', path), text);
}
