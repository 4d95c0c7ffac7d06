import type { Plan, SubscriptionState } from '../../generated/prisma/enums.js';
import { type Fact, isPeriod, NOTHING_SAID, type PeriodFact, type RenewalFact } from './facts.js';

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
  /** What was bought before is over here; null also when something was bought since. */
  endedAtMs: number | null;
  plan: Plan | null;
  productId: string | null;
}

/** The latest period is the one that began last: one that was replaced may have been meant to go on for longer. */
export function standingOf(facts: readonly Fact[]): Standing {
  const periods = facts.filter(isPeriod).sort(byStart);
  const { renews, graceUntilMs, retriesUntilMs, pausedUntilMs, endedAtMs } =
    facts.find((fact): fact is RenewalFact => !isPeriod(fact)) ?? NOTHING_SAID;
  const latest = periods.at(-1);
  const hasBegunAgain = latest !== undefined && endedAtMs !== null && latest.startsAtMs >= endedAtMs;
  return {
    paidUntilMs: latestOf(periods.map(effectiveEnd)),
    trialUntilMs: latestOf(periods.filter(({ isTrial }) => isTrial).map(effectiveEnd)),
    isRevoked: latest?.isRevoked ?? false,
    renews,
    graceUntilMs,
    retriesUntilMs,
    pausedUntilMs,
    endedAtMs: hasBegunAgain ? null : endedAtMs,
    plan: latest?.plan ?? null,
    productId: latest?.productId ?? null,
  };
}

/** Time alone moves it on from here, until the store says something else. */
export function stateAt(standing: Standing, nowMs: number): SubscriptionState {
  const { paidUntilMs, trialUntilMs, isRevoked, renews, pausedUntilMs, retriesUntilMs, endedAtMs } = standing;
  const isBefore = (ms: number | null) => ms !== null && nowMs < ms;
  if (isBefore(accessUntilMs(standing))) {
    if (!isBefore(paidUntilMs)) return 'grace';
    if (!renews) return 'cancelled';
    return isBefore(trialUntilMs) ? 'trial' : 'active';
  }
  if (isRevoked) return 'refunded';
  if (endedAtMs !== null && nowMs >= endedAtMs) return 'expired';
  if (isBefore(pausedUntilMs)) return 'paused';
  if (isBefore(retriesUntilMs)) return 'on_hold';
  // Of one without a first period nothing is known but that somebody wants to buy.
  return paidUntilMs === null && retriesUntilMs === null && pausedUntilMs === null ? 'on_hold' : 'expired';
}

/**
 * There is access before this instant, and none from it on; null: there never was any. A pause begins where what was
 * paid for ends, and leaves no room for a grace period; nor does a refund.
 */
export function accessUntilMs(standing: Standing): number | null {
  const { paidUntilMs, graceUntilMs, endedAtMs, isRevoked, pausedUntilMs } = standing;
  const isPaused = pausedUntilMs !== null && pausedUntilMs > (paidUntilMs ?? -Infinity);
  const until = isRevoked || isPaused ? paidUntilMs : latestOf([paidUntilMs, graceUntilMs]);
  return until !== null && endedAtMs !== null ? Math.min(until, endedAtMs) : until;
}

/** Time alone does not change the state before this instant; null: it never does again. */
export function changesAtMs(standing: Standing, nowMs: number): number | null {
  const { paidUntilMs, trialUntilMs, graceUntilMs, retriesUntilMs, pausedUntilMs, endedAtMs } = standing;
  const ahead = [paidUntilMs, trialUntilMs, graceUntilMs, retriesUntilMs, pausedUntilMs, endedAtMs].filter(
    (ms): ms is number => ms !== null && ms > nowMs,
  );
  return ahead.length > 0 ? Math.min(...ahead) : null;
}

const effectiveEnd = ({ endsAtMs, endedAtMs }: PeriodFact): number =>
  Math.min(endsAtMs, endedAtMs ?? Infinity);

const byStart = (a: PeriodFact, b: PeriodFact): number =>
  a.startsAtMs - b.startsAtMs || a.endsAtMs - b.endsAtMs || (a.key < b.key ? -1 : 1);

function latestOf(all: readonly (number | null)[]): number | null {
  const known = all.filter((ms) => ms !== null);
  return known.length > 0 ? Math.max(...known) : null;
}
