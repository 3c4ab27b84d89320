/**
 * Owns how one field of a valid body is spoilt: a wrong type, a wrong size, a hostile value, a
 * field that nobody knows; and what a hostile text is.
 * Must not know any resource.
 */
import fc from 'fast-check';
import type { Field, Path, Schema } from './body-schema';

/** A body with one fault. */
export type Spoilt = {
  readonly what: string;
  readonly pointer: string; // where the fault is
  readonly text: string; // of the body
};

/** `most`: so many values of a kind; `isName`: a text must be the name of something. */
type Trials = { readonly most: number; readonly isName: boolean };

/** What is tried on one field of a body: of each kind some values, at the next field others. */
export function spoiltBy(body: unknown, field: Field, trials: Trials): readonly Spoilt[] {
  const { most, isName } = trials;
  if (most === 0) return [];
  const { path, members, place } = field;
  const put = (kind: string, values: readonly unknown[]): readonly Spoilt[] =>
    some(values, place, most).map((value) => spoil(body, kind, path, value));
  const { type = '' } = field.fitting;
  const sizes = { string: wrongTexts, integer: wrongNumbers, array: wrongLists, object: none };
  const wrong = Object.entries(sizes).flatMap(([of, make]) => (of === type ? make(field) : []));
  return [
    ...put('a wrong type', wrongTypes(members)),
    ...put('a wrong size', wrong),
    ...put('a hostile value', type === 'string' ? UNUSABLE : []),
    ...(isFormed(members) || isName ? put('a hostile value', HOSTILE) : []),
    ...(type === 'object' ? wrongFields(body, field, most) : []),
  ];
}

const SEED = 20_261_129;

/** Some of the values, others at another place. */
function some<T>(values: readonly T[], place: string, most: number): readonly T[] {
  const length = Math.min(most, values.length);
  const chosen = fc.shuffledSubarray([...values], { minLength: length, maxLength: length });
  const seed = Array.from(place).reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), SEED) | 0;
  return fc.sample(chosen, { seed, numRuns: 1 }).flat();
}

function spoil(body: unknown, kind: string, path: Path, value: unknown): Spoilt {
  const put = value instanceof Raw ? MARK : value;
  const text = JSON.stringify(replaced(body, path, put));
  const shown = value instanceof Raw ? value.text : JSON.stringify(value);
  return {
    what: `${kind}: ${(shown ?? 'nothing').slice(0, 60)}`,
    pointer: pointerOf(path),
    text: value instanceof Raw ? text.replace(`"${MARK}"`, value.text) : text,
  };
}

/** Text of JSON that no value of ours would be written as. */
class Raw {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}
const MARK = '@raw@';
const raw = (text: string): Raw => new Raw(text);

const pointerOf = (path: Path): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** The value with another one at a place; `undefined` takes the field away. */
function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  const inner = replaced(Object(value)[key], rest, by);
  if (Array.isArray(value)) return value.with(Number(key), inner);
  const entries = Object.entries(Object(value)).filter(([name]) => name !== key);
  return Object.fromEntries(inner === undefined ? entries : [...entries, [key, inner]]);
}

const OF_TYPE: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  null: fc.constant(null),
  boolean: fc.boolean(),
  integer: fc.integer(),
  string: fc.string(),
  array: fc.array(fc.integer(), { maxLength: 3 }),
  object: fc.dictionary(fc.string({ minLength: 1 }), fc.integer(), { minKeys: 1, maxKeys: 3 }),
};
/** One value of every JSON type that may not stand there. */
function wrongTypes(members: readonly Schema[]): readonly unknown[] {
  const allowed = members.map(({ type }) => type);
  return Object.entries(OF_TYPE)
    .filter(([type]) => !allowed.includes(type))
    .flatMap(([, values]) => fc.sample(values, { seed: SEED, numRuns: 1 }));
}

const MANY = 70_000;

function wrongTexts({ fitting }: Field): readonly unknown[] {
  const { maxLength, minLength = 0, format, pattern, enum: words } = fitting;
  return [
    ...(minLength > 0 || isFormed([fitting]) ? [''] : []),
    ...(pattern === '\\S' ? ['   ', '\u00a0\u2003\t\n'] : []),
    ...(maxLength === undefined ? [] : ['x'.repeat(maxLength + 1)]),
    'x'.repeat(MANY),
    ...(words ? [String(words[0]).toUpperCase(), `${words[0]} `] : []),
    ...(format ? (FORMATS[format] ?? []) : []),
  ];
}

const FORMATS: Readonly<Record<string, readonly string[]>> = {
  date: ['2026-02-30', '2026-13-01', '0001-01-01', '9999-12-31', '2026-1-1', '20261205', 'NaN'],
  'date-time': [
    '2026-02-30T00:00:00Z',
    '2026-12-05T25:00:00Z',
    '2026-12-05T10:61:00Z',
    '2026-12-05T10:00:00',
    '2026-12-05',
    '+275760-09-13T00:00:00Z',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59Z',
    'Infinity',
  ],
  email: ['a@', '@example.com', 'a@b@example.com', `${'x'.repeat(250)}@example.com`],
  uri: [
    'http://example.com/',
    'javascript:alert(1)',
    'https://',
    `https://a.b/${'x'.repeat(2_000)}`,
  ],
};

function wrongNumbers({ fitting: { minimum, maximum } }: Field): readonly unknown[] {
  const isSafe = (value: number | undefined): value is number => Number.isSafeInteger(value);
  return [
    ...['9007199254740992', '-9007199254740992', '1e400', '1.5', '1.0', '1e2', '-0'].map(raw),
    ...[(minimum ?? 0) - 1].filter((value) => minimum !== undefined && isSafe(value)),
    ...[(maximum ?? 0) + 1].filter((value) => maximum !== undefined && isSafe(value)),
  ];
}

function wrongLists({ fitting: { minItems, maxItems }, value }: Field): readonly unknown[] {
  const [first = null] = Array.isArray(value) ? value : [];
  return [
    ...(minItems === undefined ? [] : [Array(minItems - 1).fill(first)]),
    ...(maxItems === undefined ? [] : [Array(maxItems + 1).fill(first)]),
  ];
}

const none = (): readonly unknown[] => [];

/** Fields that nobody knows, that are missing, that stand there twice; names of free fields. */
function wrongFields(
  body: unknown,
  { path, place, members, fitting, value }: Field,
  most: number,
): readonly Spoilt[] {
  const { required = [], additionalProperties: free, maxProperties, propertyNames = {} } = fitting;
  const [first] = Object.values(Object(value));
  const at = (kind: string, name: string, put: unknown) => spoil(body, kind, [...path, name], put);
  // Without one of its fields a member of a union may be another member.
  const isSure = members.length === 1 || required.includes('kind');
  const missing = required
    .filter(() => isSure)
    .map((name) => at('a field that is missing', name, undefined));
  if (free === false) {
    const unknown = ['unknown_field', '__proto__', 'constructor', 'a/b~c', '\u202e', ''];
    return [
      ...missing,
      ...some(unknown, place, most).map((name) => at('an unknown field', name, first ?? 1)),
    ];
  }
  const many = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`n${n}`, first]));
  return [
    ...missing,
    at('a hostile name', '__proto__', first),
    at('a hostile name', 'a\0b', first),
    at('a hostile name', '\ud800', first),
    ...(propertyNames.minLength ? [at('a wrong size', '', first)] : []),
    ...(propertyNames.maxLength ? [at('a wrong size', 'x'.repeat(41), first)] : []),
    ...(maxProperties ? [spoil(body, 'a wrong size', path, many)] : []),
    at('a hostile value', 'deep', raw(`${'['.repeat(5_000)}${']'.repeat(5_000)}`)),
  ];
}

/** Text that no field can hold. */
const UNUSABLE: readonly string[] = ['a\0b', '\ud800', 'a\udc00b'];

/** Text that is only text; where a form is asked for, it is refused. */
const HOSTILE: readonly string[] = [
  "'; drop table holdfast.escrows; --",
  '<script>alert(1)</script>',
  '$\u007b7*7}{{7*7}}',
  '__proto__',
  'NaN',
  '\u202ereversed\u202c \u200b\ufeff\u2028',
];

/** All of it at once: where text may be any text, it comes back as it was sent. */
const HOSTILE_TEXT = `${HOSTILE.join(' ')} \u001b[31m 👩‍👩‍👧 \\u0000 %00 \r\n\t`;

/** Does a text need a form, whatever it may be? */
const isFormed = (members: readonly Schema[]): boolean =>
  members.some(({ type }) => type === 'string') &&
  members
    .filter(({ type }) => type === 'string')
    .every(({ enum: words, format, pattern }) => words || format || (pattern && pattern !== '\\S'));

/** Short enough for the smallest field. */
const SHORT_TEXT = "'; --<b>\u202e{{1}}\u0007\\u0000 👩‍👧 ";

export type Sent = { readonly place: string; readonly text: string };

/** A body whose texts are hostile wherever they may be any text, and those texts. */
export function hostileBody(
  body: object,
  fields: readonly Field[],
  { isName, mark }: { readonly isName: (field: Field) => boolean; readonly mark: string },
): { readonly body: unknown; readonly texts: readonly Sent[] } {
  const free = fields.filter(
    (field) => field.fitting.type === 'string' && !isFormed(field.members) && !isName(field),
  );
  let whole: unknown = body;
  const texts: Sent[] = [];
  for (const [n, { path, place, fitting }] of free.entries()) {
    const text = `${mark}.${n} ${(fitting.maxLength ?? 0) < 200 ? SHORT_TEXT : HOSTILE_TEXT}`;
    whole = replaced(whole, path, text);
    texts.push({ place, text });
  }
  return { body: whole, texts };
}
