import type { LatLng } from './grid-rules.js';
import type { Forecast, ForecastHour, Nowcast, Precipitation, Sky } from './kma-readings-rules.js';
import { NOWCAST_HOLDS_MS } from './walk-score-table.js';

/** The weather of an hour at a place; null is what is not known. */
export interface Conditions {
  at: Date;
  place: LatLng;
  temperatureC: number | null;
  humidityPct: number | null;
  windMps: number | null;
  precipitation: Precipitation | null;
  rainMm: number | null;
  snowCm: number | null;
  /** Probability of rain; null also where the source does not tell one. */
  rainPct: number | null;
  sky: Sky | null;
  lightning: boolean | null;
  pm10: number | null;
  pm25: number | null;
}

export interface Sources {
  nowcast: Nowcast | null;
  soon: Forecast | null;
  days: Forecast | null;
  /** µg/m³; taken for the hours to come as well, of which nobody says more for a place. */
  pm10: number | null;
  pm25: number | null;
  place: LatLng;
}

const HOUR_MS = 3_600_000;
const NOTHING: Omit<ForecastHour, 'at'> = {
  ...{ temperatureC: null, humidityPct: null, windMps: null, precipitation: null, rainMm: null },
  ...{ sky: null, snowCm: null, rainPct: null, lightning: null },
};

/** What was observed of late, and where nothing was, what is forecast for this hour (or the next, when there is no more). */
export function conditionsNow(sources: Sources, now: Date): Conditions {
  const hourMs = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  const told = [
    ...[sources.soon, sources.days].map((forecast) => hourIn(forecast, hourMs)),
    ...[sources.soon, sources.days].map((forecast) => hourIn(forecast, hourMs + HOUR_MS)),
  ];
  const { nowcast } = sources;
  const holds = nowcast && now.getTime() - Date.parse(nowcast.baseAt) <= NOWCAST_HOLDS_MS;
  return conditionsOf(sources, now, [holds ? nowcast : undefined, ...told]);
}

/** Hour by hour from now on, the ultra-short forecast before the village one. */
export function conditionsAhead(sources: Sources, now: Date): Conditions[] {
  const { soon, days } = sources;
  const instants = new Set([...(soon?.hours ?? []), ...(days?.hours ?? [])].map(({ at }) => Date.parse(at)));
  return [...instants]
    .filter((atMs) => atMs >= now.getTime())
    .sort((a, b) => a - b)
    .map((atMs) => conditionsOf(sources, new Date(atMs), [hourIn(soon, atMs), hourIn(days, atMs)]));
}

function conditionsOf(
  { pm10, pm25, place }: Sources,
  at: Date,
  told: readonly (Partial<ForecastHour> | undefined)[],
): Conditions {
  const known = { ...NOTHING };
  for (const figures of [...told].reverse())
    for (const [name, figure] of Object.entries(figures ?? {}))
      if (name in NOTHING && figure !== null) Object.assign(known, { [name]: figure });
  return { ...known, at, place, pm10, pm25 };
}

const hourIn = (forecast: Forecast | null, atMs: number): ForecastHour | undefined =>
  forecast?.hours.find(({ at }) => Date.parse(at) === atMs);
