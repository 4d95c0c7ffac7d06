import type { SubscriptionState } from '../../generated/prisma/enums.js';
import { type Standing, stateAt } from './standing.js';

export type NoticeKind = Extract<SubscriptionState, 'grace' | 'on_hold' | 'paused' | 'refunded' | 'expired'>;

export interface Notice {
  kind: NoticeKind;
  /** Tells one such time from the next: ms since 1970. */
  sinceMs: number;
}

/** What became so longer ago is no news: an old purchase that was restored, history that was caught up with. */
const NEWS_MS = 7 * 86_400_000;

/**
 * What a subscription that gave access has to be told of now. A renewal that is not known of yet may be late: without
 * a word of the store its end is not announced.
 */
export function noticeOf(standing: Standing, nowMs: number): Notice | null {
  const { paidUntilMs, graceUntilMs, retriesUntilMs, pausedUntilMs, endedAtMs, renews } = standing;
  const kind = stateAt(standing, nowMs);
  const passed = [paidUntilMs, graceUntilMs, retriesUntilMs, pausedUntilMs, endedAtMs].filter(
    (ms): ms is number => ms !== null && ms <= nowMs,
  );
  if (paidUntilMs === null || passed.length === 0) return null;
  const isSaid = !renews || endedAtMs !== null || (graceUntilMs ?? retriesUntilMs ?? pausedUntilMs) !== null;
  const sinceMs = kind === 'expired' ? Math.max(...passed) : paidUntilMs;
  if (nowMs - sinceMs > NEWS_MS) return null;
  switch (kind) {
    case 'grace':
    case 'on_hold':
    case 'paused':
    case 'refunded':
      return { kind, sinceMs };
    case 'expired':
      return isSaid ? { kind, sinceMs } : null;
    case 'trial':
    case 'active':
    case 'cancelled':
      return null;
  }
}
