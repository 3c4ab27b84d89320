/**
 * Owns the bounds of the fields of an escrow that are no rules of the domain: the platform's own
 * reference, its metadata, and what a file says. Source: `escrow.md`, section 1.
 * Must not know how a request is answered (`test/api/drafts.test.ts`).
 */
import { draftBody } from '../../../api/schemas/escrows';

const DRAFT = {
  title: 'A website',
  type: 'one_off',
  currency: 'EUR',
  parties: [
    { account_id: 'acc_buyer', role: 'buyer' },
    { email: 'seller@example.com', role: 'seller' },
  ],
  milestones: [{ title: 'All of it', amount: 10_000, due_date: '2099-01-31' }],
};
const isRead = (fields: object): boolean => draftBody.safeParse({ ...DRAFT, ...fields }).success;
const pairs = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`key ${n}`, 'text']));
const file = (more: object = {}) => ({
  files: [{ name: 'plan', url: 'https://example.com/plan.pdf', ...more }],
});
const SHA = 'a'.repeat(64);

const READ: readonly (readonly [string, object])[] = [
  ['an engagement id of 100 characters', { engagement_id: 'x'.repeat(100) }],
  ['metadata of 50 pairs', { metadata: pairs(50) }],
  ['a file with its SHA-256 and its size', file({ sha256: SHA, size: 5 })],
  ['a file with neither', file()],
];

test.each(READ)('%s is read', (_, fields) => expect(isRead(fields)).toBe(true));

const REFUSED: readonly (readonly [string, object])[] = [
  ['an engagement id of 101 characters', { engagement_id: 'x'.repeat(101) }],
  ['an engagement id of none', { engagement_id: '' }],
  ['metadata of 51 pairs', { metadata: pairs(51) }],
  ['a metadata field that is no text', { metadata: { a: 1 } }],
  ['a file with half a SHA-256', file({ sha256: SHA.slice(32) })],
  ['a file of less than nothing', file({ size: -1 })],
  ['a file without a name', { files: [{ url: 'https://example.com/1' }] }],
  ['a file over http', { files: [{ name: 'plan', url: 'http://example.com/1' }] }],
];

test.each(REFUSED)('%s is refused', (_, fields) => expect(isRead(fields)).toBe(false));
