/**
 * Owns which documents are printed from the API, and their text.
 * Must not know where they are kept, nor who compares them.
 */
import { errorsMarkdown } from './errors-page';
import { openApiDocument } from './openapi';
import { OPEN_ROUTES, ROUTES } from './routes';

/** Paths in the repository with their text. */
export const printedDocs = (): Readonly<Record<string, string>> => ({
  'docs/openapi.json': `${JSON.stringify(openApiDocument([...ROUTES, ...OPEN_ROUTES]), null, 2)}\n`,
  'docs/errors.md': errorsMarkdown(),
});
