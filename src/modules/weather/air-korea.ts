import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { DataGoKr } from '../../platform/outbound/data-go-kr.js';
import { type Reading, readingOf, type Station, stationOf } from './air-readings-rules.js';

/** What a key of the development tier may ask a day, of both services. */
const CALLS_A_DAY = 500;
/** All of the country is some hundreds. */
const ROWS = 1_000;
const MAX_PAGES = 5;

/** AirKorea (에어코리아); PROVIDERS.md §8. */
@Injectable()
export class AirKorea {
  constructor(
    private readonly data: DataGoKr,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  get isConfigured(): boolean {
    return this.config.airKorea !== null;
  }

  /** The last reading of every station of the country, in one call. @throws ProviderError */
  async readings(): Promise<Reading[]> {
    const rows = await this.pages('ArpltnInforInqireSvc/getCtprvnRltmMesureDnsty', {
      sidoName: '전국',
      ver: '1.5',
    });
    return rows.map(readingOf).filter((reading) => reading !== null);
  }

  /** @throws ProviderError */
  async stations(): Promise<Station[]> {
    const rows = await this.pages('MsrstnInfoInqireSvc/getMsrstnList', {});
    return rows.map(stationOf).filter((station) => station !== null);
  }

  private async pages(operation: string, params: Record<string, string>) {
    if (!this.config.airKorea) throw new Error('AirKorea is not configured');
    const rows: Record<string, unknown>[] = [];
    for (let pageNo = 1; pageNo <= MAX_PAGES; pageNo++) {
      const { items, totalCount } = await this.data.ask({
        provider: 'air-korea',
        url: `${this.config.airKorea.baseUrl}/${operation}`,
        key: this.config.airKorea.key,
        params: { returnType: 'json', numOfRows: ROWS, pageNo, ...params },
        perDay: CALLS_A_DAY,
      });
      rows.push(...items);
      if (items.length === 0 || rows.length >= (totalCount ?? 0)) break;
    }
    return rows;
  }
}
