/**
 * Owns every error code that a caller can meet, its HTTP status and its shape (RFC 9457). Alone
 * decides the status of a refusal.
 * Must not know when a code applies.
 */
import { REFUSALS, type Refusal, type RefusalCode } from '../domain/refusals';

type Row = { readonly status: number; readonly title: string; readonly retryable: boolean };

const row = (status: number, title: string, retryable = false): Row => ({
  status,
  title,
  retryable,
});

/** Errors of the way there: the rules were not asked, and nothing was changed. */
const API_CODES = {
  malformed_json: row(400, 'The body is not JSON in UTF-8.'),
  malformed_header: row(400, 'A header is not in its form.'),
  malformed_parameter: row(400, 'A parameter of the query is unknown or not in its form.'),
  missing_idempotency_key: row(400, 'A request that changes something needs an Idempotency-Key.'),
  unauthenticated: row(401, 'The API key is missing, unknown, revoked or of the other mode.'),
  test_mode_only: row(403, 'This exists in test mode only.'),
  not_found: row(404, 'There is no such thing here.'),
  method_not_allowed: row(405, 'This address does not know the method.'),
  in_flight: row(409, 'An earlier request is still being worked on; ask again.', true),
  already_exists: row(409, 'Something with this name exists already.'),
  body_too_large: row(413, 'A body may have 256 kB.'),
  unsupported_media_type: row(415, 'Send application/json, without a content encoding.'),
  idempotency_mismatch: row(422, 'This Idempotency-Key was used with another request.'),
  rate_limited: row(429, 'Too many requests; wait as long as Retry-After says.', true),
  forged_webhook: row(400, 'The webhook does not prove that it comes from the provider.'),
  internal: row(500, 'We have made a mistake. The request may be repeated with its key.', true),
  unavailable: row(503, 'A part is away. It is safe to repeat the request with its key.', true),
} as const satisfies Record<string, Row>;

const REFUSAL_STATUS = {
  wrong_status: 409,
  escrow_closed: 409,
  release_is_final: 409,
  deadline_passed: 409,
  in_dispute: 409,
  on_hold: 409,
  not_a_party: 403,
  not_allowed: 403,
  already_done: 409,
  terms_changed: 409,
  amount_mismatch: 422,
  insufficient_funds: 409,
  conflict_of_interest: 422,
  limit_reached: 409,
  conditions_unmet: 409,
  unknown_milestone: 404,
  unknown_proposal: 404,
  unknown_dispute: 404,
  malformed: 422,
  not_supported: 422,
  stale_version: 412,
  unsigned_command: 403,
} as const satisfies Record<RefusalCode, number>;

export type ProblemCode = RefusalCode | keyof typeof API_CODES;

/** What is wrong with one field: where it is (RFC 6901), a code for programs, a sentence. */
export type FieldError = {
  readonly pointer: string;
  readonly code: string;
  readonly detail: string;
};

/** An error as a value: what the caller is told, without HTTP. */
export type Problem = {
  readonly problem: ProblemCode;
  readonly detail?: string;
  readonly errors?: readonly FieldError[];
  readonly current_status?: string;
  readonly allowed_actions?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
};

/** A problem with its own sentence, and members that belong to it. */
export const problem = (
  code: ProblemCode,
  detail?: string,
  more: Omit<Problem, 'problem' | 'detail'> = {},
): Problem => ({ problem: code, ...(detail === undefined ? {} : { detail }), ...more });

/** Something went wrong with one field. */
export const fieldProblem = (
  code: ProblemCode,
  pointer: string,
  detail: string,
  name: string = code,
): Problem => problem(code, detail, { errors: [{ pointer, code: name, detail }] });

/** Refusals of the rules as one problem: the first decides, all are listed. */
export function refusedAs(
  refusals: readonly Refusal[],
  more: Omit<Problem, 'problem' | 'detail' | 'errors'> = {},
): Problem {
  const [first] = refusals;
  if (!first) throw new RangeError('no refusal');
  const errors = refusals.flatMap(({ pointer, code, detail }) =>
    pointer === undefined ? [] : [{ pointer, code, detail }],
  );
  return problem(first.code, first.detail, { ...(errors.length > 0 && { errors }), ...more });
}

/** The same problem of a part of the body: its places as the whole body has them. */
export const placed = (value: Problem, place: (pointer: string) => string): Problem =>
  value.errors
    ? {
        ...value,
        errors: value.errors.map((error) => ({ ...error, pointer: place(error.pointer) })),
      }
    : value;

export const isProblem = (value: unknown): value is Problem =>
  typeof value === 'object' && value !== null && 'problem' in value;

/** HTTP status, title and whether the same request may succeed later. */
export function rowOfCode(code: ProblemCode): Row {
  if (isApiCode(code)) return API_CODES[code];
  return row(REFUSAL_STATUS[code], REFUSALS[code]);
}

/** Every code, those of the rules first. */
export const PROBLEM_CODES: readonly ProblemCode[] = [
  ...Object.keys(REFUSALS).filter(isRefusal),
  ...Object.keys(API_CODES).filter(isApiCode),
];

/** Who has made more mistakes than these does not read on; the answer stays shorter than the body
 * that was sent. */
const ERRORS_MAX = 100;

/** The body of a problem. `instance` is the path that was asked for. */
export function problemBody(
  { problem: code, detail, errors, current_status, allowed_actions }: Problem,
  { requestId, instance }: { readonly requestId: string; readonly instance: string },
): Readonly<Record<string, unknown>> {
  const { status, title, retryable } = rowOfCode(code);
  return {
    type: `/docs/errors#${code}`,
    title,
    status,
    detail: detail ?? title,
    instance,
    code,
    request_id: requestId,
    retryable,
    ...(errors && { errors: errors.slice(0, ERRORS_MAX) }),
    ...(current_status !== undefined && { current_status }),
    ...(allowed_actions && { allowed_actions }),
  };
}

/** The problem as an answer: status, body, headers. */
export const problemAnswer = (
  value: Problem,
  request: { readonly id: string; readonly path: string },
) => ({
  status: rowOfCode(value.problem).status,
  body: problemBody(value, { requestId: request.id, instance: request.path }),
  headers: value.headers ?? {},
});

function isApiCode(code: string): code is keyof typeof API_CODES {
  return Object.hasOwn(API_CODES, code);
}

function isRefusal(code: string): code is RefusalCode {
  return Object.hasOwn(REFUSALS, code);
}
