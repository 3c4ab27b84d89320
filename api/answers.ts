/**
 * Owns waiting for rows: one listening connection for the whole process, and a look at the row
 * now and then, because a notice can be lost and a connection can break.
 * Must not know what is waited for.
 */
import type { Client } from 'pg';
import type { Log } from '../runtime/log';

export type Answers = {
  /**
   * Reads until there is something, at the latest until the deadline (milliseconds since 1970);
   * then null; null too once the signal says that nobody wants it any more. A notice under the
   * name makes it read at once.
   */
  until<T>(
    name: string,
    read: () => Promise<T | null>,
    limits: { readonly deadline: number; readonly signal?: AbortSignal },
  ): Promise<T | null>;
  /** Ends the listening; who still waits goes on by looking. */
  close(): Promise<void>;
};

const CHANNEL = 'holdfast_answers';
/** Looks while notices come, and while they do not. */
const LOOK_MS = { listening: 1_000, deaf: 100 } as const;
const RECONNECT_MS = 500;

/** `connect` makes a connection that is not yet open; another is made whenever it breaks. */
export function openAnswers(connect: (onBroken: () => void) => Client, log: Log): Answers {
  const waiting = new Map<string, Set<() => void>>();
  let current: Client | null = null;
  let isListening = false;
  let isClosed = false;

  function start(): void {
    if (isClosed || current) return;
    const opened = connect(() => lose(opened));
    current = opened;
    opened.on('notification', ({ payload }) => {
      for (const notice of waiting.get(payload ?? '') ?? []) notice();
    });
    listen(opened).catch((error: unknown) => {
      log.warn({ err: error }, 'not listening for answers; looking instead');
      lose(opened);
    });
  }

  async function listen(opened: Client): Promise<void> {
    await opened.connect();
    await opened.query(`listen ${CHANNEL}`);
    isListening = current === opened;
  }

  function lose(broken: Client): void {
    if (current !== broken) return;
    current = null;
    isListening = false;
    void end(broken);
    setTimeout(start, RECONNECT_MS).unref();
  }

  start();
  return {
    async until(name, read, { deadline, signal }) {
      const bell = createBell();
      signal?.addEventListener('abort', bell.ring, { once: true });
      const bells = waiting.get(name) ?? new Set();
      waiting.set(name, bells.add(bell.ring));
      try {
        while (Date.now() < deadline) {
          const ms = isListening ? LOOK_MS.listening : LOOK_MS.deaf;
          await bell.rang(Math.min(ms, deadline - Date.now()));
          if (signal?.aborted) return null;
          const found = await read();
          if (found !== null) return found;
        }
        return null;
      } finally {
        bells.delete(bell.ring);
        if (bells.size === 0) waiting.delete(name);
      }
    },
    async close() {
      isClosed = true;
      if (current) await end(current);
    },
  };
}

/** Remembers a ring that comes while nobody waits. */
function createBell() {
  let isRung = false;
  let wake = (): void => undefined;
  return {
    ring: (): void => {
      isRung = true;
      wake();
    },
    /** Resolves on a ring, or after the time. */
    rang: async (ms: number): Promise<void> => {
      if (!isRung) {
        await new Promise<void>((done) => {
          const timer = setTimeout(done, Math.max(1, ms));
          wake = () => {
            clearTimeout(timer);
            done();
          };
        });
      }
      isRung = false;
    },
  };
}

/** A connection that is broken already has nothing to say at its end. */
const end = (client: Client): Promise<void> => client.end().catch(() => undefined);
