/**
 * Owns the OpenAPI 3.1 document: made from the same routes and schemas that serve.
 * Must not know any resource.
 */
import { OpenAPIRegistry, OpenApiGeneratorV31 } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { API_VERSION } from '../runtime/version';
import { isUnsafe, type Reference } from './endpoint';
import { exampleAnswers, exampleNameOf } from './example-answers';
import type { OpenEndpoint } from './open-endpoint';
import { RIGHTS } from './permissions';
import { type ProblemCode, rowOfCode } from './problem';
import { commandAnswer } from './schemas/commands';
import { TAGS } from './tags';

type Documented = { readonly reference: Reference | OpenEndpoint['reference'] };

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string().meta({ description: 'Stable; see docs/errors.' }),
    request_id: z.string(),
    retryable: z.boolean(),
    errors: z
      .array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() }))
      .optional(),
    current_status: z.string().optional(),
    allowed_actions: z.array(z.string()).optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457.' });

/** What every route that needs a key can answer. */
const ALWAYS: readonly ProblemCode[] = [
  'malformed_parameter',
  'malformed_header',
  'unauthenticated',
  'not_allowed',
  'not_found',
  'rate_limited',
  'internal',
  'unavailable',
];
const WHEN_UNSAFE: readonly ProblemCode[] = [
  ...ALWAYS,
  'missing_idempotency_key',
  'malformed_json',
  'unsupported_media_type',
  'body_too_large',
  'malformed',
  'idempotency_mismatch',
  'in_flight',
  'stale_version',
];

/** The document, for a list of routes. */
export function openApiDocument(routes: readonly Documented[]) {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'key', { type: 'http', scheme: 'bearer' });
  for (const [name, response] of Object.entries(SHARED)) {
    registry.registerComponent('responses', name, response);
  }
  for (const [name, value] of Object.entries(exampleAnswers())) {
    registry.registerComponent('examples', name, { value });
  }
  for (const { reference } of routes) registry.registerPath(pathOf(reference));
  return new OpenApiGeneratorV31([...registry.definitions, problemSchema]).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Holdfast',
      version: API_VERSION,
      description: ABOUT,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: 'http://127.0.0.1:8080' }],
    security: [{ key: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
  });
}

const ABOUT = [
  'An escrow orchestrator that a business runs itself.',
  'Amounts are whole numbers of minor units. Times are RFC 3339 in UTC. Lists are newest first,',
  'with a cursor that stays good. Fields that are not known are refused; clients accept fields',
  'that they do not know.',
  'Every POST, PUT, PATCH and DELETE that changes something needs an `Idempotency-Key`; a repeat',
  'gets the first answer.',
  '`If-Match` with the ETag of an object refuses what is stale.',
  'A command that is not answered within 8 seconds gets 202 and can be looked up.',
].join(' ');

type Path = Parameters<OpenAPIRegistry['registerPath']>[0];

function pathOf(reference: Reference | OpenEndpoint['reference']): Path {
  const { method, path, operationId, tag, summary, description, right } = reference;
  const headers = isUnsafe(reference) ? UNSAFE_HEADERS : SAFE_HEADERS;
  const { body, params, query, example } = reference;
  return {
    method,
    path,
    operationId,
    tags: [tag],
    summary,
    description: [description, `Who: ${RIGHTS[right]}`].filter(Boolean).join('\n\n'),
    ...(right === 'open' && { security: [] }),
    request: {
      ...(params && { params }),
      ...(query && { query }),
      ...(right !== 'open' && { headers }),
      ...(body && {
        body: {
          required: true,
          content: { 'application/json': { schema: body, ...exampleOf(example?.body) } },
        },
      }),
    },
    responses: { ...answersOf(reference), ...problemsOf(reference) },
  };
}

const onBehalf = z
  .string()
  .optional()
  .meta({
    pattern: '^acc_[A-Za-z0-9_]{1,100}$',
    description: 'An account that the platform acts for.',
    examples: ['acc_01k9z6b0w2e8ra5m3q7t4n1xvc'],
  });
const SAFE_HEADERS = z.object({ 'On-Behalf-Of': onBehalf });
const UNSAFE_HEADERS = z.object({
  'On-Behalf-Of': onBehalf,
  'Idempotency-Key': z
    .string()
    .min(1)
    .max(255)
    .meta({ pattern: '^[ -~]{1,255}$', examples: ['order-4711-accept'] }),
  'If-Match': z
    .string()
    .optional()
    .meta({ pattern: '^(\\*|(W/)?"[^"]*")$', examples: ['"7"'] }),
});

const exampleOf = (example: unknown) => (example === undefined ? {} : { example });

function answersOf({ answers }: Pick<Reference, 'answers'>) {
  const entries = Object.entries(answers).map(
    ([status, { about, schema, type = 'application/json' }]) => {
      const shown = status === '202' && !schema ? commandAnswer : schema;
      const content = shown && {
        [type]: { schema: shown, ...examplesOf(shown) },
      };
      return [status, { description: about, ...(content && { content }) }];
    },
  );
  return Object.fromEntries(entries);
}

/** An example that stands once in the document. */
function examplesOf(schema: z.ZodType) {
  const name = exampleNameOf(schema);
  return name ? { examples: { [name]: { $ref: `#/components/examples/${name}` } } } : {};
}

type Codes = readonly ProblemCode[];
const withStatus = (codes: Codes, status: number): Codes =>
  codes.filter((code) => rowOfCode(code).status === status);
const statusesOf = (codes: Codes): readonly number[] => [
  ...new Set(codes.map((code) => rowOfCode(code).status)),
];

/** Problems by status; those that many routes share are written down once. */
function problemsOf({ method, problems, right }: Reference | OpenEndpoint['reference']) {
  const keyed = method === 'get' ? ALWAYS : WHEN_UNSAFE;
  const common = right === 'open' ? [] : keyed;
  const all = [...common, ...problems.filter((code) => !common.includes(code))];
  const entries = statusesOf(all).map((status) => {
    const own = withStatus(all, status);
    const isShared = own.length === withStatus(common, status).length;
    const name = nameOf(method === 'get' ? 'Read' : 'Write', status);
    const here = () => responseOf(own, problemSchema);
    return [status, isShared ? { $ref: `#/components/responses/${name}` } : here()];
  });
  return Object.fromEntries(entries);
}

const nameOf = (kind: string, status: number): string => `${kind}${status}`;

const responseOf = <S>(codes: Codes, schema: S) => ({
  description: codes.map((code) => `\`${code}\``).join(', '),
  content: { 'application/problem+json': { schema, example: exampleProblem(codes[0]) } },
});

/** The responses that are written down once. */
const SHARED = Object.fromEntries(
  [['Read', ALWAYS] as const, ['Write', WHEN_UNSAFE] as const].flatMap(([kind, codes]) =>
    statusesOf(codes).map((status) => [
      nameOf(kind, status),
      responseOf(withStatus(codes, status), { $ref: '#/components/schemas/Problem' }),
    ]),
  ),
);

function exampleProblem(code: ProblemCode = 'internal') {
  const { status, title, retryable } = rowOfCode(code);
  return {
    type: `/docs/errors#${code}`,
    title,
    status,
    detail: title,
    instance: '/v1/escrows/esc_01k9z6b0w2e8ra5m3q7t4n1xvc',
    code,
    request_id: 'req_01k9z6b0w2e8ra5m3q7t4n1xvc',
    retryable,
  };
}
