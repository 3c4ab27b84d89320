/**
 * Owns printing `.env.example`. A program: npm run docs.
 * Must not know any setting.
 */
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { printEnvExample } from '../runtime/env';

writeFileSync(resolve(__dirname, '..', '.env.example'), printEnvExample());
