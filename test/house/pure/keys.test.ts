/**
 * Owns what must hold for API keys.
 * Must not know where they are stored.
 */
import { DUMMY_HASH, hashSecret, makeKey, parseKey, secretMatches } from '../../../runtime/keys';

const secretOf = (key: string): string => parseKey(key)?.secret ?? '';

test('a key has the form that the security page promises', () => {
  const { key, publicId, secretHash } = makeKey({ livemode: false });
  expect(key).toMatch(/^hf_test_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}$/);
  expect(makeKey({ livemode: true }).key).toMatch(/^hf_live_/);
  expect(parseKey(key)).toMatchObject({ livemode: false, publicId });
  expect(secretHash).toHaveLength(32);
});

test('a key matches the hash of its own secret and of no other', () => {
  const { key, secretHash } = makeKey({ livemode: false });
  expect(secretMatches(secretOf(key), secretHash)).toBe(true);
  expect(secretMatches(secretOf(makeKey({ livemode: false }).key), secretHash)).toBe(false);
  expect(secretMatches(secretOf(key), DUMMY_HASH)).toBe(false);
  expect(secretMatches(secretOf(key), new Uint8Array(3))).toBe(false);
});

test('every changed character is noticed by the checksum', () => {
  const { key } = makeKey({ livemode: true });
  for (let at = 0; at < key.length; at += 1) {
    const other = key.charAt(at) === 'x' ? 'y' : 'x';
    expect(parseKey(key.slice(0, at) + other + key.slice(at + 1))).toBeNull();
  }
  expect(parseKey('')).toBeNull();
  expect(parseKey(`${key}0`)).toBeNull();
});

test('a known key is still read as it was: form and hash are stored outside', () => {
  const secret = 'pQXvOvMcwYcUvY4dTfFZQ40W70tinEL1dctGkRSbXjq';
  const key = `hf_test_QTmFpe5wthfZ_${secret}49HCgj`;
  expect(parseKey(key)).toEqual({ livemode: false, publicId: 'QTmFpe5wthfZ', secret });
  expect(hashSecret(secret).toString('hex')).toMatch(/^9a6280e4a081ca/);
});

test('no two keys are alike', () => {
  const keys = Array.from({ length: 500 }, () => makeKey({ livemode: false }));
  expect(new Set(keys.map(({ publicId }) => publicId)).size).toBe(500);
  expect(new Set(keys.map(({ key }) => secretOf(key))).size).toBe(500);
});
