import fc from 'fast-check';
import { addDays } from '../../platform/clock/kst.js';
import { FREE_STATISTICS_DAYS, isFreePeriod, periodOf } from './period.js';

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

describe('what everybody sees of their statistics', () => {
  const today = '2026-11-20';

  it.each([
    ['week', '2026-08-20', '2026-08-23', true],
    ['week', '2026-08-16', '2026-08-16', false],
    ['month', '2026-08-01', '2026-08-31', true],
    ['month', '2026-07-31', '2026-07-31', false],
    ['month', '2027-05-01', '2027-05-31', true],
  ] as const)('the %s of %s, which ends on %s: %s', (period, date, to, isFree) => {
    expect(periodOf(period, date).to).toBe(to);
    expect(isFreePeriod(period, date, today)).toBe(isFree);
  });

  it('ends with the 92nd day before today', () => {
    const edge = addDays('2026-08-23', FREE_STATISTICS_DAYS);
    expect(isFreePeriod('week', '2026-08-20', edge)).toBe(true);
    expect(isFreePeriod('week', '2026-08-20', addDays(edge, 1))).toBe(false);
  });

  it('is no year and not all time, however short these are', () => {
    expect(isFreePeriod('year', today, today)).toBe(false);
    expect(isFreePeriod('all', today, today)).toBe(false);
  });
});
