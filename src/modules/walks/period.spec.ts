import fc from 'fast-check';
import { addDays } from '../../platform/clock/kst.js';
import { periodOf } from './period.js';

const dates = fc
  .date({ min: new Date('1990-01-01T00:00:00Z'), max: new Date('2089-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

it('a week runs from Monday to Sunday, over the end of a year too', () => {
  expect(periodOf('week', '2026-11-16')).toEqual({ from: '2026-11-16', to: '2026-11-22' });
  expect(periodOf('week', '2026-11-22')).toEqual({ from: '2026-11-16', to: '2026-11-22' });
  expect(periodOf('week', '2027-01-01')).toEqual({ from: '2026-12-28', to: '2027-01-03' });
});

it('T11 a month ends on its last day, 29 February included', () => {
  expect(periodOf('month', '2028-02-10')).toEqual({ from: '2028-02-01', to: '2028-02-29' });
  expect(periodOf('month', '2027-02-10')).toEqual({ from: '2027-02-01', to: '2027-02-28' });
  expect(periodOf('month', '2026-12-31')).toEqual({ from: '2026-12-01', to: '2026-12-31' });
});

it('a year is the calendar year, and all has no ends', () => {
  expect(periodOf('year', '2026-11-20')).toEqual({ from: '2026-01-01', to: '2026-12-31' });
  expect(periodOf('all', '2026-11-20')).toEqual({ from: null, to: null });
});

it.each(['week', 'month', 'year'] as const)(
  'T11 each %s holds its date, and the next begins a day after its end',
  (period) => {
    fc.assert(
      fc.property(dates, (date) => {
        const { from, to } = periodOf(period, date);
        expect(from! <= date && date <= to!).toBe(true);
        expect(periodOf(period, from!)).toEqual({ from, to });
        expect(periodOf(period, to!)).toEqual({ from, to });
        expect(periodOf(period, addDays(to!, 1)).from).toBe(addDays(to!, 1));
      }),
    );
  },
);
