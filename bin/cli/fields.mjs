/**
 * Owns how any object looks that has no look of its own: its fields, one a line, as a person reads
 * them.
 * Must not know any kind of object.
 */
import { amountText, bold, dim, spoken, timeText } from './terminal.mjs';

/** Fields that are money in the object's currency, wherever they stand in it. */
const AMOUNTS = new Set(
  (
    'amount amount_due applied available balance bears commission due fee_held fees gross held ' +
    'in_flight more net paid pay payers price received recipients refunded released reserved ' +
    'returned tax unallocated'
  ).split(' '),
);
/** Fields whose value is a word of ours. */
const WORDS = new Set(['command', 'kind', 'otherwise', 'role', 'side', 'state', 'status', 'type']);
/** Fields that a program needs; the moments and mode of an object stand in its own lines. */
const HIDDEN = new Set(
  'api_version created_at livemode object status_code updated_at version'.split(' '),
);
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

/**
 * An object with its kind and id first; what is empty, and what only a program needs, is left out.
 * @param {Readonly<Record<string, unknown>>} object
 * @param {string} currency of its amounts; '' when they have none
 * @returns {string[]}
 */
export function objectLines(object, currency) {
  const { object: kind = 'journal', id, livemode, created_at, updated_at, ...rest } = object;
  const times = { created: created_at, ...(updated_at !== created_at && { changed: updated_at }) };
  return [
    `${bold(spoken(String(kind)))}  ${id}${livemode === true ? '  live' : ''}`,
    ...fieldLines({ ...rest, ...times }, currency, '  '),
  ];
}

/**
 * @param {unknown} value
 * @param {string} currency
 * @param {string} indent
 * @returns {string[]}
 */
function fieldLines(value, currency, indent) {
  const held = Object.entries(Object(value)).filter(
    ([name, field]) => !HIDDEN.has(name) && !isEmpty(field),
  );
  const own = String(Object(value).currency ?? currency);
  const width = Math.max(0, ...held.map(([name]) => name.length)) + 2;
  return held.flatMap(([name, field]) => {
    const heading = indent + dim(spoken(name));
    const title = heading + ' '.repeat(width - name.length);
    if (typeof field !== 'object') return [title + textOf(name, field, own)];
    if (!Array.isArray(field)) return [heading, ...fieldLines(field, own, `${indent}  `)];
    if (field.every((item) => typeof item !== 'object')) {
      const margin = indent + ' '.repeat(width);
      return field.map((item, at) => `${at === 0 ? title : margin}${item}`);
    }
    return [
      heading,
      ...field.flatMap((item) => bulleted(fieldLines(item, own, `${indent}    `), indent)),
    ];
  });
}

/** @param {unknown} field */
const isEmpty = (field) =>
  field === null ||
  field === undefined ||
  (typeof field === 'object' && Object.values(field).every(isEmpty));

/** @param {readonly string[]} lines @param {string} indent */
const bulleted = ([first = '', ...more], indent) => [
  `${indent}  · ${first.slice(indent.length + 4)}`,
  ...more,
];

/** @param {string} name @param {unknown} value @param {string} currency */
function textOf(name, value, currency) {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number' && currency && AMOUNTS.has(name)) {
    return amountText(value, currency);
  }
  const text = String(value);
  if (INSTANT.test(text)) return `${timeText(text)} UTC`;
  return WORDS.has(name) ? spoken(text) : text;
}
