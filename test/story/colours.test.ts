/**
 * Owns when the command line writes colours: to a person, or where they are asked for.
 * Must not need a running product.
 */
import { run } from '../house/program';
import { newData, removeData } from './product';

test.each([
  [false, { CI: 'true', GITHUB_ACTIONS: 'true' }],
  [true, { FORCE_COLOR: '1' }],
  [false, { FORCE_COLOR: '0' }],
  [false, { FORCE_COLOR: '1', NO_COLOR: '1' }],
])('a pipe gets colours: %s with %j', async (expected, env) => {
  const data = newData();
  const { out } = await run(['bin/holdfast.mjs', 'doctor', '--data', data], env);
  removeData(data);
  expect(out).toContain('Node');
  expect(out.includes('\u001b[')).toBe(expected);
});
