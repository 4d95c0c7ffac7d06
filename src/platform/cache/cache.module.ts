import { Global, Logger, Module } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Clock } from '../clock/clock.js';
import { Cache } from './cache.js';
import { MemoryCache } from './memory-cache.js';
import { RedisCache } from './redis-cache.js';

@Global()
@Module({
  providers: [
    {
      provide: Cache,
      inject: [CONFIG, Clock],
      useFactory: ({ redisUrl }: Config, clock: Clock): Cache => {
        if (!redisUrl) return new MemoryCache(clock);
        const log = new Logger('Redis');
        return new RedisCache(redisUrl, (error) => log.warn({ err: error }, 'redis'));
      },
    },
  ],
  exports: [Cache],
})
export class CacheModule {}
