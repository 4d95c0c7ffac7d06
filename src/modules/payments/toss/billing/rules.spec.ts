import {
  chargeKeyOf,
  graceInDoubtMs,
  graceRunsOut,
  graceUnaskedMs,
  graceUnsettledMs,
  mayStillCome,
  nextRetryAt,
  type PriceFacts,
  renewalPrice,
} from './rules.js';

const DAY_MS = 86_400_000;
const T0 = new Date('2026-12-01T03:10:00Z');
const after = (days: number, of = T0) => new Date(of.getTime() + days * DAY_MS);

it('tries again 1, 3 and 5 days after the first attempt, then no more', () => {
  expect(nextRetryAt(T0, T0)).toEqual(after(1));
  expect(nextRetryAt(T0, after(1))).toEqual(after(3));
  expect(nextRetryAt(T0, after(3))).toEqual(after(5));
  expect(nextRetryAt(T0, after(5))).toBeNull();
});

it('an attempt in between takes none away, and those left out by an outage are not made up', () => {
  expect(nextRetryAt(T0, after(0.5))).toEqual(after(1));
  expect(nextRetryAt(T0, after(1.2))).toEqual(after(3));
  expect(nextRetryAt(T0, after(4))).toEqual(after(5));
  expect(nextRetryAt(T0, after(20))).toBeNull();
});

it('access outlasts the last retry, and a period’s end by a day before anybody has tried', () => {
  const endMs = T0.getTime();
  expect(graceUnaskedMs(endMs)).toBe(after(1).getTime());
  expect(graceUnsettledMs(endMs, after(-1).getTime())).toBe(after(6).getTime());
  expect(graceUnsettledMs(endMs, after(40).getTime())).toBe(after(46).getTime());
  expect(graceRunsOut(after(0.9).getTime(), endMs)).toBe(false);
  expect(graceRunsOut(after(0.4).getTime(), endMs)).toBe(true);
});

it('access while nobody can say lasts at most 15 days beyond what was paid for', () => {
  const endMs = T0.getTime();
  expect(graceInDoubtMs(endMs, after(1).getTime())).toBe(after(7).getTime());
  expect(graceInDoubtMs(endMs, after(12).getTime())).toBe(after(15).getTime());
  expect(graceInDoubtMs(endMs, after(40).getTime())).toBe(after(15).getTime());
});

it('S10 an attempt has one key for ten minutes, then another one for each ten that follow', () => {
  const attempt = { subscriptionId: 's', period: 2, attempt: 1, createdAt: T0 };
  const keyAfter = (minutes: number) => chargeKeyOf(attempt, new Date(T0.getTime() + minutes * 60_000));
  expect([0, 9.99, 10, 19.99, 20, 14_400].map(keyAfter)).toEqual(
    [0, 0, 1, 1, 2, 1_440].map((suffix) => `charge:s:2:1:${suffix}`),
  );
  expect(chargeKeyOf({ ...attempt, attempt: 2 }, T0)).not.toBe(keyAfter(0));
});

it('an order that Toss does not know of is given up after ten minutes', () => {
  expect(mayStillCome(T0, new Date(T0.getTime() + 9 * 60_000))).toBe(true);
  expect(mayStillCome(T0, new Date(T0.getTime() + 10 * 60_000))).toBe(false);
});

describe('S11 the price of a renewal', () => {
  const dueAt = new Date('2027-03-01T00:00:00Z');
  const raised: PriceFacts = {
    agreedKrw: 4_900,
    currentKrw: 5_900,
    toldKrw: 5_900,
    toldAt: after(-30, dueAt),
    raiseConsents: [{ priceKrw: 5_900, at: after(-1, dueAt) }],
    dueAt,
  };

  it('is what was agreed to, or the lower price of today', () => {
    expect(renewalPrice({ ...raised, currentKrw: 4_900 })).toBe(4_900);
    expect(renewalPrice({ ...raised, currentKrw: 3_900 })).toBe(3_900);
  });

  it('is the raised one when its owner was told 30 days before, and said yes within these', () => {
    expect(renewalPrice(raised)).toBe(5_900);
    expect(renewalPrice({ ...raised, raiseConsents: [{ priceKrw: 5_900, at: after(-30, dueAt) }] })).toBe(
      5_900,
    );
  });

  it('is the old one when nobody told, or told of another price, or less than 30 days before', () => {
    expect(renewalPrice({ ...raised, toldAt: null, toldKrw: null })).toBe(4_900);
    expect(renewalPrice({ ...raised, toldKrw: 5_500 })).toBe(4_900);
    expect(renewalPrice({ ...raised, toldAt: new Date(raised.toldAt!.getTime() + 1) })).toBe(4_900);
  });

  it('no answer is a no; so is a yes to less, and one that is older than 30 days', () => {
    expect(renewalPrice({ ...raised, raiseConsents: [] })).toBe('not-agreed');
    expect(renewalPrice({ ...raised, raiseConsents: [{ priceKrw: 5_500, at: after(-1, dueAt) }] })).toBe(
      'not-agreed',
    );
    expect(renewalPrice({ ...raised, raiseConsents: [{ priceKrw: 5_900, at: after(-31, dueAt) }] })).toBe(
      'not-agreed',
    );
  });
});
