import fc from 'fast-check';
import { addMonthsKst } from '../../../platform/clock/kst.js';
import { refundKrw } from './refund-policy.js';

/** An instant named in Korean time. */
const kst = (text: string) => new Date(`${text}+09:00`);
const MS = 1;

const monthPaid = (paid: string, amountKrw = 4_900, months = 1) => {
  const paidAt = kst(paid);
  return {
    amountKrw,
    paidAt,
    periodFrom: paidAt,
    periodTo: addMonthsKst(paidAt, months),
    hasWithdrawn: false,
  };
};

describe('withdrawal', () => {
  const paid = monthPaid('2026-11-20T12:00:00');

  it.each([
    ['at once', '2026-11-20T12:00:00'],
    ['on the same day', '2026-11-20T23:59:59'],
    ['exactly 7 times 24 hours later', '2026-11-27T12:00:00'],
    ['in the last second of the seventh day', '2026-11-27T23:59:59'],
  ])('gives everything back %s', (_, at) => expect(refundKrw(paid, kst(at))).toBe(4_900));

  it('ends with the seventh day after the day of the payment, in Korea', () => {
    const ends = kst('2026-11-28T00:00:00').getTime();
    expect(refundKrw(paid, new Date(ends - MS))).toBe(4_900);
    // 22 whole days of 30 are left.
    expect(refundKrw(paid, new Date(ends))).toBe(Math.floor((4_900 * 22) / 30 / 10) * 10);
  });

  it('is as long for a payment in the night, whose date in UTC is another one', () => {
    const night = monthPaid('2026-11-20T00:30:00');
    expect(refundKrw(night, kst('2026-11-27T23:59:59'))).toBe(4_900);
    expect(refundKrw(night, kst('2026-11-28T00:00:00'))).toBe(3_590);
  });

  it('is as long for a period that is over sooner, or was before it was paid', () => {
    const week = { ...paid, periodTo: kst('2026-11-22T12:00:00') };
    expect(refundKrw(week, kst('2026-11-27T23:59:59'))).toBe(4_900);
    expect(refundKrw(week, kst('2026-11-28T00:00:00'))).toBe(0);
    const late = { ...paid, periodFrom: kst('2026-09-01T12:00:00'), periodTo: kst('2026-10-01T12:00:00') };
    expect(refundKrw(late, kst('2026-11-27T23:59:59'))).toBe(4_900);
    expect(refundKrw(late, kst('2026-11-28T00:00:00'))).toBe(0);
  });

  it('is given once a person: afterwards it is pro rata from the first day on', () => {
    const again = { ...paid, hasWithdrawn: true };
    expect(refundKrw(again, kst('2026-11-20T12:00:00'))).toBe(4_900);
    expect(refundKrw(again, kst('2026-11-20T12:00:01'))).toBe(Math.floor((4_900 * 29) / 30 / 10) * 10);
    expect(refundKrw(again, kst('2026-11-27T12:00:00'))).toBe(Math.floor((4_900 * 23) / 30 / 10) * 10);
    expect(refundKrw({ ...again, periodTo: kst('2026-11-22T12:00:00') }, kst('2026-11-22T12:00:00'))).toBe(0);
  });
});

describe('pro rata', () => {
  const paid = monthPaid('2026-11-01T10:00:00', 3_000);

  it.each([
    ['2026-11-16T10:00:00', 1_500, 'half of 30 days'],
    ['2026-11-16T10:00:01', 1_400, 'a day that has begun is used'],
    ['2026-11-30T10:00:00', 100, 'exactly the last day is left'],
    ['2026-11-30T10:00:01', 0, 'within the last day'],
    ['2026-12-01T09:59:59', 0, 'the last second'],
    ['2026-12-01T10:00:00', 0, 'over'],
    ['2027-12-01T10:00:00', 0, 'long over'],
  ])('at %s gives %i back: %s', (at, krw) => expect(refundKrw(paid, kst(at))).toBe(krw));

  it('rounds down to 10 won', () =>
    expect(refundKrw(monthPaid('2026-11-01T10:00:00'), kst('2026-11-11T10:00:00'))).toBe(3_260));

  it.each([
    ['2027-12-31T10:00:00', 366],
    ['2026-12-31T10:00:00', 365],
  ])('knows how long the year from %s is: %i days', (from, days) => {
    const year = monthPaid(from, days * 100, 12);
    expect(refundKrw(year, new Date(year.periodTo.getTime() - 100 * 86_400_000))).toBe(10_000);
  });

  it('knows how long February is, and the month from the 31st', () => {
    const leap = monthPaid('2028-02-01T10:00:00', 2_900);
    expect(refundKrw(leap, kst('2028-02-29T10:00:00'))).toBe(100);
    const short = monthPaid('2027-01-31T10:00:00', 2_800);
    expect(refundKrw(short, kst('2027-02-27T10:00:00'))).toBe(100);
  });

  it('of a period that is still to come is everything, however long ago it was paid', () => {
    const later = { ...monthPaid('2026-11-01T10:00:00'), periodFrom: kst('2027-01-01T10:00:00') };
    const period = { ...later, periodTo: addMonthsKst(later.periodFrom, 1) };
    expect(refundKrw(period, kst('2026-12-31T23:59:59'))).toBe(4_900);
    expect(refundKrw(period, kst('2027-01-01T10:00:00'))).toBe(4_900);
    expect(refundKrw(period, kst('2027-01-01T10:00:01'))).toBe(Math.floor((4_900 * 30) / 31 / 10) * 10);
  });
});

it('never gives back more than was paid, nor more by waiting', () => {
  const instants = fc.date({
    min: kst('2026-01-01T00:00:00'),
    max: kst('2032-01-01T00:00:00'),
    noInvalidDate: true,
  });
  const waits = fc.integer({ min: 0, max: 400 * 86_400_000 });
  fc.assert(
    fc.property(
      instants,
      fc.constantFrom(1, 12),
      fc.integer({ min: 100, max: 500_000 }),
      waits,
      waits,
      fc.boolean(),
      (paidAt, months, amountKrw, a, b, hasWithdrawn) => {
        const period = { periodFrom: paidAt, periodTo: addMonthsKst(paidAt, months) };
        const paid = { amountKrw, paidAt, ...period, hasWithdrawn };
        const [sooner, later] = [Math.min(a, b), Math.max(a, b)].map((ms) =>
          refundKrw(paid, new Date(paidAt.getTime() + ms)),
        );
        expect(sooner).toBeLessThanOrEqual(amountKrw);
        expect(later).toBeGreaterThanOrEqual(0);
        expect(later).toBeLessThanOrEqual(sooner!);
      },
    ),
  );
});
