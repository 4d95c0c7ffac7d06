/** Korea has kept UTC+9 without daylight saving since 1988, so the calendar is plain arithmetic. */
const KST_OFFSET_MS = 9 * 3_600_000;
const DAY_MS = 86_400_000;

export const SEOUL = 'Asia/Seoul';

/** The KST calendar date of an instant, `YYYY-MM-DD`. */
export function kstDate(instant: Date): string {
  return new Date(instant.getTime() + KST_OFFSET_MS).toISOString().slice(0, 10);
}

/** The hour of the KST day, 0–23. */
export function kstHour(instant: Date): number {
  return new Date(instant.getTime() + KST_OFFSET_MS).getUTCHours();
}

/** The instant at which a KST date begins. */
export function kstMidnight(date: string): Date {
  return new Date(Date.parse(`${date}T00:00:00.000Z`) - KST_OFFSET_MS);
}

/** Calendar arithmetic on `YYYY-MM-DD`; days may be negative. */
export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00.000Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** A `date` column: Prisma wants UTC midnight of the calendar date. */
export function toDateColumn(date: string): Date {
  return new Date(`${date}T00:00:00.000Z`);
}

export function fromDateColumn(column: Date): string {
  return column.toISOString().slice(0, 10);
}

/**
 * Whole calendar months later at the same KST time of day. Where that month has no such day it is its last one: count
 * from the anchor (31 Jan + 1 = 28 Feb, + 2 = 31 Mar), not from the previous result.
 */
export function addMonthsKst(instant: Date, months: number): Date {
  const kst = new Date(instant.getTime() + KST_OFFSET_MS);
  const [year, month] = [kst.getUTCFullYear(), kst.getUTCMonth() + months];
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  kst.setUTCFullYear(year, month, Math.min(kst.getUTCDate(), lastDay));
  return new Date(kst.getTime() - KST_OFFSET_MS);
}
