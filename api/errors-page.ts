/**
 * Owns the page of all error codes, for people (HTML) and for the repository (`docs/errors.md`):
 * one anchor per code.
 * Must not know when a code applies.
 */
import { PROBLEM_CODES, rowOfCode } from './problem';

/** The page that `type` of a problem points to. */
export function errorsPage(): string {
  const entries = PROBLEM_CODES.map((code) => {
    const { status, title, retryable } = rowOfCode(code);
    const again = retryable ? ' The same request may succeed later.' : '';
    return `<h2 id="${code}">${code} (${status})</h2><p>${title}${again}</p>`;
  });
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<title>Holdfast errors</title><link rel="icon" href="data:,">',
    `<style>${STYLE}</style></head><body><main><h1>Errors</h1>`,
    `<p>${ABOUT.replace(/`(\w+)`/g, '<code>$1</code>')}</p>`,
    ...entries,
    '</main></body></html>',
  ].join('\n');
}

/** `docs/errors.md`. */
export function errorsMarkdown(): string {
  const entries = PROBLEM_CODES.flatMap((code) => {
    const { status, title, retryable } = rowOfCode(code);
    return [
      `## ${code}`,
      '',
      `${status}. ${title}${retryable ? ' The same request may succeed later.' : ''}`,
      '',
    ];
  });
  const head = '<!-- Printed by `npm run docs` from api/problem.ts and domain/refusals.ts. -->';
  return [head, '', '# Errors', '', ABOUT, '', ...entries].join('\n');
}

const STYLE =
  ':root{color-scheme:light dark}h2{font-size:1.1rem;overflow-wrap:anywhere}' +
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem}';

const ABOUT =
  'Every error is a problem after RFC 9457 with a stable `code`. Nothing was changed by a ' +
  'request that gets one, unless it is a 5xx: then ask again under the same Idempotency-Key.';
