/**
 * Owns how the pure tests run on a mutant: those of the domain, with the guard taken out first.
 * Not the printed pages: they differ from every changed table, which proves nothing about a rule.
 * Must not know which mutant (`plant.ts`).
 */
import { join } from 'node:path';
import config from '../../jest.config.mjs';

const [pure] = config.projects;

export default {
  ...pure,
  roots: ['<rootDir>/domain', '<rootDir>/api', '<rootDir>/test/domain', '<rootDir>/test/mutation'],
  testMatch: ['<rootDir>/test/domain/**/*.test.ts', '<rootDir>/test/mutation/quick.ts'],
  testPathIgnorePatterns: ['/test/domain/drift\\.test\\.ts$'],
  setupFiles: [join(import.meta.dirname, 'plant.ts')],
};
