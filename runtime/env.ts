/**
 * Owns the settings: their names, meaning, form and defaults, once. Alone reads `process.env`;
 * `.env.example` is printed from here.
 * Must not know what a setting is used for beyond its description.
 */
import { existsSync } from 'node:fs';
import { z } from 'zod';

type Kind<T, O extends string | null> = {
  /** One sentence for `.env.example` and the README. */
  readonly about: string;
  /** What is used when it is not set; null: nothing, and a process may insist on it. */
  readonly otherwise: O;
  /** True when its value must never be shown. */
  readonly secret: boolean;
  readonly form: z.ZodType<T, string>;
};

const setting = <T, O extends string | null>(
  about: string,
  form: z.ZodType<T, string>,
  otherwise: O,
): Kind<T, O> => ({ about, otherwise, secret: false, form });

const secret = (about: string, form: z.ZodType<string, string>): Kind<string, null> => ({
  about,
  otherwise: null,
  secret: true,
  form,
});

const number = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must lie between ${min} and ${max}`);
const port = number(0, 65_535);
const text = z.string().min(1);
const yesOrNo = z.enum(['0', '1'], 'must be 0 or 1').transform((value) => value === '1');
const httpUrl = z
  .string()
  .refine((value) => /^https?:\/\/\S+$/.test(value) && URL.canParse(value), 'must be a http URL');
const databaseUrl = z
  .string()
  .refine(
    (value) => /^postgres(ql)?:\/\/\S+$/.test(value) && URL.canParse(value),
    'must look like postgres://user:password@host:5432/database',
  );
const hostAndPort = z.string().regex(/^\S+:\d{1,5}$/, 'must look like host:7233');
const environments = z.enum(['development', 'production'], 'must be development or production');
const levels = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal'], 'must be a pino level');

const SETTINGS = {
  HOLDFAST_ENV: setting('development or production', environments, 'development'),
  HOLDFAST_DATA: setting('Folder of the data of npm start', text, '.holdfast'),
  HOLDFAST_API: setting('API of the command line; unset: that of npm start', httpUrl, null),
  HOLDFAST_KEY: secret('Key of the command line; unset: that of npm start', text),
  PORT: setting('Port of the API on 127.0.0.1', port, '8080'),
  DATABASE_URL: secret(
    'PostgreSQL login, a member of the holdfast roles; unset: npm start runs its own',
    databaseUrl,
  ),
  DATABASE_APP_URL: secret('Login of the API and the workers, when it is another', databaseUrl),
  DATABASE_POOL: setting('Most database connections of a process', number(3, 500), '12'),
  TEMPORAL_ADDRESS: setting('Temporal server; unset: npm start runs its own', hostAndPort, null),
  TEMPORAL_NAMESPACE: setting('Namespace on that server', text, 'holdfast'),
  TEMPORAL_TLS: setting('1: connect by TLS (implied by the next five)', yesOrNo, '0'),
  TEMPORAL_TLS_CA: setting('File with the certificate authority, PEM', text, null),
  TEMPORAL_TLS_CERT: setting('File with the client certificate, PEM', text, null),
  TEMPORAL_TLS_KEY: setting('File with the key of the client certificate, PEM', text, null),
  TEMPORAL_TLS_SERVER_NAME: setting('Name that the server certificate must carry', text, null),
  TEMPORAL_API_KEY: secret('API key of Temporal Cloud', text),
  TEMPORAL_UI_URL: setting('Web interface of Temporal, for links', httpUrl, null),
  HOLDFAST_USE_LOCAL_TEMPORAL: setting(
    '1: npm start uses the server at 127.0.0.1:7233',
    yesOrNo,
    '0',
  ),
  HOLDFAST_BUILD_ID: setting('Turns worker versioning on, with this build id', text, null),
  HOLDFAST_WORKFLOW_BUNDLE: setting('Prebuilt workflow bundle; unset: built', text, null),
  HOLDFAST_CACHED_WORKFLOWS: setting('Workflows a worker keeps', number(0, 100_000), '600'),
  HOLDFAST_METRICS_PORT: setting('Port of /metrics of a worker; 0: none', port, '0'),
  SANDBOX_URL: setting('The simulated bank; unset: npm start runs one', httpUrl, null),
  SANDBOX_PORT: setting('Port of npm run sandbox on 127.0.0.1', port, '8085'),
  HOLDFAST_RATE_LIMIT: setting('Requests a minute and credential', number(1, 10_000_000), '600'),
  HOLDFAST_LOG_LEVEL: setting('Least level that is logged', levels, 'info'),
  HOLDFAST_FAILPOINTS: setting('Faults to inject; never in production', text, null),
} as const satisfies Record<string, Kind<unknown, string | null>>;

export type SettingName = keyof typeof SETTINGS;
type Value<N extends SettingName> = z.output<(typeof SETTINGS)[N]['form']>;
type Otherwise<N extends SettingName> = (typeof SETTINGS)[N]['otherwise'];
/** All settings by name; `undefined` where nothing is set and there is no default. */
export type Settings = {
  readonly [N in SettingName]: Otherwise<N> extends string ? Value<N> : Value<N> | undefined;
};
/** Settings of which some are certainly there. */
export type SettingsWith<R extends SettingName> = Settings & {
  readonly [N in R]: Exclude<Settings[N], undefined>;
};

/** All that is wrong with the settings, at once. Values of secrets are not in it. */
export class WrongSettings extends Error {
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`wrong settings:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
    this.name = 'WrongSettings';
    this.problems = problems;
  }
}

/**
 * Reads the settings of this process and of `.env` in its folder; an empty value is not set.
 * Throws WrongSettings when one has the wrong form, a required one is missing, a name that
 * begins with HOLDFAST_ is unknown, or two do not go together.
 */
export function readSettings<R extends SettingName = never>(
  required: readonly R[],
  source: Readonly<Record<string, string | undefined>> = processSource(),
): SettingsWith<R> {
  const problems: string[] = [];
  const settings: Partial<Record<SettingName, unknown>> = {};
  for (const name of NAMES) {
    const { form, otherwise } = SETTINGS[name];
    const raw = source[name] || otherwise;
    const parsed = raw === null ? undefined : form.safeParse(raw);
    if (parsed?.success) settings[name] = parsed.data;
    if (parsed?.error) problems.push(`${name} ${parsed.error.issues[0]?.message ?? 'is wrong'}`);
    if (!parsed && required.some((one) => one === name)) problems.push(`${name} is not set`);
  }
  problems.push(...unknownNames(source), ...contradictions(settings));
  if (problems.length > 0) throw new WrongSettings(problems);
  return settings as SettingsWith<R>; // every name has been through its own form above
}

/** What the process was started with, and below that `.env`, which tests never read. */
function processSource(): NodeJS.ProcessEnv {
  if (process.env.HOLDFAST_TEST_FOLDER === undefined && existsSync('.env')) {
    process.loadEnvFile('.env');
  }
  return process.env;
}

const NAMES = Object.keys(SETTINGS) as SettingName[];

/** A misspelt setting would be a setting that silently does nothing. */
const unknownNames = (source: Readonly<Record<string, string | undefined>>): string[] =>
  Object.keys(source)
    .filter((name) => name.startsWith('HOLDFAST_') && !name.startsWith('HOLDFAST_TEST_'))
    .filter((name) => !(name in SETTINGS))
    .map((name) => `${name} is no setting of ours`);

function contradictions(settings: Partial<Record<SettingName, unknown>>): string[] {
  const found: string[] = [];
  if (settings.HOLDFAST_ENV === 'production' && settings.HOLDFAST_FAILPOINTS) {
    found.push('HOLDFAST_FAILPOINTS is not allowed in production');
  }
  if (Boolean(settings.TEMPORAL_TLS_CERT) !== Boolean(settings.TEMPORAL_TLS_KEY)) {
    found.push('TEMPORAL_TLS_CERT and TEMPORAL_TLS_KEY belong together');
  }
  return found;
}

/** The settings as a process may log them: what is secret is only said to be there. */
export function shownSettings(settings: Settings): Record<string, unknown> {
  const shown = NAMES.filter((name) => settings[name] !== undefined).map((name) => [
    name,
    SETTINGS[name].secret ? '[redacted]' : settings[name],
  ]);
  return Object.fromEntries(shown);
}

/** The text of `.env.example`: every setting with its meaning, its default commented out. */
export function printEnvExample(): string {
  const blocks = NAMES.map((name) => {
    const { about, otherwise } = SETTINGS[name];
    return `# ${about}.\n# ${name}=${otherwise ?? ''}\n`;
  });
  const head = '# Printed by `npm run docs` from runtime/env.ts. Copy to .env and change.\n';
  return [head, ...blocks].join('\n');
}
