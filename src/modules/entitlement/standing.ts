import type { Plan, SubscriptionState } from '../../generated/prisma/enums.js';
import { type Fact, isPeriod, type PeriodFact, type RenewalFact } from './facts.js';

/** What the facts of one subscription come to: enough to know its state at any time. Times are ms since 1970. */
export interface Standing {
  /** Null: nothing was ever bought or tried. */
  paidUntilMs: number | null;
  trialUntilMs: number | null;
  /** The latest period was refunded or withdrawn. */
  isRevoked: boolean;
  renews: boolean;
  graceUntilMs: number | null;
  retriesUntilMs: number | null;
  pausedUntilMs: number | null;
  endedAtMs: number | null;
  plan: Plan | null;
  productId: string | null;
}

const NOTHING_SAID: Omit<RenewalFact, 'key' | 'asOf'> = {
  renews: false,
  graceUntilMs: null,
  retriesUntilMs: null,
  pausedUntilMs: null,
  endedAtMs: null,
};

export function standingOf(facts: readonly Fact[]): Standing {
  const periods = facts.filter(isPeriod).sort(byEnd);
  const { renews, graceUntilMs, retriesUntilMs, pausedUntilMs, endedAtMs } =
    facts.find((fact): fact is RenewalFact => !isPeriod(fact)) ?? NOTHING_SAID;
  const latest = periods.at(-1);
  return {
    paidUntilMs: latestOf(periods.map(effectiveEnd)),
    trialUntilMs: latestOf(periods.filter(({ isTrial }) => isTrial).map(effectiveEnd)),
    isRevoked: latest?.isRevoked ?? false,
    renews,
    graceUntilMs,
    retriesUntilMs,
    pausedUntilMs,
    endedAtMs,
    plan: latest?.plan ?? null,
    productId: latest?.productId ?? null,
  };
}

/** Time alone moves it on from here, until the store says something else. */
export function stateAt(standing: Standing, nowMs: number): SubscriptionState {
  const { isRevoked } = standing;
  const isBefore = (ms: number | null) => ms !== null && nowMs < ms;
  if (standing.endedAtMs !== null && nowMs >= standing.endedAtMs) return isRevoked ? 'refunded' : 'expired';
  if (isBefore(standing.paidUntilMs)) {
    if (!standing.renews) return 'cancelled';
    return isBefore(standing.trialUntilMs) ? 'trial' : 'active';
  }
  if (isRevoked) return 'refunded';
  if (isBefore(standing.pausedUntilMs)) return 'paused';
  if (isBefore(standing.graceUntilMs)) return 'grace';
  if (isBefore(standing.retriesUntilMs)) return 'on_hold';
  return 'expired';
}

/** There is access before this instant, and none from it on; null: there never was any. */
export function accessUntilMs(standing: Standing): number | null {
  const { paidUntilMs, graceUntilMs, endedAtMs, isRevoked, pausedUntilMs } = standing;
  const bought = isRevoked || pausedUntilMs !== null ? paidUntilMs : latestOf([paidUntilMs, graceUntilMs]);
  return bought !== null && endedAtMs !== null ? Math.min(bought, endedAtMs) : bought;
}

/** The next instant at which time alone changes the state. */
export function changesAtMs(standing: Standing, nowMs: number): number | null {
  const { paidUntilMs, trialUntilMs, graceUntilMs, retriesUntilMs, pausedUntilMs, endedAtMs } = standing;
  const ahead = [paidUntilMs, trialUntilMs, graceUntilMs, retriesUntilMs, pausedUntilMs, endedAtMs].filter(
    (ms): ms is number => ms !== null && ms > nowMs,
  );
  return ahead.length > 0 ? Math.min(...ahead) : null;
}

const effectiveEnd = ({ endsAtMs, endedAtMs }: PeriodFact): number =>
  Math.min(endsAtMs, endedAtMs ?? Infinity);

const byEnd = (a: PeriodFact, b: PeriodFact): number =>
  a.endsAtMs - b.endsAtMs || a.startsAtMs - b.startsAtMs || (a.key < b.key ? -1 : 1);

function latestOf(all: readonly (number | null)[]): number | null {
  const known = all.filter((ms) => ms !== null);
  return known.length > 0 ? Math.max(...known) : null;
}
