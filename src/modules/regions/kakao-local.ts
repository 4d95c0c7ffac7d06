import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { CONFIG, type Config } from '../../config/config.js';
import { HttpClient, OutboundError } from '../../platform/outbound/http-client.js';
import { Metered } from '../../platform/outbound/metered.js';
import { ProviderError } from '../../platform/outbound/provider-error.js';
import type { Region } from './region-name-rules.js';

const PROVIDER = 'kakao-local';
/** Below what Kakao allows an app for nothing (100,000), so that other uses of the key have some left. */
const CALLS_A_DAY = 90_000;
/** All that one page of Kakao's can hold. */
const PAGE = 15;
const SEARCH_RADIUS_M = 20_000;

const text = z.string().trim();
const degrees = z.coerce.number().min(-180).max(180);
const answer = z.object({ documents: z.array(z.unknown()) });

const regionDocument = z.object({
  region_type: z.literal('H'),
  code: z.string().regex(/^\d{10}$/),
  region_1depth_name: text.min(1),
  region_2depth_name: text,
  region_3depth_name: text.min(1),
});

const addressDocument = z.object({ x: degrees, y: degrees });

const placeDocument = z.object({
  id: text.min(1),
  place_name: text.min(1),
  category_name: text.default(''),
  phone: text.default(''),
  address_name: text.default(''),
  road_address_name: text.default(''),
  place_url: text.default(''),
  x: degrees,
  y: degrees,
});
export type KakaoPlace = z.output<typeof placeDocument>;

/** Kakao's search for places, addresses and regions (PROVIDERS.md §10). The key is a header and goes nowhere else. */
@Injectable()
export class KakaoLocal {
  constructor(
    private readonly http: HttpClient,
    private readonly metered: Metered,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  get isConfigured(): boolean {
    return this.config.kakaoLocal !== null;
  }

  /** The administrative dong of a point; null at sea and abroad. @throws ProviderError */
  async regionAt(lat: number, lng: number): Promise<Region | null> {
    const documents = await this.ask('/v2/local/geo/coord2regioncode.json', { x: lng, y: lat });
    const [found] = readable(regionDocument, documents);
    if (!found) return null;
    const { code, region_1depth_name: sido, region_2depth_name: gu, region_3depth_name: dong } = found;
    return { code, sido, gu, dong };
  }

  /** Where an address is; null when Kakao does not know it. @throws ProviderError */
  async positionOf(address: string): Promise<{ lat: number; lng: number } | null> {
    const documents = await this.ask('/v2/local/search/address.json', { query: address, size: 1 });
    const [found] = readable(addressDocument, documents);
    return found ? { lat: found.y, lng: found.x } : null;
  }

  /** Places by what they are called. @throws ProviderError */
  async search(query: string, near: { lat: number; lng: number } | null): Promise<KakaoPlace[]> {
    const documents = await this.ask('/v2/local/search/keyword.json', {
      query,
      size: PAGE,
      ...(near && { x: near.lng, y: near.lat, radius: SEARCH_RADIUS_M }),
    });
    return readable(placeDocument, documents);
  }

  private ask(path: string, params: Record<string, string | number>): Promise<unknown[]> {
    return this.metered.ask(PROVIDER, CALLS_A_DAY, () => this.send(path, params));
  }

  private async send(path: string, params: Record<string, string | number>): Promise<unknown[]> {
    const { kakaoLocal, outbound } = this.config;
    if (!kakaoLocal) throw new Error('Kakao Local is not configured');
    const query = new URLSearchParams(
      Object.fromEntries(Object.entries(params).map(([name, value]) => [name, String(value)])),
    );
    let status, body;
    try {
      ({ status, text: body } = await this.http.request(
        PROVIDER,
        `${kakaoLocal.baseUrl}${path}?${query.toString()}`,
        { headers: { authorization: `KakaoAK ${kakaoLocal.key}` } },
        { timeoutMs: outbound.timeoutMs },
      ));
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      throw new ProviderError(PROVIDER, error.status === 429 ? 'quota' : 'unavailable', error.reason);
    }
    if (status === 401 || status === 403) throw new ProviderError(PROVIDER, 'refused', String(status));
    const parsed = answer.safeParse(jsonOf(body));
    if (status !== 200 || !parsed.success) throw new ProviderError(PROVIDER, 'unavailable', `http-${status}`);
    return parsed.data.documents;
  }
}

/** One that is not as documented says nothing about the others. */
const readable = <S extends z.ZodType>(schema: S, documents: unknown[]): z.output<S>[] =>
  documents.flatMap((document) => {
    const { success, data } = schema.safeParse(document);
    return success ? [data] : [];
  });

function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
