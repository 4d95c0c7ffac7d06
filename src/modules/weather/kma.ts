import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { Clock } from '../../platform/clock/clock.js';
import { DataGoKr } from '../../platform/outbound/data-go-kr.js';
import { HttpClient } from '../../platform/outbound/http-client.js';
import { ProviderError } from '../../platform/outbound/provider-error.js';
import { type Part, slotsToAsk, wireSlot } from './base-time-rules.js';
import type { Cell } from './grid-rules.js';
import { type Forecast, forecastOf, type Item, type Nowcast, nowcastOf } from './kma-readings-rules.js';

const PROVIDER = 'kma';
/** What a key of the development tier may ask a day. */
export const KMA_CALLS_A_DAY = 10_000;
/** The rest is for what users ask for. */
export const KMA_CALLS_A_DAY_OF_JOBS = 9_000;
/** The village forecast has about 900. */
const ROWS = 1_000;

const OPERATIONS: Record<Part, string> = {
  nowcast: 'getUltraSrtNcst',
  soon: 'getUltraSrtFcst',
  days: 'getVilageFcst',
};

export interface Parts {
  nowcast: Nowcast;
  soon: Forecast;
  days: Forecast;
}

const READERS: { [P in Part]: (items: readonly Item[], baseAt: Date) => Parts[P] | null } = {
  nowcast: nowcastOf,
  soon: forecastOf,
  days: forecastOf,
};

/** KMA's short-range forecast (기상청 단기예보); PROVIDERS.md §7. */
@Injectable()
export class Kma {
  constructor(
    private readonly data: DataGoKr,
    private readonly http: HttpClient,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  get isConfigured(): boolean {
    return this.config.kma !== null;
  }

  /** Failed too often of late: its circuit breaker is open. */
  get isLeftAlone(): boolean {
    return this.http.isLeftAlone(PROVIDER);
  }

  /** The newest there is: of a slot that is not published yet, the one before. @throws ProviderError */
  async latest<P extends Part>(part: P, cell: Cell, limit: number): Promise<Parts[P]> {
    let missed: unknown;
    for (const slot of slotsToAsk(part, this.clock.now())) {
      try {
        return await this.slot(part, cell, slot, limit);
      } catch (error) {
        if (!(error instanceof ProviderError && error.fault === 'no-data')) throw error;
        missed = error;
      }
    }
    throw missed;
  }

  /** @throws ProviderError; `no-data` also for a slot of which nothing can be read */
  async slot<P extends Part>(part: P, cell: Cell, slot: Date, limit: number): Promise<Parts[P]> {
    if (!this.config.kma) throw new Error('KMA is not configured');
    const { items } = await this.data.ask({
      provider: PROVIDER,
      url: `${this.config.kma.baseUrl}/${OPERATIONS[part]}`,
      key: this.config.kma.key,
      params: { pageNo: 1, numOfRows: ROWS, dataType: 'JSON', ...wireSlot(slot), ...cell },
      perDay: limit,
    });
    const read = READERS[part](items, slot);
    if (!read) throw new ProviderError(PROVIDER, 'no-data', 'empty');
    return read;
  }
}
