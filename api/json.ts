/**
 * Owns how the text of a body becomes a value: what JSON allows and we do not is named with its
 * place. JSON.parse alone would round 2^53+1, take 1e3 for a count and keep the last of two fields.
 * Must not know what a body is for.
 */
import { type FieldError, type Problem, problem } from './problem';

export type Read = { readonly value: unknown } | Problem;

/** The value of a JSON text in UTF-8; an empty text is an empty object. */
export function readJson(bytes: Uint8Array): Read {
  const text = textOf(bytes);
  if (text === null) return problem('malformed_json', 'The body is not UTF-8.');
  if (text.trim() === '') return { value: {} };
  const parsed = parsedOf(text);
  if (!parsed) return problem('malformed_json');
  const errors = errorsIn(text);
  if (errors.length > 0) return problem('malformed', errors[0]?.detail, { errors });
  return parsed;
}

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function parsedOf(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** One object or list that has been begun; `key` is the field or position we are at. */
type Level = { readonly fields: Set<string> | null; key: string; expectsKey: boolean };

const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*|[[\]{},:]|true|false|null/g;
const DEPTH_MAX = 32;

/** Walks over a text that is known to be JSON. */
function errorsIn(text: string): readonly FieldError[] {
  const levels: Level[] = [];
  const errors: FieldError[] = [];
  const tell = (code: string, detail: string) =>
    errors.push({ pointer: pointerTo(levels.map(({ key }) => key)), code, detail });
  for (const [token] of text.matchAll(TOKEN)) {
    const level = levels.at(-1);
    if (token === '{' || token === '[') {
      if (levels.length === DEPTH_MAX) {
        tell('too_deep', TOO_DEEP);
        return errors;
      }
      const isObject = token === '{';
      levels.push({
        fields: isObject ? new Set() : null,
        key: isObject ? '' : '0',
        expectsKey: isObject,
      });
    } else if (token === '}' || token === ']') {
      levels.pop();
    } else if (token === ',' && level) {
      if (level.fields) level.expectsKey = true;
      else level.key = String(Number(level.key) + 1);
    } else if (token.startsWith('"')) {
      const word = String(JSON.parse(token));
      if (level?.fields && level.expectsKey) {
        level.key = word;
        level.expectsKey = false;
        if (level.fields.has(word)) tell('repeated_field', 'the field stands here twice');
        if (word === PROTOTYPE) tell('unusable_name', `no field can be called ${PROTOTYPE}`);
        level.fields.add(word);
      }
      if (isUnusable(word)) tell('unusable_text', 'text must not hold U+0000 or half a surrogate');
    } else if (/^[-\d]/.test(token)) {
      const wrong = wrongNumber(token);
      if (wrong) tell(wrong, NUMBERS[wrong]);
    }
  }
  return errors;
}

/** JavaScript means something else by it, and a map of names would lose it without a word. */
const PROTOTYPE = '__proto__';
const TOO_DEEP = `nested deeper than ${DEPTH_MAX} levels`;

/** PostgreSQL stores neither of them. */
const isUnusable = (word: string): boolean => word.includes('\0') || /\p{Surrogate}/u.test(word);

const NUMBERS = {
  not_an_integer: 'numbers are whole and written with digits alone: no fraction, no exponent',
  unsafe_integer: 'numbers lie between -(2^53-1) and 2^53-1',
} as const;

/** Amounts are counts of minor units; no field of ours has a fraction. */
function wrongNumber(token: string): keyof typeof NUMBERS | null {
  if (!/^-?(0|[1-9]\d*)$/.test(token) || token === '-0') return 'not_an_integer';
  return Number.isSafeInteger(Number(token)) ? null : 'unsafe_integer';
}

/** A JSON pointer (RFC 6901). */
export const pointerTo = (path: readonly PropertyKey[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
