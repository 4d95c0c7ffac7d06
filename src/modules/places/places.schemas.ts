import { z } from 'zod';
import { PlaceKind } from '../../generated/prisma/enums.js';
import { id, pointInQuery, safeLine } from '../../platform/http/schemas.js';

const kind = z.enum(PlaceKind);
const spot = { lat: z.number(), lng: z.number() };
const distanceM = z.int().min(0);

export const nearbyQuery = z.strictObject({
  kind: kind.optional().meta({ description: '없으면 모든 종류' }),
  ...pointInQuery,
  radiusM: z.coerce.number().int().min(100).max(20_000).default(3_000),
  limit: z.coerce.number().int().min(1).max(50).default(20),
});
export type NearbyQuery = z.output<typeof nearbyQuery>;

const place = z
  .object({
    id,
    kind,
    name: z.string(),
    address: z.string().nullable(),
    phone: z.string().nullable(),
    petNote: z.string().nullable().meta({ description: '반려동물 동반 안내' }),
    imageUrl: z.string().nullable().meta({ description: '출처의 사진; 출처를 함께 표시한다' }),
    ...spot,
    distanceM,
    attribution: z.string().meta({ description: '함께 표시해야 하는 출처' }),
  })
  .meta({ id: 'Place' });

export const nearbyPlaces = z.object({ items: z.array(place) });

export const searchQuery = z
  .strictObject({
    q: safeLine(1, 50).meta({ example: '애견카페' }),
    lat: pointInQuery.lat.optional(),
    lng: pointInQuery.lng.optional(),
  })
  .refine((query) => (query.lat === undefined) === (query.lng === undefined), {
    path: ['lng'],
    params: { code: 'lat-and-lng-together' },
  });
export type SearchQuery = z.output<typeof searchQuery>;

const foundPlace = z
  .object({
    id: z.string().meta({ description: '카카오의 장소 id' }),
    name: z.string(),
    category: z.string().nullable(),
    address: z.string().nullable(),
    phone: z.string().nullable(),
    ...spot,
    distanceM: distanceM.nullable(),
    url: z.string().nullable(),
  })
  .meta({ id: 'FoundPlace' });

export const foundPlaces = z.object({ items: z.array(foundPlace), attribution: z.literal('Kakao') });
