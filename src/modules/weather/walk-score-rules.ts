import { gradeOf, POLLUTANTS } from './air-readings-rules.js';
import type { Conditions } from './conditions-rules.js';
import { asphaltC, feelsLikeC, type Felt, heatIndexC, windChillC } from './feel-rules.js';
import { reasonText } from './walk-score-texts.js';
import {
  AIR,
  ASPHALT,
  ASSUMED,
  type Bands,
  BEST_HOUR_WITHIN_MS,
  BEST_WITH_UNKNOWNS,
  COLD_BELOW_ZERO,
  FALLING,
  HEAT,
  LEVELS,
  LIGHTNING_POINTS,
  type Need,
  type NeedCode,
  NEEDS,
  RAIN_MM,
  RAIN_PCT,
  type ReasonCode,
  type WeatherReason,
  SNOW_CM,
  UNKNOWN,
  WIND_MPS,
} from './walk-score-table.js';

export type Level = (typeof LEVELS)[number][0];

export interface Reason {
  code: ReasonCode;
  /** Taken off 100. */
  points: number;
  /** Korean. */
  text: string;
}

export interface Score {
  score: number;
  level: Level;
  /** The heaviest first. */
  reasons: Reason[];
  feelsLikeC: number | null;
  /** An estimate. */
  asphaltC: number | null;
}

/** How suitable the weather of an hour is for a walk; with the needs of a dog, or of none in particular. */
export function scoreOf(conditions: Conditions, needs: readonly NeedCode[] = []): Score {
  const felt = feltOf(conditions);
  const reasons = [
    ...feelReasons(felt, conditions, needs),
    ...fallReasons(conditions),
    ...windReasons(conditions),
    ...unknownsOf(conditions, felt),
  ]
    .filter(({ points, code }) => points > 0 || code.startsWith('unknown'))
    .map(({ code, points }) => ({ code, points, text: reasonText(code, { ...conditions, ...felt }) }))
    .sort((a, b) => b.points - a.points);
  const sum = reasons.reduce((total, { points }) => total + points, 0);
  const score = Math.max(0, Math.min(100 - sum, isEssentialKnown(conditions) ? 100 : BEST_WITH_UNKNOWNS));
  return {
    score,
    level: levelOf(score),
    reasons:
      sum === 0 && reasons.length === 0
        ? [{ code: 'fine', points: 0, text: reasonText('fine', { ...conditions, ...felt }) }]
        : reasons,
    feelsLikeC: felt.feelsLikeC,
    asphaltC: felt.asphaltC,
  };
}

export const levelOf = (score: number): Level => LEVELS.find(([, from]) => score >= from)![0];

export interface HourScore extends Score {
  at: Date;
}

/** The best hour of those to come within a day; of equal ones the earlier. An hour of unknown temperature is none. */
export function bestHour(
  hours: readonly Conditions[],
  now: Date,
  needs: readonly NeedCode[] = [],
): HourScore | null {
  const untilMs = now.getTime() + BEST_HOUR_WITHIN_MS;
  return hours
    .filter(({ at, temperatureC }) => at >= now && at.getTime() <= untilMs && temperatureC !== null)
    .sort((a, b) => a.at.getTime() - b.at.getTime())
    .map((conditions) => ({ at: conditions.at, ...scoreOf(conditions, needs) }))
    .reduce<HourScore | null>((best, hour) => (best && best.score >= hour.score ? best : hour), null);
}

type Points = { code: WeatherReason; points: number };

function feltOf(conditions: Conditions): Felt {
  const { temperatureC, humidityPct, windMps, sky, precipitation, at, place } = conditions;
  if (temperatureC === null) return { heatC: null, coldC: null, feelsLikeC: null, asphaltC: null };
  const isWet = precipitation !== null && precipitation !== 'none';
  return {
    heatC: heatIndexC(temperatureC, humidityPct ?? ASSUMED.humidityPct),
    coldC: windChillC(temperatureC, windMps ?? ASSUMED.windMps),
    feelsLikeC: feelsLikeC(conditions),
    asphaltC: asphaltC(temperatureC, { sky: sky ?? ASSUMED.sky, isWet, at, place }),
  };
}

/** Heat, cold and air, for any dog; and what the needs of this one add to each of them, one need after the other. */
function feelReasons(felt: Felt, conditions: Conditions, needs: readonly NeedCode[]): Points[] {
  const pointsFor = (of: readonly Need[]) => feelPoints(felt, conditions, of);
  const base = pointsFor([]);
  const reasons: Points[] = [
    { code: 'hot', points: base.hot },
    { code: 'cold', points: base.cold },
    { code: 'air', points: base.air },
    { code: 'hot-asphalt', points: felt.asphaltC === null ? 0 : pointsAt(ASPHALT, felt.asphaltC) },
  ];
  let before = base.hot + base.cold + base.air;
  needs.forEach((code, i) => {
    const { hot, cold, air } = pointsFor(needs.slice(0, i + 1).map((need) => NEEDS[need]));
    reasons.push({ code, points: hot + cold + air - before });
    before = hot + cold + air;
  });
  return reasons;
}

function feelPoints({ heatC, coldC }: Felt, conditions: Conditions, needs: readonly Need[]) {
  const sum = (of: (need: Need) => number) => needs.reduce((total, need) => total + of(need), 0);
  const airs = POLLUTANTS.flatMap((pollutant) => {
    const value = conditions[pollutant];
    return value === null ? [] : [AIR[gradeOf(pollutant, value)]];
  });
  const worse = needs.reduce((product, { air }) => product * air, 1);
  return {
    hot: heatC === null ? 0 : pointsAt(HEAT, heatC + sum((need) => need.heatC)),
    cold: coldC === null ? 0 : pointsAt(COLD_BELOW_ZERO, -(coldC - sum((need) => need.coldC))),
    air: Math.round(Math.max(0, ...airs) * worse),
  };
}

function fallReasons({ precipitation, rainMm, snowCm, rainPct, lightning }: Conditions): Points[] {
  const isSnow = precipitation === 'snow' || precipitation === 'snow_flurry';
  const rain = rainMm === null ? 0 : pointsAt(RAIN_MM, rainMm);
  const snow = snowCm === null ? 0 : pointsAt(SNOW_CM, snowCm);
  const falling = precipitation === null ? 0 : FALLING[precipitation];
  const fallen = Math.max(falling, rain, snow);
  const likely = rainPct === null ? 0 : pointsAt(RAIN_PCT, rainPct);
  return [
    { code: isSnow || (snow > rain && snow >= falling) ? 'snow' : 'rain', points: fallen },
    { code: 'rain-likely', points: Math.max(0, likely - fallen) },
    { code: 'lightning', points: lightning ? LIGHTNING_POINTS : 0 },
  ];
}

const windReasons = ({ windMps }: Conditions): Points[] => [
  { code: 'wind', points: windMps === null ? 0 : pointsAt(WIND_MPS, windMps) },
];

function unknownsOf(conditions: Conditions, { heatC }: Felt): Points[] {
  const { temperatureC, humidityPct, precipitation, windMps, lightning, pm10, pm25 } = conditions;
  const isHumidityMissed = humidityPct === null && temperatureC !== null && heatC! > temperatureC;
  const reasons: [WeatherReason, number, boolean][] = [
    ['unknown-temperature', UNKNOWN.temperature, temperatureC === null],
    ['unknown-humidity', 0, isHumidityMissed],
    ['unknown-precipitation', UNKNOWN.precipitation, precipitation === null],
    ['unknown-wind', UNKNOWN.wind, windMps === null],
    ['unknown-air', UNKNOWN.air, pm10 === null || pm25 === null],
    ['unknown-lightning', UNKNOWN.lightning, lightning === null],
  ];
  return reasons.filter(([, , isOne]) => isOne).map(([code, points]) => ({ code, points }));
}

const isEssentialKnown = ({ temperatureC, precipitation, pm10, pm25 }: Conditions): boolean =>
  temperatureC !== null && precipitation !== null && (pm10 !== null || pm25 !== null);

/** @returns the points of the last band that the value reaches; 0 below the first */
export function pointsAt(bands: Bands, value: number): number {
  return bands.findLast(([from]) => value >= from)?.[1] ?? 0;
}
