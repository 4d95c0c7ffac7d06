import { hash } from 'node:crypto';
import type { ThrottlerStorage } from '@nestjs/throttler';
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
} from 'rate-limiter-flexible';
import type { SharedRedis } from '../cache/shared-redis.js';
import { LIMITS, type LimitName } from './limits.js';

type Limiters = Record<LimitName, RateLimiterAbstract>;
type Counted = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** What Redis gave this process to hand out: requests that are counted there already. */
interface Share {
  left: number;
  /** Of the limit, by all processes, when the share is used up. */
  consumed: number;
  /** Behind it nothing is left of the limit. */
  isLast: boolean;
  /** By `performance.now()`. */
  windowEndsMs: number;
}

/** Redis is asked for a hundredth of a limit at a time; small limits are counted one by one. */
const SHARES_OF_A_LIMIT = 100;
/** Forgotten shares are spent: whoever they were for has up to 1 % less. */
const MAX_SHARES = 50_000;

/**
 * Counts in Redis for all processes, or in the memory of this one. Of large limits a process takes a share at a time, so
 * that most requests need no round trip: nobody ever gets more than the limit, and whoever changes between processes may
 * miss what is left of a share. Without an answer of Redis this process counts from zero by itself, so nobody gets more
 * than twice the limit from it. Whoever is over a limit is turned away without Redis being asked again. Redis' keys are
 * hashes, and go with their window.
 */
export class LimitStore implements ThrottlerStorage {
  private readonly own: Limiters;
  private readonly shared: Limiters | null;
  private readonly shares = new Map<string, Share>();
  private readonly asked = new Map<string, Promise<void>>();

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
    const { isOver, consumed, windowEndsMs } =
      this.spendShare(`${name}:${who}`) ?? (await this.ask(name, who));
    const timeToExpire = Math.max(1, Math.ceil((windowEndsMs - performance.now()) / 1_000));
    const totalHits = isOver ? this.countOf(name) + 1 : consumed;
    return { totalHits, timeToExpire, isBlocked: isOver, timeToBlockExpire: timeToExpire };
  }

  /** Of what this process has to hand out; null when that is nothing. */
  private spendShare(id: string): Spent | null {
    const share = this.shares.get(id);
    if (!share || share.windowEndsMs <= performance.now()) return null;
    return share.left > 0 || share.isLast ? spent(share) : null;
  }

  private async ask(name: LimitName, who: string): Promise<Spent> {
    const key = hash('sha256', who, 'base64url');
    const alone = async () => spent(await taken(this.own[name], key, 1));
    return this.redis ? this.spendShared(name, who, key).catch(alone) : alone();
  }

  /** @throws Error without an answer of Redis */
  private async spendShared(name: LimitName, who: string, key: string): Promise<Spent> {
    const size = Math.max(1, Math.floor(LIMITS[name].count / SHARES_OF_A_LIMIT));
    const take = () => this.redis!.ask(() => taken(this.shared![name], key, size));
    if (size === 1) return spent(await take());
    const id = `${name}:${who}`;
    for (;;) {
      await (this.asked.get(id) ?? this.takeShare(id, take));
      const spendable = this.spendShare(id);
      if (spendable) return spendable;
    }
  }

  /** Whoever comes meanwhile waits for the same share. */
  private takeShare(id: string, take: () => Promise<Share>): Promise<void> {
    const asked = take()
      .then((share) => {
        if (this.shares.size >= MAX_SHARES) this.shares.clear();
        this.shares.set(id, share);
      })
      .finally(() => this.asked.delete(id));
    this.asked.set(id, asked);
    return asked;
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

/** As much of that many as the limit still has. @throws Error when it could not be counted */
async function taken(limiter: RateLimiterAbstract, key: string, size: number): Promise<Share> {
  const judged = await limiter.consume(key, size).catch((refused: unknown) => {
    if (refused instanceof RateLimiterRes) return refused;
    throw refused;
  });
  // Whoever the limiter itself remembers as being over is refused without a figure.
  const { consumedPoints: consumed = 0, msBeforeNext } = judged;
  const over = consumed === 0 ? size : Math.max(0, consumed - limiter.points);
  return {
    left: Math.max(0, size - over),
    consumed: consumed - over,
    isLast: over > 0,
    windowEndsMs: performance.now() + msBeforeNext,
  };
}

type Spent = Pick<Share, 'consumed' | 'windowEndsMs'> & { isOver: boolean };

function spent(share: Share): Spent {
  const isOver = share.left < 1;
  if (!isOver) share.left--;
  return { isOver, consumed: share.consumed - share.left, windowEndsMs: share.windowEndsMs };
}
