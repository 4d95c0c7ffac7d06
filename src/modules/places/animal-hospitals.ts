import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { DataGoKr } from '../../platform/outbound/data-go-kr.js';
import { vetOf } from './animal-hospital-rules.js';
import type { PlacePage } from './listed-place.js';
import { compactKst } from './wire-time-rules.js';

/** Of one service; below the 1,000 of a key in development. */
export const PUBLIC_DATA_CALLS_A_DAY = 900;
/** The most that the service gives at once. */
export const VETS_PER_PAGE = 100;

/** 행정안전부 동물병원 (data.go.kr 15154952). */
@Injectable()
export class AnimalHospitals {
  constructor(
    private readonly data: DataGoKr,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * All of them whatever their state, so that the list does not shift under a reader when one closes.
   * @param changedFrom only those that changed since
   * @throws ProviderError
   */
  async page(page: number, changedFrom: Date | null): Promise<PlacePage> {
    const { key, baseUrl } = this.config.publicData!;
    const { items, totalCount } = await this.data.ask({
      provider: 'animal-hospitals',
      url: `${baseUrl}/1741000/animal_hospitals/info`,
      key,
      params: {
        pageNo: page,
        numOfRows: VETS_PER_PAGE,
        returnType: 'json',
        ...(changedFrom && { 'cond[LAST_MDFCN_PNT::GTE]': compactKst(changedFrom) }),
      },
      perDay: PUBLIC_DATA_CALLS_A_DAY,
    });
    return { rows: items.map(vetOf), totalCount };
  }
}
