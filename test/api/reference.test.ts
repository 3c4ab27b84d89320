/**
 * Owns that router and file say the same, that what is printed is what is committed, and that
 * every example is one.
 * Must not test what a route does.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createApp } from '../../api/app';
import { exampleAnswers, exampleNameOf } from '../../api/example-answers';
import { printedDocs } from '../../api/printed-docs';
import { PROBLEM_CODES, rowOfCode } from '../../api/problem';
import { OPEN_ROUTES, ROUTES } from '../../api/routes';
import { REFUSALS } from '../../domain/refusals';
import { at, openStack, type Stack } from './stack';

const root = resolve(__dirname, '../..');
const committed = (path: string): string => readFileSync(resolve(root, path), 'utf8');
const document: unknown = JSON.parse(committed('docs/openapi.json'));

let stack: Stack;
beforeAll(async () => {
  stack = await openStack();
});
afterAll(() => stack.close());

test('the committed documents are what is printed from the routes and codes', () => {
  for (const [path, text] of Object.entries(printedDocs())) {
    expect({ path, isSame: committed(path) === text }).toEqual({ path, isSame: true });
  }
});

test('no route without an entry in the file, and no entry without a route', () => {
  const inFile = Object.entries(Object(at(document, 'paths'))).flatMap(([path, operations]) =>
    Object.keys(Object(operations)).map((method) => `${method} ${path}`),
  );
  expect(routesOf(createApp(stack.api)).sort()).toEqual(inFile.sort());
  expect(inFile.length).toBeGreaterThan(60);
});

/** What Express itself would serve; `all` is the answer to other methods. */
function routesOf(app: ReturnType<typeof createApp>): string[] {
  return app.router.stack.flatMap(({ route }) => {
    if (!route) return [];
    const methods = route.stack.map(({ method }) => method).filter(Boolean);
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    return [...new Set(methods)].map((method) => `${method} ${path}`);
  });
}

test('operation ids are there and differ; every route has a right and a summary', () => {
  const references = [...ROUTES, ...OPEN_ROUTES].map(({ reference }) => reference);
  const ids = references.map(({ operationId }) => operationId);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { operationId, right, summary } of references) {
    expect({ operationId, right, summary: summary.length > 0 }).toEqual({
      operationId,
      right: expect.stringMatching(/^(open|platform|account|party|test)$/),
      summary: true,
    });
  }
});

test('every example of a request is one, and every route that takes a body shows one', () => {
  for (const { reference } of ROUTES) {
    const { body, example, operationId } = reference;
    if (!body) continue;
    const parsed = body.safeParse(example?.body);
    expect({ operationId, errors: parsed.error?.issues ?? [] }).toEqual({
      operationId,
      errors: [],
    });
  }
});

test('every example of an answer has the shape that its route promises', () => {
  const shown = exampleAnswers();
  const seen = new Set<string>();
  for (const { reference } of ROUTES) {
    for (const { schema } of Object.values(reference.answers)) {
      const name = schema && exampleNameOf(schema);
      if (!name || !schema) continue;
      seen.add(name);
      expect({ name, errors: schema.safeParse(shown[name]).error?.issues ?? [] }).toEqual({
        name,
        errors: [],
      });
    }
  }
  expect(seen.size).toBeGreaterThan(8);
});

test('every code has a status, a sentence and an anchor', () => {
  expect(PROBLEM_CODES).toEqual(expect.arrayContaining(Object.keys(REFUSALS)));
  const page = committed('docs/errors.md');
  for (const code of PROBLEM_CODES) {
    const { status, title } = rowOfCode(code);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(title).toMatch(/^[A-Z].*\.$/);
    expect(page).toContain(`\n## ${code}\n`);
  }
});

test('the pages are served by us, under a policy that loads nothing from elsewhere', async () => {
  const page = await stack.get('/docs', { key: '' });
  expect(page.status).toBe(200);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*img-src 'self'/);
  expect(page.headers.get('set-cookie')).toBeNull();
  expect(page.body).toMatch(/redoc spec-url="\/openapi\.json"/);
  const script = await stack.get('/docs/redoc.js', { key: '' });
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(String(script.body).includes('cdn.redoc.ly')).toBe(false);
  const errors = await stack.get('/docs/errors', { key: '' });
  expect(errors.body).toMatch(/id="wrong_status"/);
  for (const { body } of [page, errors]) expect(body).toMatch(/<link rel="icon" href="data:,">/);
  const served = await stack.get('/openapi.json', { key: '' });
  expect(served.body).toEqual(document);
});
