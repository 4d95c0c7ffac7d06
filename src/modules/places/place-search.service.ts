import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AnswerCache } from '../../platform/cache/cache.js';
import { sha256 } from '../../platform/crypto/secrets.js';
import { DailyQuota } from '../../platform/outbound/daily-quota.js';
import { ProviderError } from '../../platform/outbound/provider-error.js';
import { KakaoLocal, type KakaoPlace } from '../regions/index.js';
import { distanceBetweenM } from '../walks/index.js';
import { placeSearchNotConfigured, placeSearchUnavailable, searchQuotaUsedUp } from './places.errors.js';
import type { SearchQuery } from './places.schemas.js';

const KEPT_S = 3_600;
/** About a kilometre: neighbours share what was found, and Kakao does not learn where exactly somebody is. */
const CELLS_PER_DEGREE = 100;
const RETRY_AFTER_S = '30';
const SEARCHES_A_DAY = { perUser: 300, inAll: 50_000 } as const;

const kept = z.array(
  z.object({
    ...{ id: z.string(), name: z.string(), category: z.string().nullable(), address: z.string().nullable() },
    ...{ phone: z.string().nullable(), lat: z.number(), lng: z.number(), url: z.string().nullable() },
  }),
);
type Found = z.output<typeof kept>;

interface Point {
  lat: number;
  lng: number;
}

/** Kakao's keyword search for the app, which never sees our key. What was found is kept for an hour and not stored. */
@Injectable()
export class PlaceSearch {
  constructor(
    private readonly kakao: KakaoLocal,
    private readonly cache: AnswerCache,
    private readonly quota: DailyQuota,
  ) {}

  /** @throws search-quota-used-up, place-search-unavailable, provider-not-configured */
  async search(userId: string, { q, lat, lng }: SearchQuery) {
    if (!this.kakao.isConfigured) throw placeSearchNotConfigured();
    const here = lat === undefined || lng === undefined ? null : { lat, lng };
    const found = await this.found(userId, q.replace(/\s+/g, ' ').toLowerCase(), here && middleOf(here));
    return {
      items: found.map((place) => ({
        ...place,
        distanceM: here && Math.round(distanceBetweenM(here, place)),
      })),
      attribution: 'Kakao' as const,
    };
  }

  /** Only what has to be asked for counts. */
  private async found(userId: string, query: string, near: Point | null): Promise<Found> {
    const key = `place-search:${Buffer.from(sha256(JSON.stringify([query, near]))).toString('base64url')}`;
    const known = await this.cache.get(key);
    const parsed = known === null ? undefined : kept.safeParse(JSON.parse(known)).data;
    if (parsed) return parsed;
    try {
      const places = await this.quota.within(
        [
          {
            ...{ name: `kakao-search:${userId}`, perDay: SEARCHES_A_DAY.perUser },
            usedUp: () => searchQuotaUsedUp(this.quota.retryTomorrow()),
          },
          {
            ...{ name: 'kakao-search', perDay: SEARCHES_A_DAY.inAll },
            usedUp: () => placeSearchUnavailable(this.quota.retryTomorrow()),
          },
        ],
        () => this.kakao.search(query, near),
      );
      const found = places.map(foundOf);
      await this.cache.set(key, JSON.stringify(found), KEPT_S);
      return found;
    } catch (error) {
      if (error instanceof ProviderError)
        throw placeSearchUnavailable({ headers: { 'retry-after': RETRY_AFTER_S } });
      throw error;
    }
  }
}

const middleOf = ({ lat, lng }: Point): Point => ({
  lat: Math.round(lat * CELLS_PER_DEGREE) / CELLS_PER_DEGREE,
  lng: Math.round(lng * CELLS_PER_DEGREE) / CELLS_PER_DEGREE,
});

const foundOf = (place: KakaoPlace): Found[number] => ({
  id: place.id,
  name: place.place_name,
  category: place.category_name || null,
  address: place.road_address_name || place.address_name || null,
  phone: place.phone || null,
  lat: place.y,
  lng: place.x,
  url: /^https?:\/\/place\.map\.kakao\.com\//.test(place.place_url)
    ? place.place_url.replace(/^http:/, 'https:')
    : null,
});
