/** Short-lived values, shared by all processes when there is a Redis. What it loses must be derivable again. */
export abstract class Cache {
  abstract get(key: string): Promise<string | null>;
  abstract set(key: string, value: string, ttlS: number): Promise<void>;
  abstract delete(key: string): Promise<void>;
  /** @throws Error when the cache cannot be reached */
  abstract ping(): Promise<void>;
  abstract close(): Promise<void>;
}

/** The cache for what only saves asking or making again: with `CACHES=off` it keeps nothing. */
export abstract class AnswerCache extends Cache {}

export class NoCache extends Cache {
  override get(): Promise<null> {
    return Promise.resolve(null);
  }

  override async set(): Promise<void> {}
  override async delete(): Promise<void> {}
  override async ping(): Promise<void> {}
  override async close(): Promise<void> {}
}
