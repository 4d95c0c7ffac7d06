/** Short-lived values, shared by all processes when there is a Redis. What it loses must be derivable again. */
export abstract class Cache {
  abstract get(key: string): Promise<string | null>;
  abstract set(key: string, value: string, ttlS: number): Promise<void>;
  abstract delete(key: string): Promise<void>;
  /** @throws Error when the cache cannot be reached */
  abstract ping(): Promise<void>;
  abstract close(): Promise<void>;
}
