import { Global, Logger, Module } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Clock } from '../clock/clock.js';
import { AnswerCache, Cache, NoCache } from './cache.js';
import { MemoryCache } from './memory-cache.js';
import { RedisCache } from './redis-cache.js';
import { SharedRedis } from './shared-redis.js';

@Global()
@Module({
  providers: [
    {
      provide: SharedRedis,
      inject: [CONFIG],
      useFactory: ({ redisUrl }: Config): SharedRedis | null => {
        if (!redisUrl) return null;
        const log = new Logger('Redis');
        return new SharedRedis(redisUrl, (error) => log.warn({ err: error }, 'redis'));
      },
    },
    {
      provide: Cache,
      inject: [SharedRedis, Clock],
      useFactory: (redis: SharedRedis | null, clock: Clock): Cache =>
        redis ? new RedisCache(redis) : new MemoryCache(clock),
    },
    {
      provide: AnswerCache,
      inject: [Cache, CONFIG],
      useFactory: (cache: Cache, { caches }: Config): AnswerCache => (caches ? cache : new NoCache()),
    },
  ],
  exports: [AnswerCache, Cache, SharedRedis],
})
export class CacheModule {}
