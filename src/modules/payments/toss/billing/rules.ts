const DAY_MS = 86_400_000;

/** Days after the first attempt in vain at which a charge is tried again. */
const RETRY_DAYS = [1, 3, 5] as const;
/** A day more than the last retry: it fails before the access ends. */
const GRACE_MS = 6 * DAY_MS;
/** The charge of a period begins within an hour of its start; an outage of ours that is shorter than this harms nobody. */
const UNASKED_GRACE_MS = DAY_MS;
/** A raise of the price is told so long before, and agreed to at most so long before (전자상거래법 art. 13(6)). */
export const RAISE_NOTICE_MS = 30 * DAY_MS;
/** Toss answers a charge within a minute; an order that it does not know after this was not asked for. */
const IN_DOUBT_MS = 10 * 60_000;
/**
 * What nobody can say for so long is no charge that comes late: half a month is what a fault of ours or of Toss's may
 * cost. Then there is no access until it is found out.
 */
const UNPAID_ACCESS_MS = 15 * DAY_MS;

/**
 * When a declined charge is tried again: 1, 3 and 5 days after the first attempt. Attempts that an outage left out are
 * not made up, and one in between (with a new card) takes none away. Null: that was the last one.
 */
export function nextRetryAt(firstFailedAt: Date, now: Date): Date | null {
  const retries = RETRY_DAYS.map((days) => new Date(firstFailedAt.getTime() + days * DAY_MS));
  return retries.find((retryAt) => retryAt > now) ?? null;
}

/** How long a renewing subscription goes on by itself when its period is over and nobody has tried to charge yet. */
export const graceUnaskedMs = (periodEndMs: number): number => periodEndMs + UNASKED_GRACE_MS;

/** How long it goes on while a due charge is not settled: asked for, in doubt, or declined and to be tried again. */
export const graceUnsettledMs = (periodEndMs: number, firstAttemptMs: number): number =>
  Math.max(periodEndMs, firstAttemptMs) + GRACE_MS;

/** How long it goes on at most while nobody can say what became of a charge, counted from the end of what was paid for. */
export const graceInDoubtMs = (periodEndMs: number, nowMs: number): number =>
  Math.min(graceUnsettledMs(periodEndMs, nowMs), periodEndMs + UNPAID_ACCESS_MS);

/** Whether to prolong the access of somebody whose charge is in doubt, or comes late, by no fault of theirs. */
export const graceRunsOut = (graceUntilMs: number, nowMs: number): boolean =>
  graceUntilMs - nowMs < DAY_MS / 2;

/** Whether a charge that Toss does not know of may still be on its way. */
export const mayStillCome = (askedAt: Date, now: Date): boolean =>
  now.getTime() - askedAt.getTime() < IN_DOUBT_MS;

export interface ChargeKey {
  subscriptionId: string;
  period: number;
  attempt: number;
  createdAt: Date;
}

/**
 * The `Idempotency-Key` of an attempt; PROVIDERS.md §6.4. Toss says again for 15 days what it said to a key, also an
 * error of its own; so an order that it does not know is asked for under another key once its first request cannot be
 * on its way any more. That it is not charged twice then is by the orderId, which Toss takes once.
 */
export const chargeKeyOf = ({ subscriptionId, period, attempt, createdAt }: ChargeKey, now: Date): string =>
  `charge:${subscriptionId}:${period}:${attempt}:${Math.floor((now.getTime() - createdAt.getTime()) / IN_DOUBT_MS)}`;

export interface PriceFacts {
  /** What its owner agreed to last. */
  agreedKrw: number;
  /** What the plan costs now. */
  currentKrw: number;
  /** The raised price that the owner was told of, and when. */
  toldKrw: number | null;
  toldAt: Date | null;
  /** What the owner said yes to, each with its time. */
  raiseConsents: readonly { priceKrw: number; at: Date }[];
  /** When the period to be charged begins. */
  dueAt: Date;
}

/**
 * What a renewal costs; `not-agreed`: it is not renewed. A lower price holds at once. A raise holds from the first
 * renewal that is 30 days after its owner was told, and wants a yes within the 30 days before that renewal: no answer
 * is a no (S11).
 */
export function renewalPrice(price: PriceFacts): number | 'not-agreed' {
  const { agreedKrw, currentKrw, raiseConsents, dueAt } = price;
  if (currentKrw <= agreedKrw) return currentKrw;
  if (!isRaiseDue(price)) return agreedKrw;
  const isAgreed = raiseConsents.some(
    ({ priceKrw, at }) => priceKrw >= currentKrw && at.getTime() >= dueAt.getTime() - RAISE_NOTICE_MS,
  );
  return isAgreed ? currentKrw : 'not-agreed';
}

const isRaiseDue = ({ toldAt, toldKrw, currentKrw, dueAt }: PriceFacts): boolean =>
  toldAt !== null && toldKrw === currentKrw && dueAt.getTime() - toldAt.getTime() >= RAISE_NOTICE_MS;
