/**
 * Owns how tests are found and run: `pure` needs nothing and takes seconds, `real` runs on a
 * real PostgreSQL and a real Temporal server.
 * Must not know how servers are started: `test/harness/` does that.
 */

// Packages that are published as ES modules only; jest needs them as CommonJS.
const MODULES_ONLY = ['jose', 'openapi-fetch', 'request-filtering-agent', 'typeid-js', 'uuid'];

const base = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  transform: {
    '\\.[jt]s$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${MODULES_ONLY.join('|')})/)`],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'json', 'node'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.holdfast/'],
};

const PURE = [
  '<rootDir>/test/tidy.test.ts',
  '<rootDir>/test/domain/**/*.test.ts',
  '<rootDir>/test/house/pure/**/*.test.ts',
];

export default {
  maxWorkers: 2,
  testTimeout: 30_000,
  projects: [
    { ...base, displayName: 'pure', testMatch: PURE },
    {
      ...base,
      displayName: 'real',
      testEnvironment: '<rootDir>/test/harness/strict-environment.mjs',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: [
        '/node_modules/',
        '<rootDir>/test/tidy.test.ts',
        '/test/domain/',
        '/test/house/pure/',
      ],
      globalSetup: '<rootDir>/test/harness/setup.mjs',
      globalTeardown: '<rootDir>/test/harness/teardown.mjs',
      setupFilesAfterEnv: ['<rootDir>/test/harness/leftovers.ts'],
    },
  ],
};
