import { DAY_MS, day, paid, refunded, renewal, trial } from '../../../test/builders/facts.js';
import { type Fact, merge } from './facts.js';
import { accessUntilMs, changesAtMs, standingOf, stateAt } from './standing.js';

/** The state on each of these days, by the facts. */
const states = (facts: Fact[], ...days: number[]) => days.map((at) => stateAt(standingOf(facts), day(at)));
const accessDays = (facts: Fact[]) => {
  const until = accessUntilMs(standingOf(facts));
  return until === null ? null : (until - day(0)) / DAY_MS;
};

describe('nothing bought yet', () => {
  it('is awaited as long as nothing is known', () => {
    expect(states([], 0, 1_000)).toEqual(['on_hold', 'on_hold']);
    expect(states([renewal()], 0)).toEqual(['on_hold']);
    expect(accessDays([])).toBeNull();
    expect(changesAtMs(standingOf([]), day(0))).toBeNull();
  });

  it('a purchase that waits for its payment gives nothing, and is over when it is not paid in time', () => {
    const pending = [renewal({ retriesUntilMs: day(3) })];
    expect(states(pending, 0, 2.9, 3)).toEqual(['on_hold', 'on_hold', 'expired']);
    expect(accessDays(pending)).toBeNull();
    expect(states(merge(pending, [paid('a', { startsAtMs: day(2) }), renewal({ asOf: 2 })]), 2)).toEqual([
      'active',
    ]);
  });

  it('a purchase that was given up is over', () => {
    expect(states([renewal({ endedAtMs: day(1) })], 0, 1)).toEqual(['on_hold', 'expired']);
  });
});

describe('the usual life', () => {
  const life = [trial('t'), paid('a', { startsAtMs: day(7) }), renewal()];

  it('is a trial, active, and over at the instant it ends', () => {
    expect(states(life, 0, 6.99, 7, 36.99, 37)).toEqual(['trial', 'trial', 'active', 'active', 'expired']);
    expect(accessDays(life)).toBe(37);
  });

  it('a renewal that was paid ahead does not end the trial', () => {
    expect(states(life, 6.5)).toEqual(['trial']);
  });

  it('names the instants at which it changes', () => {
    const standing = standingOf(life);
    expect([0, 6.99, 7, 36, 37].map((at) => changesAtMs(standing, day(at)))).toEqual([
      day(7),
      day(7),
      day(37),
      day(37),
      null,
    ]);
  });
});

describe('S03 cancelling', () => {
  it('keeps access to the end of the period, of a trial too', () => {
    expect(states([paid('a'), renewal({ renews: false })], 1, 29.9, 30)).toEqual([
      'cancelled',
      'cancelled',
      'expired',
    ]);
    expect(states([trial('t'), renewal({ renews: false })], 1, 7)).toEqual(['cancelled', 'expired']);
  });

  it('is undone by renewing again', () => {
    const facts = merge([paid('a'), renewal({ renews: false })], [renewal({ asOf: 2 })]);
    expect(states(facts, 1)).toEqual(['active']);
  });

  it('a refund after it ends access at once', () => {
    const facts = [refunded(paid('a'), day(5)), renewal({ renews: false })];
    expect(states(facts, 5, 31)).toEqual(['refunded', 'refunded']);
    expect(accessDays(facts)).toBe(5);
  });

  it('a refund that was reversed gives access back', () => {
    const bought = paid('a');
    const given = refunded(bought, day(5));
    const facts = merge([given, renewal()], [{ ...bought, asOf: 3 }]);
    expect(states(facts, 6, 30)).toEqual(['active', 'expired']);
    expect(merge(facts, [given])).toEqual(facts);
  });

  it('S03 what the store takes back (family sharing) ends now', () => {
    const facts = [paid('a', { asOf: 2, isRevoked: true, endedAtMs: day(3) }), renewal()];
    expect(states(facts, 2.9, 3)).toEqual(['active', 'refunded']);
  });
});

describe('S02 refunds', () => {
  const first = paid('a');
  const second = paid('b', { startsAtMs: day(30) });

  it('of an earlier period does not end the current one', () => {
    const facts = [refunded(first, day(35)), second, renewal()];
    expect(states(facts, 36, 59.9, 60)).toEqual(['active', 'active', 'expired']);
    expect(accessDays(facts)).toBe(60);
  });

  it('of the period to come leaves the running one', () => {
    const facts = [first, refunded(second, day(29.5)), renewal()];
    expect(states(facts, 29.6, 30)).toEqual(['active', 'refunded']);
  });

  it('of a part is no end', () => {
    const facts = [{ ...first, asOf: 2, refundedMilli: 1_000 }, renewal()];
    expect(states(facts, 29)).toEqual(['active']);
  });

  it('leaves no grace', () => {
    const facts = [refunded(first, day(31)), renewal({ graceUntilMs: day(46) })];
    expect(states(facts, 31)).toEqual(['refunded']);
    expect(accessDays(facts)).toBe(30);
  });

  it('buying anew after it begins anew', () => {
    expect(states([refunded(first, day(5)), paid('b', { startsAtMs: day(8) }), renewal()], 8)).toEqual([
      'active',
    ]);
  });
});

describe('S04 failing payments', () => {
  const first = paid('a', { startsAtMs: day(7) });
  const ofTrial = [trial('t'), first];

  it('grace keeps access, hold removes it', () => {
    const grace = [...ofTrial, renewal({ graceUntilMs: day(53), retriesUntilMs: day(97) })];
    expect(states(grace, 36, 37, 52.9, 53, 97)).toEqual(['active', 'grace', 'grace', 'on_hold', 'expired']);
    expect(accessDays(grace)).toBe(53);
    const hold = merge(grace, [renewal({ asOf: 2, retriesUntilMs: day(97) })]);
    expect(states(hold, 40, 97)).toEqual(['on_hold', 'expired']);
    expect(accessDays(hold)).toBe(37);
  });

  it.each([
    ['grace', { graceUntilMs: day(53) }],
    ['hold', { retriesUntilMs: day(97) }],
  ])('recovery from %s restores it, without a new trial', (_, failing) => {
    const facts = merge(
      [...ofTrial, renewal(failing)],
      [paid('b', { startsAtMs: day(45) }), renewal({ asOf: 2 })],
    );
    expect(states(facts, 45, 74.9, 75)).toEqual(['active', 'active', 'expired']);
  });

  it('a trial whose first payment fails is in grace', () => {
    expect(states([trial('t'), renewal({ graceUntilMs: day(12) })], 6, 7, 12)).toEqual([
      'trial',
      'grace',
      'expired',
    ]);
  });

  it('a pause takes access at the end of what was paid, not when it is announced', () => {
    const facts = [paid('a'), renewal({ pausedUntilMs: day(60) })];
    expect(states(facts, 10, 29.9, 30, 59.9, 60)).toEqual([
      'active',
      'active',
      'paused',
      'paused',
      'expired',
    ]);
    expect(accessDays(facts)).toBe(30);
    const resumed = merge(facts, [paid('b', { startsAtMs: day(40) }), renewal({ asOf: 2 })]);
    expect(states(resumed, 40)).toEqual(['active']);
  });

  it('a pause leaves no room for grace, one that is over does', () => {
    const facts = [paid('a'), renewal({ pausedUntilMs: day(35), graceUntilMs: day(46) })];
    expect(states(facts, 31, 36)).toEqual(['paused', 'expired']);
    expect(accessDays(facts)).toBe(30);
    const past = [paid('a'), renewal({ pausedUntilMs: day(-5), graceUntilMs: day(46) })];
    expect(states(past, 31)).toEqual(['grace']);
  });
});

describe('S05 changing the plan', () => {
  const yearly = paid('y', { endsAtMs: day(365), plan: 'yearly', productId: 'premium_yearly' });

  it('the replaced period ends where the new one begins, whichever would last longer', () => {
    const facts = [{ ...yearly, asOf: 2, endedAtMs: day(10) }, paid('m', { startsAtMs: day(10) }), renewal()];
    expect(accessDays(facts)).toBe(40);
    expect(standingOf(facts)).toMatchObject({
      plan: 'monthly',
      productId: 'premium_monthly',
      isRevoked: false,
    });
    expect(states(facts, 10, 39.9, 40)).toEqual(['active', 'active', 'expired']);
  });

  it('out of a trial it is paid for', () => {
    const facts = [trial('t', { asOf: 2, endedAtMs: day(3) }), { ...yearly, startsAtMs: day(3) }, renewal()];
    expect(states(facts, 2, 3)).toEqual(['trial', 'active']);
  });

  it('refunding what was replaced does not end what replaced it', () => {
    const replaced = { ...refunded(yearly, day(10)), refundedMilli: 100 };
    expect(states([replaced, paid('m', { startsAtMs: day(10) }), renewal()], 11)).toEqual(['active']);
  });
});

describe('the end', () => {
  it('is when the store says', () => {
    const facts = [paid('a'), renewal({ renews: false, endedAtMs: day(12) })];
    expect(states(facts, 11.9, 12)).toEqual(['cancelled', 'expired']);
    expect(accessDays(facts)).toBe(12);
    expect(states([refunded(paid('a'), day(12)), renewal({ endedAtMs: day(12) })], 12)).toEqual(['refunded']);
  });

  it('does not end what was bought after it', () => {
    const ended = renewal({ renews: false, endedAtMs: day(30) });
    const facts = [paid('a'), ended, paid('b', { startsAtMs: day(50) })];
    expect(states(facts, 50, 80)).toEqual(['cancelled', 'expired']);
    expect(accessDays(facts)).toBe(80);
  });

  it('S06 is each subscription’s own', () => {
    const apple = standingOf([paid('a'), renewal()]);
    const toss = standingOf([paid('t', { startsAtMs: day(5) }), renewal({ renews: false })]);
    expect(stateAt(toss, day(6))).toBe('cancelled');
    expect(stateAt(apple, day(6))).toBe('active');
    expect(Math.max(accessUntilMs(apple)!, accessUntilMs(toss)!)).toBe(day(35));
  });
});
