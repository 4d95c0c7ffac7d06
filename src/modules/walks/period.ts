import { addDays } from '../../platform/clock/kst.js';

export type Period = 'week' | 'month' | 'year' | 'all';

/** First and last KST date of the period that holds a date; a week runs from Monday to Sunday. */
export function periodOf(period: Period, date: string): { from: string | null; to: string | null } {
  const [year, month] = [Number(date.slice(0, 4)), Number(date.slice(5, 7))];
  switch (period) {
    case 'week': {
      const weekday = (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
      return { from: addDays(date, -weekday), to: addDays(date, 6 - weekday) };
    }
    case 'month':
      return {
        from: `${date.slice(0, 7)}-01`,
        to: new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10),
      };
    case 'year':
      return { from: `${date.slice(0, 4)}-01-01`, to: `${date.slice(0, 4)}-12-31` };
    case 'all':
      return { from: null, to: null };
  }
}

/** What everybody sees of their own statistics goes back so far: the three months of DOMAIN, as 92 days. */
export const FREE_STATISTICS_DAYS = 92;

/**
 * Whether a period is within what everybody sees. A week or month is, whole, when it ends in the last 92 days or later:
 * none is cut short. A year and all time hold more than three months, and are for premium.
 */
export function isFreePeriod(period: Period, date: string, today: string): boolean {
  if (period === 'year' || period === 'all') return false;
  return periodOf(period, date).to! >= addDays(today, -FREE_STATISTICS_DAYS);
}
