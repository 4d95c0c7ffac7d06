import { circuitBreaker, ConsecutiveBreaker, handleWhen } from 'cockatiel';
import { Redis, ReplyError } from 'ioredis';

const COMMAND_TIMEOUT_MS = 100;
const CONNECT_TIMEOUT_MS = 2_000;
/** A connection that nothing comes back on is given up: its other end may be gone without a word. */
const SILENCE_MS = 5_000;
/** How long closing waits for a Redis that is away. */
const DISCONNECT_TIMEOUT_MS = 200;
const MAX_RETRY_MS = 1_000;
const FAILURES = 3;
const REST_MS = 1_000;

/**
 * The connection for short commands. Each takes at most 100 ms, and a Redis that failed three times in a row is left
 * alone for a second, so that a slow one costs a few requests their 100 ms and not all.
 */
export class SharedRedis {
  readonly client: Redis;
  private readonly breaker = circuitBreaker(
    // An error that Redis itself answers (out of memory, read only) comes at once.
    handleWhen((error) => !(error instanceof ReplyError)),
    { halfOpenAfter: REST_MS, breaker: new ConsecutiveBreaker(FAILURES) },
  );

  constructor(url: string, onError: (error: Error) => void) {
    this.client = new Redis(url, {
      commandTimeout: COMMAND_TIMEOUT_MS,
      connectTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: SILENCE_MS,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: true,
      enableAutoPipelining: true, // what requests ask at once goes out, and comes back, as one
      retryStrategy: (attempt) => Math.min(attempt * 100, MAX_RETRY_MS),
    });
    this.client.on('error', onError);
  }

  /** @throws Error when there is no answer in time, or Redis is not asked at all */
  ask<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    return this.breaker.execute(() => work(this.client));
  }

  close(): void {
    this.client.disconnect();
  }
}
