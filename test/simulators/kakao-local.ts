import { randomBytes } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { secret } from '../support/leaks.js';
import { credentialOf, type Simulator, type SimulatorOptions, startSimulator } from './simulator.js';

export interface SimulatedRegion {
  /** 10 digits (H). */
  code: string;
  /** Full names, from sido to dong; the gu is empty for 세종. */
  names: [sido: string, gu: string, dong: string];
  /** Where it is: south, west, north, east. */
  box: [number, number, number, number];
}

export interface SimulatedPlace {
  id: string;
  name: string;
  category?: string;
  phone?: string;
  address?: string;
  roadAddress?: string;
  lat: number;
  lng: number;
}

/** Kakao's own errors, beside the faults that every simulator plays. */
export type KakaoLocalFailure = 'wrong-key' | 'map-off' | 'quota';

export interface KakaoLocalSimulator extends Simulator {
  env: Record<string, string>;
  regions: SimulatedRegion[];
  places: SimulatedPlace[];
  /** Where addresses are. */
  addresses: Map<string, { lat: number; lng: number }>;
  /** Path and query of each request that was let in. */
  asked: { path: string; params: Record<string, string> }[];
  fail(failure: KakaoLocalFailure | null): void;
  reset(): void;
}

const FAILURES: Record<KakaoLocalFailure, [number, { errorType: string; message: string }]> = {
  'wrong-key': [401, { errorType: 'AccessDeniedError', message: 'wrong appKey' }],
  'map-off': [
    403,
    { errorType: 'NotAuthorizedError', message: 'App(..) disabled OPEN_MAP_AND_LOCAL service.' },
  ],
  quota: [429, { errorType: 'RequestThrottled', message: 'API limit has been exceeded.' }],
};
const EARTH_M_PER_DEGREE = 111_195;

/** dapi.kakao.com's Local part (PROVIDERS.md §10). */
export async function startKakaoLocal(options: SimulatorOptions = {}): Promise<KakaoLocalSimulator> {
  const key = secret(randomBytes(16).toString('hex'));
  const regions: SimulatedRegion[] = [];
  const places: SimulatedPlace[] = [];
  const addresses = new Map<string, { lat: number; lng: number }>();
  const asked: KakaoLocalSimulator['asked'] = [];
  let failure: KakaoLocalFailure | null = null;

  const route =
    (documentsOf: (params: Record<string, string>) => object[] | null) =>
    (request: FastifyRequest, reply: FastifyReply) => {
      const params = request.query as Record<string, string>;
      const failed = credentialOf(request, 'KakaoAK') === key ? failure : 'wrong-key';
      if (failed) return reply.code(FAILURES[failed][0]).send(FAILURES[failed][1]);
      asked.push({ path: request.url.split('?', 1)[0]!, params });
      const documents = documentsOf(params);
      if (!documents)
        return reply.code(400).send({ errorType: 'MissingParameter', message: 'bad parameter' });
      const count = documents.length;
      return reply.send({ meta: { total_count: count, pageable_count: count, is_end: true }, documents });
    };

  const simulator = await startSimulator(options, (server) => {
    server.get(
      '/v2/local/geo/coord2regioncode.json',
      route(({ x, y }) => (x && y ? documentsOfRegion(regions, Number(y), Number(x)) : null)),
    );
    server.get(
      '/v2/local/search/address.json',
      route(({ query }) => {
        if (!query) return null;
        const found = addresses.get(query);
        return found ? [{ address_name: query, x: String(found.lng), y: String(found.lat) }] : [];
      }),
    );
    server.get(
      '/v2/local/search/keyword.json',
      route(({ query, x, y, size = '15' }) =>
        !query || Number(size) > 15
          ? null
          : places
              .filter(({ name, category = '' }) => `${name} ${category}`.includes(query))
              .slice(0, Number(size))
              .map((place) => documentOfPlace(place, x && y ? { lat: Number(y), lng: Number(x) } : null)),
      ),
    );
  });

  return {
    ...simulator,
    env: { KAKAO_REST_API_KEY: key, KAKAO_LOCAL_BASE_URL: simulator.url },
    ...{ regions, places, addresses, asked },
    fail: (kind) => void (failure = kind),
    reset() {
      regions.length = 0;
      places.length = 0;
      asked.length = 0;
      addresses.clear();
      failure = null;
      simulator.clearFaults();
      simulator.requests.length = 0;
    },
  };
}

/** Two documents: the legal dong, under another code, and the administrative one. */
function documentsOfRegion(regions: SimulatedRegion[], lat: number, lng: number): object[] {
  const found = regions.find(
    ({ box: [south, west, north, east] }) => lat >= south && lat < north && lng >= west && lng < east,
  );
  if (!found) return [];
  const [sido, gu, dong] = found.names;
  const document = (type: 'B' | 'H', code: string) => ({
    ...{ region_type: type, code, address_name: [sido, gu, dong].filter(Boolean).join(' ') },
    ...{ region_1depth_name: sido, region_2depth_name: gu, region_3depth_name: dong, region_4depth_name: '' },
    ...{ x: lng, y: lat },
  });
  return [document('B', `${found.code.slice(0, 5)}10100`), document('H', found.code)];
}

function documentOfPlace(place: SimulatedPlace, near: { lat: number; lng: number } | null): object {
  const { id, name, category = '', phone = '', address = '', roadAddress = '', lat, lng } = place;
  const distance =
    near &&
    Math.hypot(lat - near.lat, (lng - near.lng) * Math.cos((lat * Math.PI) / 180)) * EARTH_M_PER_DEGREE;
  return {
    ...{ id, place_name: name, category_name: category, category_group_code: '', category_group_name: '' },
    ...{ phone, address_name: address, road_address_name: roadAddress, x: String(lng), y: String(lat) },
    place_url: `http://place.map.kakao.com/${id}`,
    ...(distance !== null && { distance: String(Math.round(distance)) }),
  };
}
