import type { Plan } from '../../generated/prisma/enums.js';

/** Orders what one source says, whatever way it came: of two facts with one key the higher one holds. */
interface Said {
  /** Apple: signedDate, ms. Google: the number of our reading. Toss: the contract's revision. */
  asOf: number;
}

/** A stretch of time that was bought, or given as a trial. Times are ms since 1970. */
export interface PeriodFact extends Said {
  /** `period:` and the store's transaction or order. */
  key: `period:${string}`;
  startsAtMs: number;
  endsAtMs: number;
  isTrial: boolean;
  /** Null: a product that is not in our table. */
  plan: Plan | null;
  productId: string | null;
  /** Thousandths of the currency; 0 for a trial. */
  paidMilli: number;
  refundedMilli: number;
  currency: string;
  /** Access by it ended here before its time: refunded, revoked, replaced by an upgrade. */
  endedAtMs: number | null;
  /** It ended because it was refunded or withdrawn. */
  isRevoked: boolean;
}

/** How it goes on after what was bought. */
export interface RenewalFact extends Said {
  key: 'renewal';
  renews: boolean;
  /** Access goes on until then although the payment failed. */
  graceUntilMs: number | null;
  /** The store tries to be paid until then, and there is no access meanwhile. */
  retriesUntilMs: number | null;
  pausedUntilMs: number | null;
  /** The store says that it is over. */
  endedAtMs: number | null;
}

export type Fact = PeriodFact | RenewalFact;

/** How it goes on while nothing is said of it. */
export const NOTHING_SAID: Omit<RenewalFact, 'asOf'> = {
  key: 'renewal',
  renews: false,
  graceUntilMs: null,
  retriesUntilMs: null,
  pausedUntilMs: null,
  endedAtMs: null,
};

/**
 * Known facts with further ones: of each key the newest. A join of sets, so order, repetition and replay of what is
 * added do not matter. Two that claim the same `asOf` are ordered by what they say, whatever it is.
 */
export function merge(known: readonly Fact[], further: readonly Fact[]): Fact[] {
  const newest = new Map<string, Fact>();
  for (const fact of [...known, ...further]) {
    const other = newest.get(fact.key);
    if (!other || isNewer(fact, other)) newest.set(fact.key, fact);
  }
  return [...newest.values()];
}

export const isPeriod = (fact: Fact): fact is PeriodFact => fact.key !== 'renewal';

function isNewer(a: Fact, b: Fact): boolean {
  return a.asOf === b.asOf ? canonical(a) > canonical(b) : a.asOf > b.asOf;
}

const canonical = (fact: Fact): string =>
  JSON.stringify(Object.entries(fact).sort(([a], [b]) => (a < b ? -1 : 1)));
