import fc from 'fast-check';
import { addMonthsKst, kstDate, kstMidnight } from './kst.js';

/** An instant named in Korean time. */
const kst = (text: string) => new Date(`${text}+09:00`);

describe('whole months later', () => {
  it('S11 31 Jan → 28 Feb → 31 Mar: the anchor keeps its day', () => {
    const anchor = kst('2027-01-31T10:00:00');
    expect([0, 1, 2, 3, 12, 13].map((months) => kstDate(addMonthsKst(anchor, months)))).toEqual([
      '2027-01-31',
      '2027-02-28',
      '2027-03-31',
      '2027-04-30',
      '2028-01-31',
      '2028-02-29',
    ]);
  });

  it.each([
    ['2026-11-20T12:34:56.789', 1, '2026-12-20T12:34:56.789'],
    ['2026-12-31T23:59:59.999', 2, '2027-02-28T23:59:59.999'],
    // The KST date counts: in UTC it is still the 31st, and the 28th.
    ['2027-02-01T08:59:59', 1, '2027-03-01T08:59:59'],
    ['2027-03-01T00:00:00', 12, '2028-03-01T00:00:00'],
    ['2028-02-29T09:00:00', 12, '2029-02-28T09:00:00'],
    ['2028-02-29T09:00:00', 48, '2032-02-29T09:00:00'],
    ['2027-03-31T09:00:00', -1, '2027-02-28T09:00:00'],
  ])('%s and %i months → %s', (from, months, to) => {
    expect(addMonthsKst(kst(from), months)).toEqual(kst(to));
  });

  it('never skips a month and never goes back', () => {
    const anchors = fc.date({
      min: kst('2020-01-01T00:00:00'),
      max: kst('2080-01-01T00:00:00'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(anchors, fc.integer({ min: 0, max: 240 }), (anchor, months) => {
        const [year, month] = kstDate(anchor).split('-').map(Number) as [number, number];
        const later = addMonthsKst(anchor, months);
        const [thatYear, thatMonth] = kstDate(later).split('-').map(Number) as [number, number];
        expect(thatYear * 12 + thatMonth).toBe(year * 12 + month + months);
        expect(addMonthsKst(anchor, months + 1).getTime()).toBeGreaterThan(later.getTime());
        const timeOfDayMs = (at: Date) => at.getTime() - kstMidnight(kstDate(at)).getTime();
        expect(timeOfDayMs(later)).toBe(timeOfDayMs(anchor));
      }),
    );
  });
});
