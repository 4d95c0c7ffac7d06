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
