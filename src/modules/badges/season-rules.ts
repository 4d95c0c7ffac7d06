import { addDays } from '../../platform/clock/kst.js';

/** A part of each year, in KST dates `MM-DD`, both inclusive. It may run over the new year. */
export interface Season {
  from: string;
  until: string;
  /** Only walks that started before this KST hour. */
  beforeHour?: number;
}

export interface SeasonDates {
  /** The year in which it begins. */
  year: number;
  from: string;
  until: string;
}

export function seasonOf({ from, until }: Season, year: number): SeasonDates {
  return { year, from: `${year}-${from}`, until: `${from <= until ? year : year + 1}-${until}` };
}

/** The season's year that a date belongs to: the one in which it began. Null outside of the season. */
export function seasonYearOf({ from, until }: Season, date: string): number | null {
  const year = Number(date.slice(0, 4));
  const day = date.slice(5);
  if (from <= until) return from <= day && day <= until ? year : null;
  if (from <= day) return year;
  return day <= until ? year - 1 : null;
}

/** The season that runs on a date, or else the next one. */
export function currentOrNextSeason(season: Season, date: string): SeasonDates {
  const year = Number(date.slice(0, 4));
  const dates = [year - 1, year, year + 1].map((begun) => seasonOf(season, begun));
  return dates.find(({ until }) => date <= until)!;
}

/** Days until a season's last day; 0 on that day itself. */
export function daysLeft({ until }: SeasonDates, date: string): number {
  return (Date.parse(until) - Date.parse(date)) / 86_400_000;
}

/** The days before a season's last one on which its deadline is told. */
export const DEADLINE_DAYS = [7, 3, 1] as const;

/** The season whose last day is so many days away. */
export function seasonThatEndsIn(season: Season, date: string, days: number): SeasonDates | null {
  const dates = currentOrNextSeason(season, date);
  return dates.from <= date && dates.until === addDays(date, days) ? dates : null;
}
