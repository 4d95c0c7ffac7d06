import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { DailyQuota } from '../../platform/outbound/daily-quota.js';
import { ProviderError } from '../../platform/outbound/provider-error.js';
import { defineJob, Handles } from '../../platform/queue/job.js';
import type { Slot } from '../../platform/queue/schedule.js';
import { Air } from './air.service.js';
import { AirKorea } from './air-korea.js';
import { ACTIVE_MS, Cells } from './cells.service.js';
import { Kma, KMA_CALLS_A_DAY_OF_JOBS } from './kma.js';
import { activeCells, forgetCells } from './weather.queries.js';

/** An active cell costs 56 calls a day: 24 nowcasts, 24 ultra-short and 8 village forecasts. */
const CELLS_A_RUN = 1_000;
const CELLS_AT_ONCE = 4;
const CELL_KEPT_MS = 30 * 86_400_000;

/** Twice an hour: when the nowcast is there, and when the ultra-short forecast is. */
export const refreshWeather = defineJob<Slot>('weather.refresh', { expireInS: 900 });
export const syncAirStations = defineJob<Slot>('weather.sync-air-stations');
export const forgetWeather = defineJob<Slot>('weather.forget');

@Injectable()
export class WeatherJobs {
  constructor(
    private readonly db: Database,
    private readonly cells: Cells,
    private readonly air: Air,
    private readonly kma: Kma,
    private readonly airKorea: AirKorea,
    private readonly quota: DailyQuota,
    private readonly clock: Clock,
  ) {}

  /** The cells asked for last come first, until KMA has no more for us or is down: what is left is fetched when it is asked for. */
  @Handles(refreshWeather)
  async refresh(): Promise<void> {
    if (!this.kma.isConfigured) return;
    const cells = await activeCells(this.db, this.before(ACTIVE_MS), CELLS_A_RUN);
    if (cells.length > 0) await this.air.refresh();
    let isOver = false;
    const worker = async () => {
      for (let cell = cells.shift(); cell && !isOver; cell = cells.shift()) {
        const fault = await this.cells.refresh(cell, KMA_CALLS_A_DAY_OF_JOBS);
        isOver ||= fault === 'quota' || fault === 'refused' || this.kma.isLeftAlone;
      }
    };
    await Promise.all(Array.from({ length: CELLS_AT_ONCE }, worker));
  }

  /** A list that could not be had is one of next week. */
  @Handles(syncAirStations)
  async syncStations(): Promise<void> {
    if (!this.airKorea.isConfigured) return;
    try {
      await this.air.syncStations();
    } catch (error) {
      if (!(error instanceof ProviderError) || error.fault === 'unavailable') throw error;
    }
  }

  @Handles(forgetWeather)
  async forget(): Promise<void> {
    await forgetCells(this.db, this.before(CELL_KEPT_MS));
    await this.quota.forgetPast();
  }

  private before(ms: number): Date {
    return new Date(this.clock.nowMs() - ms);
  }
}
