/**
 * Owns what every route is given: connections and settings, made once in `main.ts`.
 * Must not know what is done with them.
 */
import type { Client } from '@temporalio/client';
import type { Pool } from 'pg';
import type { Settings } from '../runtime/env';
import type { Log } from '../runtime/log';
import type { Metrics } from '../runtime/metrics';
import type { Answers } from './answers';

export type Api = {
  /** Connections with the role holdfast_app. */
  readonly database: Pool;
  readonly temporal: Client;
  readonly answers: Answers;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly settings: Pick<
    Settings,
    'HOLDFAST_RATE_LIMIT' | 'HOLDFAST_BUILD_ID' | 'HOLDFAST_ENV' | 'SANDBOX_URL'
  >;
  /** How long a request waits; shorter in tests. */
  readonly limits: Limits;
  /** False once the process has been told to stop. */
  readonly isServing: () => boolean;
};

export type Limits = {
  /** For an update to be accepted. */
  readonly acceptMs: number;
  /** For the answer, all in all. */
  readonly answerMs: number;
};

/** `temporal.md`, section 3. */
export const LIMITS: Limits = { acceptMs: 3_000, answerMs: 8_000 };
