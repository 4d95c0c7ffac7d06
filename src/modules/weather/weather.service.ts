import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { placeOutsideKorea } from '../../platform/http/outside-korea.js';
import { DailyQuota } from '../../platform/outbound/daily-quota.js';
import { nearestValue, type NearestValue, type Pollutant, POLLUTANTS } from './air-readings-rules.js';
import { Air } from './air.service.js';
import { AirKorea } from './air-korea.js';
import { PARTS } from './base-time-rules.js';
import { Cells, duePartsOf, EMPTY_CELL, isActive } from './cells.service.js';
import { type Cell, hasWeather, type LatLng, toGrid } from './grid-rules.js';
import { Kma, KMA_CALLS_A_DAY } from './kma.js';
import { noWeatherNow, tooManyPlaces, weatherNotConfigured } from './weather.errors.js';
import type { CellRow } from './weather.queries.js';
import type { MissingReason } from './weather.schemas.js';

/** So long somebody waits who is the first to ask for a cell; what has not come by then is missing in the answer. */
const COLD_WAIT_MS = 2_500;
/** So many cells a user may wake that nobody asked for of late: each is kept fresh for hours by some 8 calls. */
const NEW_CELLS_A_USER_A_DAY = 20;
/** So long nobody waits for a provider that let somebody wait in vain, or failed. */
const NOT_WAITED_FOR_MS = 20_000;

type Provider = 'kma' | 'air-korea';

export interface WeatherOfPlace {
  cell: CellRow;
  place: LatLng;
  air: Record<Pollutant, NearestValue | null>;
  /** Why the air is not known; null when all of it is. */
  airMissing: MissingReason;
  now: Date;
}

/** What is known of the weather at a point, fetched when it must be. */
@Injectable()
export class Weather {
  private readonly log = new Logger(Weather.name);
  /** When who did not come in time, for any place. */
  private readonly inVainAtMs = new Map<Provider, number>();

  constructor(
    private readonly cells: Cells,
    private readonly air: Air,
    private readonly kma: Kma,
    private readonly airKorea: AirKorea,
    private readonly quota: DailyQuota,
    private readonly clock: Clock,
  ) {}

  /** @throws outside-korea, provider-not-configured, too-many-places, weather-unavailable when nothing is known */
  async at(userId: string, point: LatLng): Promise<WeatherOfPlace> {
    if (!hasWeather(point)) throw placeOutsideKorea();
    if (!this.kma.isConfigured) throw weatherNotConfigured();
    const cell = toGrid(point);
    const row = await this.asked(userId, cell);

    const due = duePartsOf(row, this.clock.now());
    const fetching = due.length > 0 ? this.behind(this.cells.refresh(cell, KMA_CALLS_A_DAY)) : null;
    const reading = this.airKorea.isConfigured ? this.behind(this.air.refresh()) : null;
    const isCold = due.some((part) => row[part] === null);
    let nearby = await this.air.near(point);
    const isAirCold = nearby.length === 0;
    await Promise.all([
      isCold && fetching && this.patiently('kma', fetching),
      isAirCold && reading && this.patiently('air-korea', reading),
    ]);
    if (isAirCold) nearby = await this.air.near(point);
    const fresh = isCold ? ((await this.cells.find(cell)) ?? row) : row;

    const now = this.clock.now();
    const air = Object.fromEntries(
      POLLUTANTS.map((pollutant) => [pollutant, nearestValue(nearby, pollutant, now)]),
    ) as WeatherOfPlace['air'];
    if (
      PARTS.every((part) => fresh[part] === null) &&
      POLLUTANTS.every((pollutant) => air[pollutant] === null)
    )
      throw noWeatherNow();
    const airMissing = !this.airKorea.isConfigured
      ? 'not-configured'
      : nearby.length > 0
        ? 'no-station-near'
        : 'unavailable';
    return { cell: fresh, place: point, air, airMissing, now };
  }

  /** The cell, which is kept fresh from here on. @throws too-many-places */
  private async asked(userId: string, cell: Cell): Promise<CellRow> {
    const known = await this.cells.find(cell);
    const allowance = `weather-cells:${userId}`;
    const isNew = !known || !isActive(known, this.clock.now());
    if (isNew && !(await this.quota.take(allowance, NEW_CELLS_A_USER_A_DAY)))
      throw tooManyPlaces(this.quota.retryTomorrow());
    const isFirst = await this.cells.touch(cell, known?.askedAt);
    if (isNew && !isFirst) await this.quota.giveBack(allowance); // somebody was faster
    return known ?? { ...EMPTY_CELL, askedAt: this.clock.now() };
  }

  /** Waits, but not long, and not at all for who is failing; the work goes on behind. */
  private async patiently(provider: Provider, work: Promise<unknown>): Promise<void> {
    const failedAtMs = provider === 'kma' ? this.cells.failedAtMs : -Infinity;
    const inVainAtMs = Math.max(failedAtMs, this.inVainAtMs.get(provider) ?? -Infinity);
    if (this.clock.nowMs() - inVainAtMs < NOT_WAITED_FOR_MS) return;
    if (!(await isInTime(work, COLD_WAIT_MS))) this.inVainAtMs.set(provider, this.clock.nowMs());
  }

  /** Its failure is nobody's who asked; what is expected to fail is in the rows. */
  private behind(work: Promise<unknown>): Promise<void> {
    return work.then(
      () => undefined,
      (error: unknown) => this.log.error({ err: error }, 'weather not refreshed'),
    );
  }
}

async function isInTime(work: Promise<unknown>, ms: number): Promise<boolean> {
  const over = new AbortController();
  const late = sleep(ms, false, { signal: over.signal }).catch(() => false);
  const isDone = await Promise.race([work.then(() => true), late]);
  over.abort();
  return isDone;
}
