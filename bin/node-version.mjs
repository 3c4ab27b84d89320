/**
 * Owns which Node we run on.
 * Must not know anything else.
 */
import { Trouble } from './trouble.mjs';

/** From here on `require()` of ES modules works without a flag. */
const MIN = [20, 19];

/** Throws a Trouble when this Node is too old. @param {string} [version] */
export function checkNode(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [majorMin = 0, minorMin = 0] = MIN;
  if (major > majorMin || (major === majorMin && minor >= minorMin)) return;
  throw new Trouble(`Node ${version} is too old`, 'install Node 24 (20.19 at least)');
}
