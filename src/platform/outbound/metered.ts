import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../clock/clock.js';
import { kstHour } from '../clock/kst.js';
import { DailyQuota } from './daily-quota.js';
import { OURS_USED_UP, ProviderError } from './provider-error.js';

/** Calls to providers within what they allow us a day. */
@Injectable()
export class Metered {
  private readonly log = new Logger(Metered.name);

  constructor(
    private readonly quota: DailyQuota,
    private readonly clock: Clock,
  ) {}

  /**
   * @param perDay how many calls of the day there may have been with this one
   * @throws ProviderError, and what the call throws
   */
  async ask<T>(provider: string, perDay: number, call: () => Promise<T>): Promise<T> {
    const usedUp = () => new ProviderError(provider, 'quota', OURS_USED_UP);
    try {
      return await this.quota.within([{ name: provider, perDay, usedUp }], call);
    } catch (error) {
      if (error instanceof ProviderError) await this.heed(provider, error);
      throw error;
    }
  }

  private async heed(provider: string, { fault, code, isForToday, isUnsent }: ProviderError): Promise<void> {
    if (isForToday && !isUnsent) await this.quota.exhaust(provider);
    // Our key or our question is wrong: a person has to look, and is told once an hour.
    if (fault === 'refused' && (await this.quota.take(`${provider}/alarm/${kstHour(this.clock.now())}`, 1)))
      this.log.error({ alarm: `${provider}-refused`, code }, 'a provider refuses us');
  }
}
