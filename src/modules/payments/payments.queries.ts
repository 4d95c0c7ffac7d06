import type { LedgerKind, Plan, Store, StoreEnvironment } from '../../generated/prisma/enums.js';
import { type Connection, statement } from '../../platform/database/database.js';
import type { Position } from '../../platform/http/pagination.js';
import type { Standing } from '../entitlement/index.js';

const MAX_PAYMENT_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const payments = statement<PaymentRow>(
  'payments_history',
  `select entry.id, entry.kind::text as kind, entry.store::text as store, entry.environment::text as environment,
     period.fact ->> 'plan' as plan, entry.amount_milli as "amountMilli", entry.currency, entry.at,
     entry.period_id as "orderId", paid.receipt_url as "receiptUrl",
     (period.fact ->> 'startsAtMs')::float8 as "fromMs", (period.fact ->> 'endsAtMs')::float8 as "toMs"
   from (
     select s.store, own.*
     from subscriptions s cross join lateral (
       select e.* from ledger_entries e
       where e.subscription_id = s.id
         and (e.at, e.id) < (coalesce($2::timestamptz, 'infinity'), coalesce($3::uuid, '${MAX_PAYMENT_ID}'))
         and not exists (
           select from ledger_entries formers
           where formers.subscription_id = s.id and formers.period_id = e.period_id
             and formers.at <= s.transferred_at
         )
       order by e.at desc, e.id desc
       limit $4::int
     ) own
     where s.user_id = $1::uuid
     order by own.at desc, own.id desc
     limit $4::int
   ) entry
   left join subscription_facts period
     on period.subscription_id = entry.subscription_id and period.key = 'period:' || entry.period_id
   left join toss_orders paid on entry.store = 'toss' and paid.order_id = entry.period_id
   order by entry.at desc, entry.id desc`,
);

export interface PaymentRow {
  id: string;
  kind: LedgerKind;
  store: Store;
  environment: StoreEnvironment;
  plan: Plan | null;
  amountMilli: number;
  currency: string;
  at: Date;
  orderId: string;
  receiptUrl: string | null;
  fromMs: number | null;
  toMs: number | null;
}

/**
 * What a user paid and got back, the newest first. Of a subscription that came from another account, nothing of the
 * periods that were paid by then, nor what is given back for them later.
 */
export const paymentsPage = (
  db: Connection,
  { userId, after, count }: { userId: string; after: Position | null; count: number },
): Promise<PaymentRow[]> =>
  db.rows(payments, [userId, after?.at.toISOString() ?? null, after?.id ?? null, count]);

const account = statement<AccountRow>(
  'payments_account',
  `select u.billing_id as "billingId", s.id, s.store::text as store, s.environment::text as environment,
     s.plan::text as plan, s.product_id as "productId", s.access_until as "accessUntil", s.standing::json as standing
   from users u
   left join subscriptions s
     on s.user_id = u.id and exists (select from subscription_facts f where f.subscription_id = s.id)
   where u.id = $1::uuid
   order by s.access_until desc nulls last, s.created_at desc, s.id desc
   limit $2::int`,
);

export interface OwnSubscription {
  id: string;
  store: Store;
  environment: StoreEnvironment;
  plan: Plan | null;
  productId: string | null;
  accessUntil: Date | null;
  standing: Standing;
}
type AccountRow = { billingId: string } & (OwnSubscription | { [key in keyof OwnSubscription]: null });

/**
 * Who a user is to the stores, and their subscriptions: first the one whose access lasts longest. One of which nothing
 * was ever said is an order of ours that nobody has paid.
 */
export async function billingAccountOf(
  db: Connection,
  userId: string,
  count: number,
): Promise<{ billingId: string; subscriptions: OwnSubscription[] }> {
  const rows = await db.rows(account, [userId, count]);
  return {
    billingId: rows[0]!.billingId,
    subscriptions: rows.flatMap(({ billingId: _, ...own }) => (own.id === null ? [] : [own])),
  };
}
