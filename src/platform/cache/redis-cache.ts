import { Cache } from './cache.js';
import type { SharedRedis } from './shared-redis.js';

const PING_TTL_S = 60;

/** Reads of a Redis that is away are misses and writes are dropped: nothing may depend on the cache. */
export class RedisCache extends Cache {
  constructor(private readonly redis: SharedRedis) {
    super();
  }

  override get(key: string): Promise<string | null> {
    return this.redis.ask((redis) => redis.get(key)).catch(() => null);
  }

  override async set(key: string, value: string, ttlS: number): Promise<void> {
    await this.redis.ask((redis) => redis.set(key, value, 'EX', Math.ceil(ttlS))).catch(() => null);
  }

  override async delete(key: string): Promise<void> {
    await this.redis.ask((redis) => redis.del(key)).catch(() => null);
  }

  /** Writes: a Redis that is full still answers a PING. */
  override async ping(): Promise<void> {
    await this.redis.ask((redis) => redis.set('ping', '1', 'EX', PING_TTL_S));
  }

  override close(): Promise<void> {
    this.redis.close();
    return Promise.resolve();
  }
}
