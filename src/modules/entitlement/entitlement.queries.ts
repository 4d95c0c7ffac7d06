import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import type { Store, StoreEnvironment, SubscriptionState } from '../../generated/prisma/enums.js';
import type { Standing } from './standing.js';

const premiumUntil = statement<{ premiumUntil: Date | null }>(
  'entitlement_premium_until',
  `select max(access_until) as "premiumUntil" from subscriptions
   where user_id = $1::uuid and access_until > $2::timestamptz`,
);

/** The best of all the user's subscriptions; null without premium. */
export async function premiumUntilOf(db: Connection, userId: string, now: Date): Promise<Date | null> {
  const [row] = await db.rows(premiumUntil, [userId, now.toISOString()]);
  return row!.premiumUntil;
}

export interface SubscriptionRow {
  id: string;
  userId: string | null;
  store: Store;
  environment: StoreEnvironment;
  state: SubscriptionState;
  accessUntil: Date | null;
  standing: Standing;
  transferredAt: Date | null;
}

const lock = statement<SubscriptionRow>(
  'entitlement_lock_subscription',
  `select id, user_id as "userId", store::text as store, environment::text as environment, state::text as state, access_until as "accessUntil", standing,
     transferred_at as "transferredAt"
   from subscriptions where id = $1::uuid for no key update`,
);

/** Until the transaction ends nobody else changes the subscription. Lock the user first where both are needed. */
export async function lockSubscription(tx: Transaction, id: string): Promise<SubscriptionRow | null> {
  const [row] = await tx.rows(lock, [id]);
  return row ?? null;
}

const sums = statement<{ periodId: string; chargedMilli: number; backMilli: number }>(
  'entitlement_ledger_sums',
  `select period_id as "periodId",
     coalesce(sum(amount_milli) filter (where kind = 'charge'), 0)::int as "chargedMilli",
     coalesce(-sum(amount_milli) filter (where kind <> 'charge'), 0)::int as "backMilli"
   from ledger_entries where subscription_id = $1::uuid group by period_id`,
);

const due = statement<DueRow>(
  'entitlement_due',
  `select id, changes_at as "changesAt" from subscriptions
   where changes_at <= $1::timestamptz
     and ($2::timestamptz is null or (changes_at, id) > ($2::timestamptz, $3::uuid))
   order by changes_at, id limit $4::int`,
);

interface DueRow {
  id: string;
  changesAt: Date;
}

/** Subscriptions that time has changed since they were last written down, a page after a place among them. */
export const dueSubscriptions = (
  db: Connection,
  now: Date,
  after: { changesAt: string; id: string } | null,
  count: number,
): Promise<DueRow[]> => db.rows(due, [now.toISOString(), after?.changesAt ?? null, after?.id ?? null, count]);

/** What the ledger says was charged and given back for each period. */
export const ledgerSumsOf = (db: Connection, subscriptionId: string) => db.rows(sums, [subscriptionId]);
