import { z } from 'zod';
import { calendarDate, id, instant, pointInQuery } from '../../platform/http/schemas.js';
import { LEVELS, REASONS } from './walk-score-table.js';

export const weatherQuery = z.strictObject(pointInQuery);
export type WeatherQuery = z.output<typeof weatherQuery>;
export const walkScoreQuery = z.strictObject({
  ...pointInQuery,
  petId: id.optional().meta({ description: 'The score for this dog of mine; without it for any dog' }),
});
export type WalkScoreQuery = z.output<typeof walkScoreQuery>;

const temperatureC = z.number().nullable();
const humidityPct = z.number().nullable();
const windMps = z.number().nullable();
const precipitation = z
  .enum(['none', 'rain', 'rain_snow', 'snow', 'shower', 'drizzle', 'drizzle_snow', 'snow_flurry'])
  .nullable();
const rainMm = z.number().nullable();
const age = {
  ageS: z.int().min(0).meta({ description: 'Seconds since then' }),
  isStale: z.boolean().meta({ description: 'A newer one should be there by now' }),
};

const forecastHour = z
  .object({
    at: instant,
    temperatureC,
    humidityPct,
    windMps,
    precipitation,
    rainMm,
    sky: z.enum(['clear', 'mostly_cloudy', 'overcast']).nullable(),
    snowCm: z.number().nullable().meta({ description: 'Only in the village forecast' }),
    rainPct: z.number().nullable().meta({ description: 'Only in the village forecast' }),
    lightning: z.boolean().nullable().meta({ description: 'Only in the ultra-short forecast' }),
  })
  .meta({ id: 'ForecastHour' });

const airReading = z
  .object({
    valueUgm3: z.int().meta({ description: 'µg/m³' }),
    grade: z.enum(['good', 'normal', 'bad', 'very_bad']),
    station: z.string(),
    distanceM: z.int(),
    observedAt: instant,
    ...age,
  })
  .meta({ id: 'AirReading' });

export const MISSING_REASONS = [
  'not-configured',
  'pending',
  'unavailable',
  'quota',
  'no-data',
  'refused',
  'no-station-near',
] as const;
export type MissingReason = (typeof MISSING_REASONS)[number];

export const weatherView = z
  .object({
    now: z
      .object({
        observedAt: instant,
        ...age,
        temperatureC,
        feelsLikeC: temperatureC.meta({ description: 'Heat index or wind chill' }),
        humidityPct,
        windMps,
        windDirectionDeg: z.number().nullable(),
        precipitation,
        rainMm: rainMm.meta({ description: 'In the last hour' }),
      })
      .nullable(),
    soon: z
      .object({ baseAt: instant, ...age, hours: z.array(forecastHour) })
      .nullable()
      .meta({ description: 'The next 6 hours (초단기예보)' }),
    days: z
      .object({
        baseAt: instant,
        ...age,
        hours: z.array(forecastHour),
        days: z.array(z.object({ date: calendarDate, minC: temperatureC, maxC: temperatureC })),
      })
      .nullable()
      .meta({ description: 'The next days (단기예보)' }),
    air: z.object({ pm10: airReading.nullable(), pm25: airReading.nullable() }),
    missing: z
      .array(
        z.object({
          part: z.enum(['now', 'soon', 'days', 'pm10', 'pm25']),
          reason: z.enum(MISSING_REASONS),
        }),
      )
      .meta({ description: 'Why a part is null' }),
    sources: z.array(z.string()).meta({ description: 'To be shown with the figures' }),
  })
  .meta({ id: 'Weather' });
export type WeatherView = z.input<typeof weatherView>;

const score = z.int().min(0).max(100);
const level = z.enum(LEVELS.map(([name]) => name));
const label = z.enum(['좋음', '보통', '주의', '나쁨']);

const best = z
  .object({ at: instant, score, level, label })
  .meta({ id: 'BestHour', description: 'The best hour of the next 24; of equal ones the earlier' });

export const walkScoreView = z
  .object({
    score,
    level,
    label,
    reasons: z
      .array(
        z
          .object({
            code: z.enum(REASONS),
            points: z.int().min(0).meta({ description: 'Taken off 100' }),
            text: z.string(),
          })
          .meta({ id: 'WalkScoreReason' }),
      )
      .meta({ description: 'The heaviest first' }),
    feelsLikeC: temperatureC,
    asphaltC: temperatureC.meta({ description: 'Of asphalt in the open: an estimate' }),
    bestHour: best.nullable(),
    petId: z.uuid().nullable(),
    observedAt: instant.nullable().meta({ description: 'Of the observation that it rests on' }),
    sources: z.array(z.string()),
  })
  .meta({ id: 'WalkScore' });
export type WalkScoreView = z.input<typeof walkScoreView>;
