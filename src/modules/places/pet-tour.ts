import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../../config/config.js';
import { DataGoKr } from '../../platform/outbound/data-go-kr.js';
import { PUBLIC_DATA_CALLS_A_DAY } from './animal-hospitals.js';
import type { PlacePage } from './listed-place.js';
import { petNoteOf, petPlaceOf } from './pet-tour-rules.js';

export const PET_PLACES_PER_PAGE = 500;
const APP = 'withbowwow';

/** 한국관광공사 반려동물 동반여행 (KorPetTourService2, data.go.kr 15135102). */
@Injectable()
export class PetTour {
  constructor(
    private readonly data: DataGoKr,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Shown and hidden ones. @throws ProviderError */
  async page(page: number): Promise<PlacePage> {
    const { items, totalCount } = await this.ask('petTourSyncList2', page);
    return { rows: items.map(petPlaceOf), totalCount };
  }

  /** What the places say of pets. @throws ProviderError */
  async notes(page: number) {
    const { items, totalCount } = await this.ask('detailPetTour2', page);
    return { notes: items.map(petNoteOf).filter((note) => note !== null), totalCount };
  }

  private ask(operation: string, page: number) {
    const { key, baseUrl } = this.config.publicData!;
    return this.data.ask({
      provider: 'pet-tour',
      url: `${baseUrl}/B551011/KorPetTourService2/${operation}`,
      key,
      params: {
        ...{ MobileOS: 'ETC', MobileApp: APP, _type: 'json' },
        ...{ numOfRows: PET_PLACES_PER_PAGE, pageNo: page },
      },
      perDay: PUBLIC_DATA_CALLS_A_DAY,
    });
  }
}
