/**
 * Owns the shape of a route that needs no key: health, the reference, webhooks of providers.
 * Must not know any of them.
 */
import type { Api } from './dependencies';
import type { Reference, Result } from './endpoint';

export type OpenCall = {
  readonly api: Api;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Uint8Array; // as it came
  readonly headers: Readonly<Record<string, string | undefined>>; // names in lower case
  readonly document: () => string; // OpenAPI, of all routes
};

export type OpenEndpoint = {
  readonly reference: Omit<Reference, 'right'> & { readonly right: 'open' };
  readonly answer: (call: OpenCall) => Promise<Result>;
};

/** A route that anybody may call. */
export const openEndpoint = ({
  answer,
  problems = [],
  ...reference
}: Omit<Reference, 'right' | 'problems'> &
  Partial<Pick<Reference, 'problems'>> &
  Pick<OpenEndpoint, 'answer'>): OpenEndpoint => ({
  reference: { ...reference, right: 'open', problems },
  answer,
});
