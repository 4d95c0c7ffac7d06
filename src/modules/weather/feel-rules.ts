import type { LatLng } from './grid-rules.js';
import type { Sky } from './kma-readings-rules.js';
import { ASPHALT_EXCESS_C, ASPHALT_KEPT, SUN_THROUGH } from './walk-score-table.js';

/** How the weather feels, °C; null without a temperature. */
export interface Felt {
  heatC: number | null;
  coldC: number | null;
  feelsLikeC: number | null;
  /** An estimate. */
  asphaltC: number | null;
}

const HOUR_MS = 3_600_000;
const RAD = Math.PI / 180;
/** Below it NWS's simple formula gives less than the regression is made for. */
const REGRESSION_FROM_F = 80;
const WIND_CHILL_TO_C = 10;
const WIND_CHILL_FROM_KMH = 4.8;

/**
 * Heat index, °C: Rothfusz's regression with its adjustments, and Steadman's simple formula below 80 °F
 * (National Weather Service, "The Heat Index Equation", SR 90-23). Never less than the temperature.
 */
export function heatIndexC(temperatureC: number, humidityPct: number): number {
  const t = (temperatureC * 9) / 5 + 32;
  const rh = humidityPct;
  const simple = (t + 0.5 * (t + 61 + (t - 68) * 1.2 + rh * 0.094)) / 2;
  const indexF = simple < REGRESSION_FROM_F ? simple : Math.max(REGRESSION_FROM_F, rothfuszF(t, rh));
  return Math.max(temperatureC, ((indexF - 32) * 5) / 9);
}

function rothfuszF(t: number, rh: number): number {
  const regression =
    -42.379 +
    2.04901523 * t +
    10.14333127 * rh -
    0.22475541 * t * rh -
    6.83783e-3 * t * t -
    5.481717e-2 * rh * rh +
    1.22874e-3 * t * t * rh +
    8.5282e-4 * t * rh * rh -
    1.99e-6 * t * t * rh * rh;
  if (rh < 13 && t >= 80 && t <= 112)
    return regression - ((13 - rh) / 4) * Math.sqrt((17 - Math.abs(t - 95)) / 17);
  if (rh > 85 && t >= 80 && t <= 87) return regression + ((rh - 85) / 10) * ((87 - t) / 5);
  return regression;
}

/**
 * Wind chill, °C: the formula of 2001 of Environment Canada and NWS (Osczevski & Bluestein), which KMA's 체감온도 of the
 * cold months is as well. For 10 °C and less, and 4.8 km/h and more; never more than the temperature.
 */
export function windChillC(temperatureC: number, windMps: number): number {
  const kmh = windMps * 3.6;
  if (temperatureC > WIND_CHILL_TO_C || kmh < WIND_CHILL_FROM_KMH) return temperatureC;
  const wind = kmh ** 0.16;
  return Math.min(temperatureC, 13.12 + 0.6215 * temperatureC - 11.37 * wind + 0.3965 * temperatureC * wind);
}

/** What is shown to people, °C: by the wind where that makes it colder, else by the humidity; only of what is known. */
export function feelsLikeC({
  temperatureC,
  humidityPct,
  windMps,
}: {
  temperatureC: number | null;
  humidityPct: number | null;
  windMps: number | null;
}): number | null {
  if (temperatureC === null) return null;
  const coldC = windMps === null ? temperatureC : windChillC(temperatureC, windMps);
  return coldC < temperatureC || humidityPct === null ? coldC : heatIndexC(temperatureC, humidityPct);
}

/** As people are told degrees. */
export const tenth = (valueC: number | null): number | null => valueC && Math.round(valueC * 10) / 10;

/**
 * Asphalt in the open, °C: an estimate, as nobody measures it. The air, and on top of it what a high sun adds
 * (`ASPHALT_EXCESS_C`), by the sun's height now and in the hours before and by what the clouds let through; wet, it is as
 * warm as the air.
 */
export function asphaltC(
  temperatureC: number,
  { sky, isWet, at, place }: { sky: Sky; isWet: boolean; at: Date; place: LatLng },
): number {
  if (isWet) return temperatureC;
  const sun = ASPHALT_KEPT.map(
    (kept, hoursAgo) => kept * sunHeight(new Date(at.getTime() - hoursAgo * HOUR_MS), place),
  );
  return temperatureC + ASPHALT_EXCESS_C * SUN_THROUGH[sky] * Math.max(...sun);
}

/** Sine of the sun's elevation, 0 at night: declination after Cooper (Solar Energy 12, 1969), local solar time. */
export function sunHeight(at: Date, { lat, lng }: LatLng): number {
  const dayOfYear = (at.getTime() - Date.UTC(at.getUTCFullYear(), 0, 0)) / (24 * HOUR_MS);
  const declination = 23.45 * Math.sin(((360 * (284 + dayOfYear)) / 365) * RAD) * RAD;
  const solarHour = (at.getTime() % (24 * HOUR_MS)) / HOUR_MS + lng / 15;
  const hourAngle = (solarHour - 12) * 15 * RAD;
  const height =
    Math.sin(lat * RAD) * Math.sin(declination) +
    Math.cos(lat * RAD) * Math.cos(declination) * Math.cos(hourAngle);
  return Math.max(0, height);
}
