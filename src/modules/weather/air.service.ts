import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { DailyQuota } from '../../platform/outbound/daily-quota.js';
import { ProviderError } from '../../platform/outbound/provider-error.js';
import type { NearbyReading } from './air-readings-rules.js';
import { AirKorea } from './air-korea.js';
import type { LatLng } from './grid-rules.js';
import { nearbyReadings, stateOfAir, storeReadings, storeStations } from './weather.queries.js';

/** All of the country is read at once, so this is 72 calls a day. */
const FRESH_MS = 20 * 60_000;
/** Tried again this often at most while it fails: 288 of the 500 calls a day. */
const ATTEMPT_EVERY_MS = 5 * 60_000;
/** A station that no list has named since is gone. */
const STATION_KEPT_MS = 60 * 86_400_000;
/** Enough that one of them works. */
const STATIONS_LOOKED_AT = 40;

/** The stations of AirKorea and what they measured last. */
@Injectable()
export class Air implements BeforeApplicationShutdown {
  private readonly log = new Logger(Air.name);
  private refreshing: Promise<void> | null = null;

  constructor(
    private readonly db: Database,
    private readonly airKorea: AirKorea,
    private readonly quota: DailyQuota,
    private readonly clock: Clock,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    await this.settled();
  }

  async settled(): Promise<void> {
    await Promise.allSettled([this.refreshing]);
  }

  /** Nearest first. */
  near(place: LatLng): Promise<NearbyReading[]> {
    return nearbyReadings(this.db, place, STATIONS_LOOKED_AT);
  }

  /** Reads the country's stations when that was not done of late; by one process at a time. Never throws for AirKorea. */
  refresh(): Promise<void> {
    this.refreshing ??= this.refreshOnce().finally(() => (this.refreshing = null));
    return this.refreshing;
  }

  /** @throws ProviderError */
  async syncStations(): Promise<void> {
    const now = this.clock.now();
    const stations = await this.airKorea.stations();
    if (stations.length > 0)
      await storeStations(this.db, stations, now, new Date(now.getTime() - STATION_KEPT_MS));
  }

  private async refreshOnce(): Promise<void> {
    if (!this.airKorea.isConfigured) return;
    const now = this.clock.now();
    const { listedAt, fetchedAt } = await stateOfAir(this.db);
    if (fetchedAt && now.getTime() - fetchedAt.getTime() < FRESH_MS) return;
    // The quota's row is the turn: who takes it asks, in all processes.
    const turn = Math.floor(now.getTime() / ATTEMPT_EVERY_MS);
    if (!(await this.quota.take(`air-korea/turn/${turn}`, 1))) return;
    try {
      if (!listedAt) await this.syncStations();
      const readings = await this.airKorea.readings();
      await storeReadings(this.db, readings, now);
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      this.log.warn({ fault: error.fault, code: error.code }, 'the air was not read');
    }
  }
}
