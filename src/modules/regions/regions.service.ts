import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { AnswerCache } from '../../platform/cache/cache.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { placeOutsideKorea } from '../../platform/http/outside-korea.js';
import { DailyQuota } from '../../platform/outbound/daily-quota.js';
import { ProviderError } from '../../platform/outbound/provider-error.js';
import { isInKorea } from '../../platform/rules/korea.js';
import { KakaoLocal } from './kakao-local.js';
import { nameOf, type Region } from './region-name-rules.js';
import {
  hasBoundaries,
  learnRegion,
  regionCovering,
  regionOfToday,
  regionsNamed,
} from './regions.queries.js';
import {
  noRegionHere,
  regionQuotaUsedUp,
  regionsNotConfigured,
  regionUnavailable,
} from './regions.errors.js';
import type { ResolveQuery, SearchQuery } from './regions.schemas.js';

/** A cell is 0.001° each way: about 111 m by 90 m. */
const CELLS_PER_DEGREE = 1_000;
const KNOWN_TTL_S = 7 * 86_400;
const NOTHING_TTL_S = 86_400;
const FOUND_AT_MOST = 20;
/** Of Kakao's calls; what these and the searches for places leave is for jobs. */
const ASKED_A_DAY = { perUser: 200, inAll: 20_000 } as const;
const RETRY_AFTER_S = '30';

type Asking = <T>(ask: () => Promise<T>) => Promise<T>;

const cached = z.object({ code: z.string(), sido: z.string(), gu: z.string(), dong: z.string() }).nullable();

@Injectable()
export class Regions {
  constructor(
    private readonly db: Database,
    private readonly cache: AnswerCache,
    private readonly kakao: KakaoLocal,
    private readonly quota: DailyQuota,
    private readonly clock: Clock,
  ) {}

  /**
   * The region of a point, for an answer; only what Kakao has to be asked for counts.
   * @throws outside-korea, no-region-here, region-quota-used-up, region-unavailable, provider-not-configured
   */
  async resolve(userId: string, { lat, lng }: ResolveQuery) {
    if (!isInKorea(lat, lng)) throw placeOutsideKorea();
    const asking = <T>(ask: () => Promise<T>) =>
      this.quota.within(
        [
          {
            ...{ name: `kakao-regions:${userId}`, perDay: ASKED_A_DAY.perUser },
            usedUp: () => regionQuotaUsedUp(this.quota.retryTomorrow()),
          },
          {
            ...{ name: 'kakao-regions', perDay: ASKED_A_DAY.inAll },
            usedUp: () => regionUnavailable(this.quota.retryTomorrow()),
          },
        ],
        ask,
      );
    try {
      const region = await this.find(lat, lng, asking);
      if (region) return named(region);
    } catch (error) {
      if (error instanceof ProviderError)
        throw regionUnavailable({ headers: { 'retry-after': RETRY_AFTER_S } });
      throw error;
    }
    if (!this.kakao.isConfigured && !(await hasBoundaries(this.db))) throw regionsNotConfigured();
    throw noRegionHere();
  }

  /** By name; at most 20, the best first. */
  async search({ q }: SearchQuery) {
    const found = await regionsNamed(this.db, q.split(/\s+/), FOUND_AT_MOST);
    return { items: found.map(named) };
  }

  /**
   * The region of a point, as it is today: by the boundaries. Kakao is asked, if it may be, as long as none were imported:
   * they are of the whole country, so where they have nothing there is nothing.
   * @param asking is told when Kakao is to be asked, and may refuse
   * @throws ProviderError
   */
  async find(lat: number, lng: number, asking: Asking = (ask) => ask()): Promise<Region | null> {
    if (!isInKorea(lat, lng)) return null;
    const region = await regionCovering(this.db, lat, lng);
    if (region || !this.kakao.isConfigured || (await hasBoundaries(this.db))) return region;
    const said = await this.saidByKakao(lat, lng, asking);
    return said && regionOfToday(this.db, said);
  }

  /** Once a cell: the cell's middle is asked for, which is also all that Kakao learns of where somebody is. */
  private async saidByKakao(lat: number, lng: number, asking: Asking): Promise<Region | null> {
    const [y, x] = [Math.round(lat * CELLS_PER_DEGREE), Math.round(lng * CELLS_PER_DEGREE)];
    const key = `region:${y}:${x}`;
    const known = read(await this.cache.get(key));
    if (known !== undefined) return known;
    const said = await asking(() => this.kakao.regionAt(y / CELLS_PER_DEGREE, x / CELLS_PER_DEGREE));
    if (said) await learnRegion(this.db, said, this.clock.now());
    await this.cache.set(key, JSON.stringify(said), said ? KNOWN_TTL_S : NOTHING_TTL_S);
    return said;
  }
}

const named = (region: Region) => ({ ...region, name: nameOf(region) });

/** Undefined when it is not known; what another version wrote is not known either. */
function read(entry: string | null): Region | null | undefined {
  if (entry === null) return undefined;
  return cached.safeParse(JSON.parse(entry)).data;
}
