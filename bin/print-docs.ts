/**
 * Owns printing the documents that are read off the tables of `domain/`, the state chart and the
 * bookkeeping, and off the rules and their tests. A program: npx tsx bin/print-docs.ts.
 * Must not know what they say.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { printBookkeeping } from '../domain/print-bookkeeping';
import { printStatechart } from '../domain/print-statechart';
import { printCoverage } from './coverage-of-rules';

const docs = resolve(__dirname, '..', 'docs');
writeFileSync(resolve(docs, 'statechart.md'), printStatechart());
writeFileSync(resolve(docs, 'bookkeeping.md'), printBookkeeping());
writeFileSync(resolve(docs, 'coverage-of-rules.md'), printCoverage());
