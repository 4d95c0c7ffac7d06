import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { kstDate } from '../../platform/clock/kst.js';
import { Database } from '../../platform/database/database.js';
import { ownedPet, petNotFound } from '../pets/index.js';
import { newestSlot } from './base-time-rules.js';
import { conditionsAhead, conditionsNow, type Sources } from './conditions-rules.js';
import { tenth } from './feel-rules.js';
import { needsOf } from './pet-needs-rules.js';
import { bestHour, type Level, scoreOf } from './walk-score-rules.js';
import { NOWCAST_HOLDS_MS, type NeedCode } from './walk-score-table.js';
import { staleReason } from './walk-score-texts.js';
import { SOURCES } from './weather-view.js';
import type { WalkScoreQuery, WalkScoreView } from './weather.schemas.js';
import { Weather, type WeatherOfPlace } from './weather.service.js';

const LABELS = { good: '좋음', fair: '보통', caution: '주의', bad: '나쁨' } as const satisfies Record<
  Level,
  string
>;

@Injectable()
export class WalkScores {
  constructor(
    private readonly db: Database,
    private readonly weather: Weather,
    private readonly clock: Clock,
  ) {}

  /** @throws pet-not-found, and what `Weather.at` throws */
  async scoreAt(userId: string, { petId, ...point }: WalkScoreQuery): Promise<WalkScoreView> {
    const needs = petId ? await this.needsOfPet(userId, petId) : [];
    const seen = await this.weather.at(userId, point);
    const { cell, air, place, now } = seen;
    const sources: Sources = {
      ...{ nowcast: cell.nowcast, soon: cell.soon, days: cell.days, place },
      ...{ pm10: air.pm10?.valueUgm3 ?? null, pm25: air.pm25?.valueUgm3 ?? null },
    };
    const { reasons, level, ...score } = scoreOf(conditionsNow(sources, now), needs);
    const best = bestHour(conditionsAhead(sources, now), now, needs);
    return {
      ...score,
      ...{ level, label: LABELS[level] },
      reasons: isStale(seen) ? [...reasons.filter(({ code }) => code !== 'fine'), staleReason()] : reasons,
      feelsLikeC: tenth(score.feelsLikeC),
      asphaltC: tenth(score.asphaltC),
      bestHour: best && { at: best.at, score: best.score, level: best.level, label: LABELS[best.level] },
      petId: petId ?? null,
      observedAt: cell.nowcast && new Date(cell.nowcast.baseAt),
      sources: SOURCES,
    };
  }

  private async needsOfPet(userId: string, petId: string): Promise<NeedCode[]> {
    const pet = await ownedPet(this.db, userId, petId);
    if (!pet) throw petNotFound();
    return needsOf(pet, kstDate(this.clock.now()));
  }
}

/** The observation is none of now any more, a forecast is not the newest, or a station has been silent. */
function isStale({ cell, air, now }: WeatherOfPlace): boolean {
  const isPast = (part: 'soon' | 'days') => {
    const baseAt = cell[part]?.baseAt;
    return (
      baseAt !== undefined && new Date(baseAt) < newestSlot(part, new Date(now.getTime() - NOWCAST_HOLDS_MS))
    );
  };
  const isOld = cell.nowcast && now.getTime() - Date.parse(cell.nowcast.baseAt) > NOWCAST_HOLDS_MS;
  return (
    Boolean(isOld) || isPast('soon') || isPast('days') || [air.pm10, air.pm25].some((one) => one?.isStale)
  );
}
