/**
 * Owns API keys: how one is made, read, hashed and compared (`security.md`, section 1).
 * Must not know where keys are stored or what they may do.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** A new key. `key` is shown once; only `publicId` and `secretHash` are kept. */
export type NewKey = {
  readonly key: string;
  readonly publicId: string;
  /** SHA-256 of the secret, 32 bytes. */
  readonly secretHash: Buffer;
};

export type ParsedKey = {
  readonly livemode: boolean;
  readonly publicId: string;
  readonly secret: string;
};

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PUBLIC_ID_LENGTH = 12;
const SECRET_LENGTH = 43; // 62^43 > 2^256
const CHECKSUM_LENGTH = 6; // 62^6 > 2^32
const FORM = new RegExp(
  `^hf_(test|live)_([0-9A-Za-z]{${PUBLIC_ID_LENGTH}})_` +
    `([0-9A-Za-z]{${SECRET_LENGTH}})([0-9A-Za-z]{${CHECKSUM_LENGTH}})$`,
);

/** Makes `hf_test_…` or `hf_live_…` with 256 bits of chance. */
export function makeKey({ livemode }: { livemode: boolean }): NewKey {
  const publicId = base62(randomBytes(16), PUBLIC_ID_LENGTH);
  const secret = base62(randomBytes(32), SECRET_LENGTH);
  const body = `hf_${livemode ? 'live' : 'test'}_${publicId}_${secret}`;
  return { key: body + checksum(body), publicId, secretHash: hashSecret(secret) };
}

/** The parts of a key, or null when it has not the form of one or a wrong checksum. */
export function parseKey(text: string): ParsedKey | null {
  const [, mode, publicId, secret, sum] = FORM.exec(text) ?? [];
  if (!mode || !publicId || !secret || !sum) return null;
  if (checksum(text.slice(0, -CHECKSUM_LENGTH)) !== sum) return null;
  return { livemode: mode === 'live', publicId, secret };
}

/** SHA-256 of the secret, 32 bytes: enough for a secret of 256 bits (ASVS 6.5.2). */
export const hashSecret = (secret: string): Buffer => createHash('sha256').update(secret).digest();

/** To compare with when the id is unknown, so that this answer takes as long as the others. */
export const DUMMY_HASH = hashSecret('a secret that nobody has');

/** Compares in constant time. `secretHash` is what was stored, 32 bytes. */
export function secretMatches(secret: string, secretHash: Uint8Array): boolean {
  const hash = hashSecret(secret);
  return hash.length === secretHash.length && timingSafeEqual(hash, secretHash);
}

/** CRC-32 of all that stands before it: scanners can tell real keys without asking us. */
const checksum = (body: string): string => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return base62(bytes, CHECKSUM_LENGTH);
};

/** The bytes as one big number, its last digits in base 62, filled up on the left. */
function base62(bytes: Buffer, length: number): string {
  let rest = BigInt(`0x${bytes.toString('hex')}`);
  let digits = '';
  while (digits.length < length) {
    digits = DIGITS.charAt(Number(rest % 62n)) + digits;
    rest /= 62n;
  }
  return digits;
}
