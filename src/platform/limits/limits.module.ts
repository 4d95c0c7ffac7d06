import { Global, Module } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { SharedRedis } from '../cache/shared-redis.js';
import { LimitStore } from './limit-store.js';
import { LIMITS } from './limits.js';
import { ThrottlerModule } from './throttler.js';

@Global()
@Module({
  imports: [
    ThrottlerModule.forRootAsync({
      inject: [LimitStore],
      // The guard finds the limit of each request in the table; this one is only what the throttler wants to be told.
      useFactory: (storage: LimitStore) => ({
        throttlers: [{ limit: LIMITS.anonymous.count, ttl: LIMITS.anonymous.windowS * 1_000 }],
        storage,
      }),
    }),
  ],
  providers: [
    {
      provide: LimitStore,
      inject: [SharedRedis, CONFIG],
      useFactory: (redis: SharedRedis | null, { limitFactor }: Config) => new LimitStore(redis, limitFactor),
    },
  ],
  exports: [LimitStore],
})
export class LimitsModule {}
