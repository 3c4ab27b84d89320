/**
 * Owns what the global setup tells the test files, by environment variables.
 * Must not know how the servers came to be.
 */

const NAMES = {
  folder: 'HOLDFAST_TEST_FOLDER',
  databaseUrl: 'HOLDFAST_TEST_DATABASE_URL',
  template: 'HOLDFAST_TEST_TEMPLATE',
  temporalAddress: 'HOLDFAST_TEST_TEMPORAL_ADDRESS',
  temporalNamespace: 'HOLDFAST_TEST_TEMPORAL_NAMESPACE',
  temporalUi: 'HOLDFAST_TEST_TEMPORAL_UI',
  bundle: 'HOLDFAST_TEST_BUNDLE',
} as const;

/** A value of the test environment. Throws when the global setup has not run. */
export function given(name: keyof typeof NAMES): string {
  const value = process.env[NAMES[name]];
  if (value === undefined) throw new Error(`${NAMES[name]} is not set: run by npm test or jest`);
  return value;
}
