import { Redis } from 'ioredis';
import { Cache } from './cache.js';

const COMMAND_TIMEOUT_MS = 100;
/** How long closing waits for a Redis that is away. */
const DISCONNECT_TIMEOUT_MS = 200;

/** Reads of a Redis that is away are misses and writes are dropped: nothing may depend on the cache. */
export class RedisCache extends Cache {
  private readonly redis: Redis;

  constructor(url: string, onError: (error: Error) => void) {
    super();
    this.redis = new Redis(url, {
      commandTimeout: COMMAND_TIMEOUT_MS,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      maxRetriesPerRequest: 0,
      enableOfflineQueue: true,
      retryStrategy: (attempt) => Math.min(attempt * 100, 2_000),
    });
    this.redis.on('error', onError);
  }

  override get(key: string): Promise<string | null> {
    return this.redis.get(key).catch(() => null);
  }

  override async set(key: string, value: string, ttlS: number): Promise<void> {
    await this.redis.set(key, value, 'EX', Math.ceil(ttlS)).catch(() => null);
  }

  override async delete(key: string): Promise<void> {
    await this.redis.del(key).catch(() => null);
  }

  override async ping(): Promise<void> {
    await this.redis.ping();
  }

  override async close(): Promise<void> {
    this.redis.disconnect();
    return Promise.resolve();
  }
}
