import { addDays } from '../../platform/clock/kst.js';
import { isNearKorea } from '../../platform/rules/korea.js';

/** What AirKorea's rows say (PROVIDERS.md §8). What is missing is null, never 0. */

export const POLLUTANTS = ['pm10', 'pm25'] as const;
export type Pollutant = (typeof POLLUTANTS)[number];
export type Grade = 'good' | 'normal' | 'bad' | 'very_bad';

/** From these µg/m³ on the grade is normal, bad, very bad (AirKorea, 예보등급). */
export const GRADES_FROM: Record<Pollutant, readonly [number, number, number]> = {
  pm10: [31, 81, 151],
  pm25: [16, 36, 76],
};
const MAX_UGM3 = 5_000;
/** An older reading says nothing about now: the next station is asked. */
export const READING_STALE_MS = 3 * 3_600_000;
/** Shown when there is nothing newer anywhere near, with its age; what is older is not shown. */
const READING_SHOWN_MS = 24 * 3_600_000;
/** So far from an instant a reading still tells of it. */
const FITS_WITHIN_MS = 3_600_000;
/** A station tells of the air at most this far away. */
const STATION_REACH_M = 100_000;

export interface Station {
  name: string;
  lat: number;
  lng: number;
}

export interface Reading {
  name: string;
  /** End of the hour that was measured. */
  measuredAt: Date;
  pm10: number | null;
  pm25: number | null;
}

export interface NearbyReading extends Reading {
  distanceM: number;
}

export interface NearestValue {
  valueUgm3: number;
  grade: Grade;
  station: string;
  distanceM: number;
  measuredAt: Date;
  isStale: boolean;
}

type Row = Record<string, unknown>;

/** @returns null for a row that names no station or no place in Korea; swapped columns are swapped back */
export function stationOf({ stationName, dmX, dmY }: Row): Station | null {
  const name = textOf(stationName);
  const [x, y] = [Number(textOf(dmX) || NaN), Number(textOf(dmY) || NaN)];
  if (!name) return null;
  if (isNearKorea(x, y)) return { name, lat: x, lng: y };
  if (isNearKorea(y, x)) return { name, lat: y, lng: x };
  return null;
}

/** @returns null without a station or time; the province's label (`전남광주` since July 2026) is not looked at */
export function readingOf(row: Row): Reading | null {
  const name = textOf(row.stationName);
  const measuredAt = measuredAtOf(row.dataTime);
  if (!name || !measuredAt) return null;
  return { name, measuredAt, pm10: valueOf(row, 'pm10'), pm25: valueOf(row, 'pm25') };
}

/** `2026-11-01 24:00` (KST) is the midnight that begins the next day. */
export function measuredAtOf(dataTime: unknown): Date | null {
  const [, date, hour, minute] =
    /^(20\d\d-\d\d-\d\d) ([01]\d|2[0-4]):([0-5]\d)$/.exec(textOf(dataTime)) ?? [];
  if (!date || Number.isNaN(Date.parse(date)) || (hour === '24' && minute !== '00')) return null;
  const day = hour === '24' ? addDays(date, 1) : date;
  return new Date(`${day}T${hour === '24' ? '00' : hour}:${minute}:00+09:00`);
}

export function gradeOf(pollutant: Pollutant, value: number): Grade {
  const [normal, bad, veryBad] = GRADES_FROM[pollutant];
  return value >= veryBad ? 'very_bad' : value >= bad ? 'bad' : value >= normal ? 'normal' : 'good';
}

/**
 * The value of the nearest station that has one of the last hours; else the nearest one of the last day, which is
 * stale then.
 * @param nearby nearest first
 */
export function nearestValue(
  nearby: readonly NearbyReading[],
  pollutant: Pollutant,
  now: Date,
): NearestValue | null {
  const ageMs = ({ measuredAt }: Reading) => now.getTime() - measuredAt.getTime();
  const withValue = nearby.filter(
    (reading) =>
      reading[pollutant] !== null &&
      reading.distanceM <= STATION_REACH_M &&
      ageMs(reading) <= READING_SHOWN_MS,
  );
  const found = withValue.find((reading) => ageMs(reading) <= READING_STALE_MS) ?? withValue[0];
  if (!found) return null;
  const valueUgm3 = found[pollutant]!;
  return {
    valueUgm3,
    grade: gradeOf(pollutant, valueUgm3),
    station: found.name,
    distanceM: Math.round(found.distanceM),
    measuredAt: found.measuredAt,
    isStale: ageMs(found) > READING_STALE_MS,
  };
}

/** The value of the nearest station that measured within the hour before or after. @param nearby nearest first */
export function valueAround(
  nearby: readonly NearbyReading[],
  pollutant: Pollutant,
  instant: Date,
): number | null {
  const fits = ({ measuredAt, distanceM }: NearbyReading) =>
    distanceM <= STATION_REACH_M && Math.abs(measuredAt.getTime() - instant.getTime()) <= FITS_WITHIN_MS;
  return nearby.find((reading) => reading[pollutant] !== null && fits(reading))?.[pollutant] ?? null;
}

/** A flag (`점검및교정`, `통신장애` …) says that the value is none, whether there is one or not. */
function valueOf(row: Row, pollutant: Pollutant): number | null {
  if (textOf(row[`${pollutant}Flag`])) return null;
  const text = textOf(row[`${pollutant}Value`]);
  const value = Number(text);
  return /^\d+(\.\d+)?$/.test(text) && value <= MAX_UGM3 ? Math.round(value) : null;
}

const textOf = (value: unknown): string =>
  typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
