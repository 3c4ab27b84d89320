/**
 * Owns the reference pages: the OpenAPI file, its reader, and a page of all error codes. Everything
 * is served by us, under a policy of its own, without a cookie.
 * Must not know any route: it shows what is in the document.
 */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { errorsPage } from './errors-page';
import { type OpenEndpoint, openEndpoint } from './open-endpoint';

const tag = 'Operations';
const HTML = 'text/html; charset=utf-8';

/** The reader writes its own styles and works in the background; it may load nothing from
 * elsewhere. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  'worker-src blob:',
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Holdfast API</title>
<link rel="icon" href="data:,">
<style>body { margin: 0; }</style>
</head>
<body>
<main><redoc spec-url="/openapi.json" hide-download-button></redoc></main>
<script src="/docs/redoc.js"></script>
</body>
</html>
`;

const docs = openEndpoint({
  method: 'get',
  path: '/docs',
  operationId: 'getDocs',
  tag,
  summary: 'The reference page',
  answers: { 200: { about: 'A page.', schema: null } },
  answer: async () => page(PAGE),
});

const reader = openEndpoint({
  method: 'get',
  path: '/docs/redoc.js',
  operationId: 'getDocsReader',
  tag,
  summary: 'The program of the reference page',
  answers: { 200: { about: 'A script.', schema: null } },
  answer: async () => ({
    status: 200,
    body: await script(),
    headers: {
      'Content-Type': 'text/javascript; charset=utf-8',
      'Cache-Control': 'public, max-age=86400',
    },
  }),
});

const errors = openEndpoint({
  method: 'get',
  path: '/docs/errors',
  operationId: 'getErrors',
  tag,
  summary: 'Every error code',
  answers: { 200: { about: 'A page with one anchor per code.', schema: null } },
  answer: async () => page(errorsPage()),
});

const openapi = openEndpoint({
  method: 'get',
  path: '/openapi.json',
  operationId: 'getOpenApi',
  tag,
  summary: 'This document',
  answers: { 200: { about: 'OpenAPI 3.1.', schema: z.record(z.string(), z.unknown()) } },
  answer: async ({ document }) => ({
    status: 200,
    body: document(),
    headers: { 'Content-Type': 'application/json; charset=utf-8' },
  }),
});

let loaded: Promise<string> | null = null;

/** Its maker's logo, which it would fetch from outside: an empty picture stands in for it. */
const LOGO = 'https://cdn.redoc.ly/redoc/logo-mini.svg';
const NO_LOGO = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'/%3E";

/** Read once; some megabytes. */
function script(): Promise<string> {
  loaded ??= readFile(require.resolve('redoc/bundles/redoc.standalone.js'), 'utf8').then((text) =>
    text.replaceAll(LOGO, NO_LOGO),
  );
  return loaded;
}

const page = (body: string) => ({
  status: 200,
  body,
  headers: { 'Content-Type': HTML, 'Content-Security-Policy': POLICY },
});

export const docsRoutes: readonly OpenEndpoint[] = [docs, reader, errors, openapi];
