import fc from 'fast-check';
import type { Fact, PeriodFact, RenewalFact } from '../../src/modules/entitlement/index.js';

export const DAY_MS = 86_400_000;
export const DAY_0 = Date.parse('2026-11-20T03:00:00Z');
/** The instant so many days after the samples begin. */
export const day = (days: number): number => DAY_0 + days * DAY_MS;

const MONTHLY_MILLI = 4_900_000;

type Changed<T> = Partial<Omit<T, 'key'>>;

/** A month that was paid for, from the first day unless told. */
export const paid = (id: string, changes: Changed<PeriodFact> = {}): PeriodFact => ({
  key: `period:${id}`,
  asOf: 1,
  startsAtMs: day(0),
  endsAtMs: (changes.startsAtMs ?? day(0)) + 30 * DAY_MS,
  isTrial: false,
  plan: 'monthly',
  productId: 'premium_monthly',
  paidMilli: MONTHLY_MILLI,
  refundedMilli: 0,
  currency: 'KRW',
  endedAtMs: null,
  isRevoked: false,
  ...changes,
});

/** A week for nothing. */
export const trial = (id: string, changes: Changed<PeriodFact> = {}): PeriodFact =>
  paid(id, {
    endsAtMs: (changes.startsAtMs ?? day(0)) + 7 * DAY_MS,
    isTrial: true,
    paidMilli: 0,
    ...changes,
  });

/** What a store makes of a period whose money it gives back. */
export const refunded = (period: PeriodFact, atMs: number): PeriodFact => ({
  ...period,
  asOf: period.asOf + 1,
  refundedMilli: period.paidMilli,
  endedAtMs: atMs,
  isRevoked: true,
});

export const renewal = (changes: Changed<RenewalFact> = {}): RenewalFact => ({
  key: 'renewal',
  asOf: 1,
  renews: true,
  graceUntilMs: null,
  retriesUntilMs: null,
  pausedUntilMs: null,
  endedAtMs: null,
  ...changes,
});

const instant = fc.integer({ min: 0, max: 40 }).map(day);
const maybe = fc.option(instant, { nil: null });
const asOf = fc.nat(8);

const anyPeriod = fc
  .record({
    ...{
      asOf,
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      startsAtMs: instant,
      days: fc.constantFrom(7, 10, 30),
    },
    ...{
      isTrial: fc.boolean(),
      endedAtMs: maybe,
      isRevoked: fc.boolean(),
      refunds: fc.constantFrom(0, 1, 2),
    },
  })
  .map(({ id, days, refunds, ...period }) =>
    paid(id, {
      ...period,
      endsAtMs: period.startsAtMs + days * DAY_MS,
      paidMilli: period.isTrial ? 0 : MONTHLY_MILLI,
      refundedMilli: period.isTrial ? 0 : (refunds * MONTHLY_MILLI) / 2,
    }),
  );
const anyRenewal = fc
  .record({
    ...{ asOf, renews: fc.boolean(), graceUntilMs: maybe, retriesUntilMs: maybe },
    ...{ pausedUntilMs: maybe, endedAtMs: maybe },
  })
  .map(renewal);

/** Whatever a store could say, and more. */
export const anyFact: fc.Arbitrary<Fact> = fc.oneof(anyPeriod, anyRenewal);
