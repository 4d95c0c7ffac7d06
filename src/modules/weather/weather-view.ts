import type { NearestValue, Pollutant } from './air-readings-rules.js';
import { newestSlot, type Part } from './base-time-rules.js';
import { feelsLikeC, tenth } from './feel-rules.js';
import type { ForecastHour, Nowcast } from './kma-readings-rules.js';
import type { WeatherOfPlace } from './weather.service.js';
import type { MissingReason, WeatherView } from './weather.schemas.js';

/** Public data of the 공공누리 type 1: the source is to be named. */
export const SOURCES = ['기상청 단기예보', '한국환경공단 에어코리아'];
const HOUR_MS = 3_600_000;

export function viewOf({ cell, air, airMissing, now }: WeatherOfPlace): WeatherView {
  const { nowcast, soon, days } = cell;
  const whyMissing: MissingReason =
    cell.leasedUntil && cell.leasedUntil > now
      ? 'pending'
      : ((cell.failure ?? 'unavailable') as MissingReason);
  const missing: [WeatherView['missing'][number]['part'], unknown, MissingReason][] = [
    ['now', nowcast, whyMissing],
    ['soon', soon, whyMissing],
    ['days', days, whyMissing],
    ['pm10', air.pm10, airMissing],
    ['pm25', air.pm25, airMissing],
  ];
  return {
    now: nowcast && { ...nowOf(nowcast), ...ageOf('nowcast', nowcast.baseAt, now) },
    soon: soon && {
      baseAt: new Date(soon.baseAt),
      ...ageOf('soon', soon.baseAt, now),
      hours: hoursOf(soon.hours, now),
    },
    days: days && {
      baseAt: new Date(days.baseAt),
      ...ageOf('days', days.baseAt, now),
      hours: hoursOf(days.hours, now),
      days: days.days,
    },
    air: { pm10: airOf(air, 'pm10', now), pm25: airOf(air, 'pm25', now) },
    missing: missing.filter(([, value]) => value === null).map(([part, , reason]) => ({ part, reason })),
    sources: SOURCES,
  };
}

function nowOf({ baseAt, ...figures }: Nowcast) {
  return { observedAt: new Date(baseAt), ...figures, feelsLikeC: tenth(feelsLikeC(figures)) };
}

/** From the hour that runs on. */
const hoursOf = (hours: readonly ForecastHour[], now: Date) =>
  hours
    .map(({ at, ...figures }) => ({ at: new Date(at), ...figures }))
    .filter(({ at }) => at.getTime() > now.getTime() - HOUR_MS);

const ageOf = (part: Part, baseAt: string, now: Date) => ({
  ageS: secondsSince(new Date(baseAt), now),
  isStale: new Date(baseAt) < newestSlot(part, now),
});

function airOf(air: Record<Pollutant, NearestValue | null>, pollutant: Pollutant, now: Date) {
  const found = air[pollutant];
  if (!found) return null;
  const { measuredAt, ...rest } = found;
  return { ...rest, observedAt: measuredAt, ageS: secondsSince(measuredAt, now) };
}

const secondsSince = (then: Date, now: Date) =>
  Math.max(0, Math.floor((now.getTime() - then.getTime()) / 1_000));
