import { Injectable } from '@nestjs/common';
import type { PlaceSource } from '../../generated/prisma/enums.js';
import { Database } from '../../platform/database/database.js';
import { placeOutsideKorea } from '../../platform/http/outside-korea.js';
import { isInKorea } from '../../platform/rules/korea.js';
import { placesNear } from './places.queries.js';
import type { NearbyQuery } from './places.schemas.js';

/** As the terms of use of each list ask for. */
const ATTRIBUTIONS: Record<PlaceSource, string> = {
  animal_hospitals: '행정안전부 · 공공데이터포털',
  pet_tour: '한국관광공사 · 공공데이터포털',
};

@Injectable()
export class Places {
  constructor(private readonly db: Database) {}

  /** @throws outside-korea */
  async near({ kind, lat, lng, radiusM, limit }: NearbyQuery) {
    if (!isInKorea(lat, lng)) throw placeOutsideKorea();
    const rows = await placesNear(this.db, { lat, lng, radiusM, kind: kind ?? null, count: limit });
    return { items: rows.map(({ source, ...place }) => ({ ...place, attribution: ATTRIBUTIONS[source] })) };
  }
}
