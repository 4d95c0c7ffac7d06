import { Injectable } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { addDays, kstDate, kstMidnight } from '../clock/kst.js';
import { Database, statement } from '../database/database.js';
import { ProviderError } from './provider-error.js';

const take = statement<{ used: number }>(
  'quota_take',
  `insert into daily_quotas as quota (day, name, used) values ($1::date, $2::text, 1)
   on conflict (day, name) do update set used = quota.used + 1 where quota.used < $3::int
   returning used`,
);

const giveBack = statement<never>(
  'quota_give_back',
  `update daily_quotas set used = used - 1 where day = $1::date and name = $2::text and used > 0`,
);

const exhaust = statement<never>(
  'quota_exhaust',
  `insert into daily_quotas (day, name, used) values ($1::date, $2::text, ${2 ** 30})
   on conflict (day, name) do update set used = excluded.used`,
);

const forget = statement<never>('quota_forget', `delete from daily_quotas where day < $1::date - 1`);

export interface Allowance {
  name: string;
  /** At least 1. */
  perDay: number;
  /** What is thrown when there is none left. */
  usedUp: () => Error;
}

/** Counts calls by KST day over all processes: what a provider allows us, and what we allow a user. */
@Injectable()
export class DailyQuota {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
  ) {}

  /** @param limit at least 1 @returns false when the day's calls are used up */
  async take(name: string, limit: number): Promise<boolean> {
    return (await this.db.rows(take, [this.today(), name, limit])).length > 0;
  }

  async giveBack(name: string): Promise<void> {
    await this.db.rows(giveBack, [this.today(), name]);
  }

  /**
   * Takes one of each, and does the work. All are given back when the provider was not asked: its outage, while which
   * its circuit breaker is open, is not to use up the day.
   */
  async within<T>(allowances: readonly Allowance[], work: () => Promise<T>): Promise<T> {
    const taken: string[] = [];
    const giveAllBack = async () => {
      for (const name of taken) await this.giveBack(name);
    };
    for (const { name, perDay, usedUp } of allowances) {
      if (await this.take(name, perDay)) taken.push(name);
      else {
        await giveAllBack();
        throw usedUp();
      }
    }
    try {
      return await work();
    } catch (error) {
      if (error instanceof ProviderError && error.isUnsent) await giveAllBack();
      throw error;
    }
  }

  /** For an answer that says that the day's calls are used up. */
  retryTomorrow(): { headers: { 'retry-after': string } } {
    const waitMs = kstMidnight(addDays(this.today(), 1)).getTime() - this.clock.nowMs();
    return { headers: { 'retry-after': String(Math.ceil(waitMs / 1_000)) } };
  }

  /** The provider says that there is no more today. */
  async exhaust(name: string): Promise<void> {
    await this.db.rows(exhaust, [this.today(), name]);
  }

  async forgetPast(): Promise<void> {
    await this.db.rows(forget, [this.today()]);
  }

  private today(): string {
    return kstDate(this.clock.now());
  }
}
