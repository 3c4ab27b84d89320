/**
 * Owns the hash of what was asked: the same request gives the same 32 bytes in the API, which
 * writes the command row, and in the recording step, which compares it.
 * Must not know any command.
 */
import { createHash } from 'node:crypto';

export type Request = {
  readonly type: string;
  readonly escrow: string | null;
  readonly body: object;
  readonly actor: object;
};

/** SHA-256 over the canonical JSON of a command: what it asks, of what, and for whom. */
export function requestHash({ type, escrow, body, actor }: Request): Buffer {
  return hashOf({ type, escrow, body, actor });
}

/** SHA-256 over canonical JSON: members sorted by name, `undefined` left out. */
export const hashOf = (value: unknown): Buffer =>
  createHash('sha256').update(JSON.stringify(value, sorted)).digest();

/** For JSON.stringify: an object with its members in the order of their names. */
function sorted(_name: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
