import type { Plan } from '../../../generated/prisma/enums.js';
import { addMonthsKst } from '../../../platform/clock/kst.js';
import { type Fact, isPeriod, type PeriodFact, type RenewalFact } from '../../entitlement/index.js';
import { MONTHS_OF } from '../plans.js';

/**
 * Google tells of one order in pieces: its latest snapshot may have lost the price or the offer, and a refund is only
 * in a message or list of its own. So the facts of an order are joined, whatever their order: until when it gives
 * access is the newest reading's; start, price, trial and refund stay once they are known. `asOf` is the reading's number,
 * with what is known beside it in the low bits: the core, which takes the higher one, takes the one that knows more.
 */
export const PRICED = 1;
const VOIDED = 2;
export const TRIAL = 4;
/** Its start was told by a snapshot of its own time. */
export const TIMED = 8;
const KINDS = 16;

export const asOfReading = (reading: number): number => reading * KINDS;

const readingOf = ({ asOf }: PeriodFact): number => Math.floor(asOf / KINDS);
const knows = ({ asOf }: PeriodFact, what: number): boolean => ((asOf % KINDS) & what) !== 0;

/** What is to be taken in, where `said` meets what is known. */
export function joined(known: readonly Fact[], said: readonly Fact[]): Fact[] {
  const knownPeriods = known.filter(isPeriod);
  const periods = said
    .filter(isPeriod)
    .map((period) => knownPeriods.filter(({ key }) => key === period.key).reduce(join, period));
  const missed = missedBetween([...knownPeriods, ...periods]);
  const isMade = ({ key }: PeriodFact) => missed.some((fact) => fact.key === key);
  const renewals = said.filter(isRenewal).map((fact) => sinceItEnded(known, fact));
  return [...renewals, ...periods.filter((fact) => !isMade(fact)), ...missed];
}

/** What is over does not end again, and later, each time that Google is asked. */
function sinceItEnded(known: readonly Fact[], said: RenewalFact): RenewalFact {
  const before = known.find(isRenewal)?.endedAtMs ?? null;
  if (before === null || said.endedAtMs === null) return said;
  return { ...said, endedAtMs: Math.min(before, said.endedAtMs) };
}

/** When the subscription began, as far as its orders tell; null while none is known. */
export function beganAtMs(known: readonly Fact[]): number | null {
  const starts = known.filter(isPeriod).map(({ startsAtMs }) => startsAtMs);
  return starts.length > 0 ? Math.min(...starts) : null;
}

/** The money of an order went back, and access by it ends. An order of which nothing else is known gives none anyway. */
export function voidedFact(orderId: string, voidedAtMs: number, startsAtMs: number): PeriodFact {
  return {
    ...{ key: `period:${orderId}`, asOf: VOIDED },
    ...{ startsAtMs, endsAtMs: startsAtMs, endedAtMs: voidedAtMs, isRevoked: true },
    ...{ isTrial: false, plan: null, productId: null, paidMilli: 0, refundedMilli: 0, currency: 'KRW' },
  };
}

export const isVoided = (fact: PeriodFact): boolean => knows(fact, VOIDED);

function join(a: PeriodFact, b: PeriodFact): PeriodFact {
  const base = isNewer(a, b) ? a : b;
  const both = [a, b];
  const isTrial = both.some((fact) => knows(fact, TRIAL));
  // The highest price that was seen: Google forgets it when a subscription ends.
  const { currency } = both.filter((fact) => knows(fact, PRICED)).sort(byPrice)[0] ?? base;
  const paidMilli = isTrial ? 0 : Math.max(a.paidMilli, b.paidMilli);
  const { startsAtMs } = knows(base, TIMED) ? base : (both.find((fact) => knows(fact, TIMED)) ?? base);
  const voids = both.filter(isVoided).map(({ endedAtMs }) => endedAtMs!);
  return {
    ...base,
    asOf: asOfReading(readingOf(base)) + ((a.asOf % KINDS) | (b.asOf % KINDS)),
    ...{ startsAtMs, isTrial, currency, paidMilli },
    plan: base.plan ?? a.plan ?? b.plan,
    productId: base.productId ?? a.productId ?? b.productId,
    ...(voids.length > 0 && {
      ...{ refundedMilli: paidMilli, endedAtMs: Math.max(...voids), isRevoked: true },
    }),
  };
}

/**
 * Renewals are numbered (`GPA.…..0`, `..1`; reported, not confirmed), so those that were renewed again before we asked
 * are seen by the gap: they were paid, and are over. One that is known without its price was paid as its neighbours
 * were. Nothing is made up before the first order that we know.
 */
function missedBetween(periods: readonly PeriodFact[]): PeriodFact[] {
  const byKey = new Map<string, PeriodFact>(periods.map((period) => [period.key, period]));
  const missed: PeriodFact[] = [];
  for (const [base, keys] of Map.groupBy(byKey.keys(), (key) => numberOf(key)[0])) {
    const numbers = keys.map((key) => numberOf(key)[1]).sort((a, b) => a - b);
    const [first, last] = [numbers[0]!, numbers.at(-1)!];
    let next: PeriodFact | undefined;
    for (let number = last; number > first; number--) {
      const key = `${base}..${number}` as PeriodFact['key'];
      const known = byKey.get(key);
      if (known && knows(known, PRICED)) {
        next = known;
        continue;
      }
      const model = next
        ? like(next, key)
        : known &&
          pricedLike(
            known,
            keys.map((other) => byKey.get(other)!),
          );
      if (!model) continue;
      next = known ? join(known, model) : model;
      missed.push(next);
    }
  }
  return missed;
}

/** The latest order, at the price of the ones before; nothing for one that was only heard of. */
function pricedLike(latest: PeriodFact, family: readonly PeriodFact[]): PeriodFact | undefined {
  if (readingOf(latest) === 0) return undefined;
  const paid = family
    .filter((fact) => knows(fact, PRICED) && !fact.isTrial)
    .sort((a, b) => numberOf(b.key)[1] - numberOf(a.key)[1])[0];
  return paid && { ...latest, asOf: PRICED, paidMilli: paid.paidMilli, currency: paid.currency };
}

/** An order that was paid as the one after it was, for as long until that one began. */
function like(next: PeriodFact, key: PeriodFact['key']): PeriodFact {
  const { startsAtMs: endsAtMs, plan } = next;
  return {
    ...{ ...next, key, asOf: PRICED, isTrial: false },
    ...{ startsAtMs: startOfPeriod(endsAtMs, plan), endsAtMs },
    ...{ endedAtMs: null, refundedMilli: 0, isRevoked: false },
  };
}

/** Google tells until when a renewal lasts, not since when. */
export const startOfPeriod = (endsAtMs: number, plan: Plan | null): number =>
  plan ? addMonthsKst(new Date(endsAtMs), -MONTHS_OF[plan]).getTime() : endsAtMs;

/** `GPA.1..4` → its subscription's part and 4; the first order is before 0. */
function numberOf(key: string): [base: string, number: number] {
  const [, base, number] = /^(.*)\.\.(\d+)$/.exec(key) ?? [];
  return [base ?? key, number === undefined ? -1 : Number(number)];
}

const isNewer = (a: PeriodFact, b: PeriodFact): boolean =>
  readingOf(a) === readingOf(b) ? a.endsAtMs >= b.endsAtMs : readingOf(a) > readingOf(b);
const byPrice = (a: PeriodFact, b: PeriodFact): number => b.paidMilli - a.paidMilli;
const isRenewal = (fact: Fact): fact is RenewalFact => fact.key === 'renewal';
