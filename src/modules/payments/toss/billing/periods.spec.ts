import fc from 'fast-check';
import { kstDate } from '../../../../platform/clock/kst.js';
import { type Anchor, boundaryFrom, boundaryOf, periodOf, trialEndOf } from './periods.js';

const monthly = (at: string): Anchor => ({ plan: 'monthly', anchorAt: new Date(at), anchorPeriod: 0 });
const yearly = (at: string): Anchor => ({ ...monthly(at), plan: 'yearly' });
const days = (anchor: Anchor, count: number) =>
  Array.from({ length: count }, (_, period) => kstDate(boundaryOf(anchor, period)));

it('S11 31 January is followed by 28 February and 31 March, over a year', () => {
  expect(days(monthly('2027-01-31T10:00:00+09:00'), 13)).toEqual(
    '2027-01-31 2027-02-28 2027-03-31 2027-04-30 2027-05-31 2027-06-30 2027-07-31 2027-08-31 2027-09-30 2027-10-31 2027-11-30 2027-12-31 2028-01-31'.split(
      ' ',
    ),
  );
});

it('S11 a leap year has 29 February', () => {
  expect(days(monthly('2028-01-30T10:00:00+09:00'), 3)).toEqual(['2028-01-30', '2028-02-29', '2028-03-30']);
});

it('S11 a year from 29 February ends on 28 February, and the fourth on the 29th', () => {
  expect(days(yearly('2028-02-29T00:00:00+09:00'), 5)).toEqual([
    '2028-02-29',
    '2029-02-28',
    '2030-02-28',
    '2031-02-28',
    '2032-02-29',
  ]);
});

it('counts by the Korean day: just after midnight of the 1st is the 1st, although UTC has the last of the month', () => {
  const anchor = monthly('2027-03-01T00:00:30+09:00');
  expect(boundaryOf(anchor, 1).toISOString()).toBe(new Date('2027-04-01T00:00:30+09:00').toISOString());
});

it('keeps the time of day, and each period begins where the last one ended', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2026-01-01'), max: new Date('2032-12-31'), noInvalidDate: true }),
      fc.constantFrom('monthly' as const, 'yearly' as const),
      fc.nat(40),
      (anchorAt, plan, period) => {
        const anchor = { plan, anchorAt, anchorPeriod: 0 };
        const { from, to } = periodOf(anchor, period, plan);
        expect(from.getTime()).toBeLessThan(to.getTime());
        expect((to.getTime() - anchorAt.getTime()) % 86_400_000).toBe(0);
        expect(periodOf(anchor, period + 1, plan).from).toEqual(to);
      },
    ),
  );
});

it('another plan is counted from where its first period begins', () => {
  const anchor = monthly('2027-01-31T10:00:00+09:00');
  const { from, to } = periodOf(anchor, 1, 'yearly');
  expect([kstDate(from), kstDate(to)]).toEqual(['2027-02-28', '2028-02-28']);
});

it('finds the renewal that is far enough away', () => {
  const anchor = monthly('2027-01-31T10:00:00+09:00');
  expect(kstDate(boundaryFrom(anchor, 1, new Date('2027-03-01T00:00:00Z')))).toBe('2027-03-31');
  expect(kstDate(boundaryFrom(anchor, 1, new Date('2027-01-01T00:00:00Z')))).toBe('2027-02-28');
});

it('a trial lasts seven days', () => {
  expect(trialEndOf(new Date('2026-11-20T03:00:00Z'))).toEqual(new Date('2026-11-27T03:00:00Z'));
});
