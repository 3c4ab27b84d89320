/**
 * Owns the shape of a route: one object that the router, the reference and the OpenAPI file are
 * made from, and how a raw request becomes typed parameters, query and body.
 * Must not know any resource, nor how an answer is sent (`serve.ts`).
 */
import { z } from 'zod';
import { hashOf } from '../runtime/request-hash';
import type { Caller } from './actor';
import type { Api } from './dependencies';
import { pointerTo } from './json';
import type { Right } from './permissions';
import { type FieldError, type Problem, type ProblemCode, problem } from './problem';
import type { Tag } from './tags';

export type Answer = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};
export type Result = Answer | Problem;

/** What a handler knows of the request beside its parts. */
export type RequestFacts = {
  readonly id: string;
  readonly path: string; // as asked, without the query
  readonly route: string; // `POST /v1/accounts/{id}`
  readonly header: (name: string) => string | undefined;
  readonly idempotencyKey: string; // '' for reads
  readonly expectedVersion: number | null; // If-Match
  readonly hash: Buffer; // of path and body: what a repeat must equal
};

export type Call<P, Q, B> = {
  readonly api: Api;
  readonly caller: Caller;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly request: RequestFacts;
};
/** A call whose parts a helper does not read. */
export type AnyCall = Pick<Call<unknown, unknown, unknown>, 'api' | 'caller' | 'request'>;

/** An incoming request: authenticated, its body read as JSON, nothing parsed. */
export type Incoming = Omit<Call<unknown, unknown, unknown>, 'request'> & {
  readonly request: Omit<RequestFacts, 'hash'>;
};

/** `type` is what it is sent as, when that is not JSON. */
export type AnswerSpec = {
  readonly about: string;
  readonly schema: z.ZodType | null;
  readonly type?: string;
};

/** All that the reference says about a route. */
export type Reference = {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string; // with `{id}` for parameters
  readonly operationId: string;
  readonly tag: Tag;
  readonly summary: string;
  readonly description?: string;
  readonly right: Right;
  /** Nothing is written, whatever the method: no `Idempotency-Key`, no command row. */
  readonly changes?: 'nothing';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Answers by status. */
  readonly answers: Readonly<Record<number, AnswerSpec>>;
  /** Problems of its own; what every route can answer is added. */
  readonly problems: readonly ProblemCode[];
  readonly example?: { readonly body?: unknown; readonly answer?: unknown };
};

export type Endpoint = {
  readonly reference: Reference;
  readonly run: (incoming: Incoming) => Promise<Result>;
};

/** Must a request of this route carry an `Idempotency-Key`? */
export const isUnsafe = ({ method, changes }: Pick<Reference, 'method' | 'changes'>): boolean =>
  method !== 'get' && changes !== 'nothing';

type Nothing = z.ZodObject<Record<never, never>>;
const NOTHING = z.strictObject({});

type Spec<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> = Omit<
  Reference,
  'params' | 'query' | 'body'
> & {
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly handle: (call: Call<Given<P>, Given<Q>, Given<B>>) => Promise<Result>;
};

/** A route with typed parts. A part that is not declared must be empty. */
export function endpoint<
  P extends z.ZodObject = Nothing,
  Q extends z.ZodObject = Nothing,
  B extends z.ZodType = Nothing,
>({ handle, ...reference }: Spec<P, Q, B>): Endpoint {
  return {
    reference,
    run: async (incoming) => {
      const { request } = incoming;
      // An id in the wrong form is one that does not exist.
      const params = read(reference.params, incoming.params);
      if ('errors' in params) return problem('not_found');
      const query = read(reference.query, incoming.query);
      if ('errors' in query) return malformed('malformed_parameter', query.errors);
      const body = read(reference.body, incoming.body);
      if ('errors' in body) return malformed('malformed', body.errors);
      return handle({
        ...incoming,
        params: params.value,
        query: query.value,
        body: body.value,
        request: { ...request, hash: hashOf({ path: request.path, body: incoming.body }) },
      });
    },
  };
}

/** What a schema gives; JSON and queries have no `undefined`, so optional means absent. */
export type Given<S extends z.ZodType> = Exact<z.output<S>>;
type Exact<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Exact<Item>[]
    : T extends object
      ? { readonly [K in keyof T]: Exact<Exclude<T[K], undefined>> }
      : T;

type Parsed<T> = { readonly value: T } | { readonly errors: readonly FieldError[] };

/** What a schema makes of a value, or all that is wrong with it. Without a schema: nothing. */
export function read<S extends z.ZodType>(schema: S | undefined, value: unknown): Parsed<Given<S>> {
  const parsed = (schema ?? NOTHING).safeParse(value);
  if (parsed.success) return { value: parsed.data as Given<S> }; // S has parsed it, or S is Nothing
  return { errors: parsed.error.issues.flatMap((issue) => errorsOf(issue, value, [])) };
}

const malformed = (code: ProblemCode, errors: readonly FieldError[]): Problem =>
  problem(code, errors[0] && `${errors[0].pointer}: ${errors[0].detail}`, { errors });

type Issue = z.core.$ZodIssue;

/** zod's issue as field errors: a pointer, a code of ours, zod's sentence. */
function errorsOf(issue: Issue, value: unknown, before: readonly PropertyKey[]): FieldError[] {
  const path = [...before, ...issue.path];
  const pointer = pointerTo(path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: pointerTo([...path, key]),
      code: 'unknown_field',
      detail: 'there is no such field',
    }));
  }
  // Of the members of a union, the one that the value fits best.
  const members = issue.code === 'invalid_union' ? issue.errors : [];
  const [best] = [...members].sort((a, b) => b.length - a.length).reverse();
  if (best && best.length > 0) return best.flatMap((inner) => errorsOf(inner, value, path));
  return [{ pointer, code: codeOf(issue, isMissing(value, path)), detail: issue.message }];
}

const FIELD_CODES = {
  invalid_type: 'wrong_type',
  invalid_union: 'wrong_type',
  invalid_value: 'wrong_value',
  invalid_format: 'wrong_format',
  too_big: 'out_of_range',
  too_small: 'out_of_range',
  not_multiple_of: 'wrong_value',
  unrecognized_keys: 'unknown_field',
  invalid_key: 'wrong_value',
  invalid_element: 'wrong_value',
  custom: 'wrong_value',
} as const satisfies Record<Issue['code'], string>;

function codeOf(issue: Issue, isAbsent: boolean): string {
  if (isAbsent) return 'required';
  const own: unknown = issue.code === 'custom' ? issue.params?.code : null;
  return typeof own === 'string' ? own : FIELD_CODES[issue.code];
}

function isMissing(value: unknown, path: readonly PropertyKey[]): boolean {
  let here = value;
  for (const key of path) {
    if (typeof here !== 'object' || here === null) return true;
    here = Reflect.get(here, key);
  }
  return here === undefined;
}
