import type { ThrottlerStorage } from '@nestjs/throttler';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { SharedRedis } from '../cache/shared-redis.js';
import { sha256 } from '../crypto/secrets.js';
import { LIMITS, type LimitName } from './limits.js';

type Limiters = Record<LimitName, RateLimiterAbstract>;
type Counted = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/**
 * Counts in Redis for all processes, in one round trip, or in the memory of this one. Without an answer of Redis this
 * process counts from zero by itself, so nobody gets more than twice the limit from it. Whoever is over a limit is
 * turned away without Redis being asked again. Keys are hashes, and go with their window.
 */
export class LimitStore implements ThrottlerStorage {
  private readonly own: Limiters;
  private readonly shared: Limiters | null;

  /** @param factor multiplies every limit */
  constructor(
    private readonly redis: SharedRedis | null,
    private readonly factor: number,
  ) {
    this.own = this.limitersOf((options) => new RateLimiterMemory(options));
    this.shared =
      redis &&
      this.limitersOf((options) => {
        const inMemoryBlockOnConsumed = options.points + 1;
        return new RateLimiterRedis({ ...options, storeClient: redis.client, inMemoryBlockOnConsumed });
      });
  }

  /** The limit as it is in this process. */
  countOf(name: LimitName): number {
    return Math.max(1, Math.round(LIMITS[name].count * this.factor));
  }

  /** Only what the throttler's interface wants: our guard calls `count`. */
  increment(who: string, _ttlMs: number, _limit: number, _blockMs: number, name: string): Promise<Counted> {
    return this.count(name as LimitName, who);
  }

  async count(name: LimitName, who: string): Promise<Counted> {
    const key = Buffer.from(sha256(who)).toString('base64url');
    const inMemory = () => spend(this.own[name], key);
    const { isOver, msBeforeNext, consumedPoints } = await (this.redis
      ? this.redis.ask(() => spend(this.shared![name], key)).catch(inMemory)
      : inMemory());
    const timeToExpire = Math.max(1, Math.ceil(msBeforeNext / 1_000));
    const totalHits = isOver ? this.countOf(name) + 1 : consumedPoints;
    return { totalHits, timeToExpire, isBlocked: isOver, timeToBlockExpire: timeToExpire };
  }

  private limitersOf(
    make: (options: { points: number; duration: number; keyPrefix: string }) => RateLimiterAbstract,
  ): Limiters {
    const limiters = Object.entries(LIMITS).map(([name, { windowS }]) => [
      name,
      make({ points: this.countOf(name as LimitName), duration: windowS, keyPrefix: `limit:${name}` }),
    ]);
    return Object.fromEntries(limiters) as Limiters;
  }
}

/** @throws Error when it could not be counted */
async function spend(limiter: RateLimiterAbstract, key: string) {
  try {
    const { msBeforeNext, consumedPoints } = await limiter.consume(key);
    return { isOver: false, msBeforeNext, consumedPoints };
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error;
    return { isOver: true, msBeforeNext: error.msBeforeNext, consumedPoints: error.consumedPoints };
  }
}
