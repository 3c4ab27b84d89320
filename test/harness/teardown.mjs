/**
 * Owns the end of servers that `setup.mjs` itself has started.
 * Must not know those of bin/test.mjs: they are ended there.
 */

export default async function teardown() {
  const state = /** @type {{ endHoldfastTestServers?: () => Promise<void> }} */ ({ ...globalThis });
  await state.endHoldfastTestServers?.();
}
