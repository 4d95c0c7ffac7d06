import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { kstDate } from '../../platform/clock/kst.js';
import { Database } from '../../platform/database/database.js';
import { requirePremium } from '../entitlement/index.js';
import { FREE_STATISTICS_DAYS, isFreePeriod, periodOf } from './period.js';
import { totalsOf } from './walks.queries.js';
import type { StatisticsQuery } from './walks.schemas.js';

@Injectable()
export class Statistics {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * Sums of the walks that count. A walk belongs to the KST date on which it started, whole.
   * @throws premium-required for what `isFreePeriod` leaves out
   */
  async of(userId: string, { period, date, petId }: StatisticsQuery) {
    const now = this.clock.now();
    const today = kstDate(now);
    if (!isFreePeriod(period, date ?? today, today))
      await requirePremium(this.db, userId, now, 'full-history-statistics', FREE_STATISTICS_DAYS);
    const { from, to } = periodOf(period, date ?? today);
    const by = period === 'week' || period === 'month' ? 'day' : 'month';
    const buckets = await totalsOf(this.db, { userId, from, to, petId: petId ?? null, by });
    const sum = (key: 'walks' | 'distanceM' | 'movingS') =>
      buckets.reduce((total, bucket) => total + bucket[key], 0);
    return {
      period,
      from,
      to,
      totals: { walks: sum('walks'), distanceM: sum('distanceM'), movingS: sum('movingS') },
      buckets,
    };
  }
}
