import type { Store } from '../../generated/prisma/enums.js';
import { type Connection, statement, type Transaction } from '../../platform/database/database.js';

const pageEnd = statement<{ id: string }>(
  'payments_ledger_page_end',
  `select id from (select id from subscriptions where id > $1::uuid order by id limit $2::int) page
   order by id desc limit 1`,
);

export async function lastSubscriptionOfPage(db: Connection, after: string, count: number) {
  return (await db.rows(pageEnd, [after, count]))[0]?.id;
}

const differences = statement<LedgerDifference>(
  'payments_ledger_differences',
  `with page as (select id, store from subscriptions where id > $1::uuid and id <= $2::uuid),
   said as (
     select 'ledger' as source, e.subscription_id, e.period_id, e.currency,
       case when e.kind = 'charge' then e.amount_milli else 0 end::float8 as charged,
       case when e.kind = 'charge' then 0 else -e.amount_milli end::float8 as back
     from ledger_entries e join page on page.id = e.subscription_id
     union all
     select 'facts', f.subscription_id, substr(f.key, 8), f.fact ->> 'currency',
       (f.fact ->> 'paidMilli')::float8, (f.fact ->> 'refundedMilli')::float8
     from subscription_facts f join page on page.id = f.subscription_id
     where f.key like 'period:%'
     union all
     select 'orders', o.subscription_id, o.order_id, 'KRW', o.amount_krw * 1000::float8, o.refunded_krw * 1000::float8
     from toss_orders o join page on page.id = o.subscription_id
     where o.paid_at is not null
   ),
   sums as (
     select subscription_id, period_id,
       coalesce(sum(charged) filter (where source = 'ledger'), 0) as ledger_charged,
       coalesce(sum(back) filter (where source = 'ledger'), 0) as ledger_back,
       coalesce(sum(charged) filter (where source = 'facts'), 0) as facts_charged,
       coalesce(sum(back) filter (where source = 'facts'), 0) as facts_back,
       coalesce(sum(charged) filter (where source = 'orders'), 0) as orders_charged,
       coalesce(sum(back) filter (where source = 'orders'), 0) as orders_back,
       count(distinct currency) filter (where charged <> 0 or back <> 0) as currencies
     from said group by subscription_id, period_id
   )
   select page.id as "subscriptionId", page.store::text as store, sums.period_id as "periodId",
     ledger_charged as "ledgerChargedMilli", ledger_back as "ledgerBackMilli",
     facts_charged as "factsChargedMilli", facts_back as "factsBackMilli",
     case when page.store = 'toss' then orders_charged end as "ordersChargedMilli",
     case when page.store = 'toss' then orders_back end as "ordersBackMilli"
   from sums join page on page.id = sums.subscription_id
   where currencies > 1 or (ledger_charged, ledger_back) <> (facts_charged, facts_back)
     or (page.store = 'toss' and (ledger_charged, ledger_back) <> (orders_charged, orders_back))
   order by page.id, sums.period_id`,
);

/** Thousandths of the currency. `back`: given back, less what was taken back of that. */
export interface LedgerDifference {
  subscriptionId: string;
  store: Store;
  periodId: string;
  ledgerChargedMilli: number;
  ledgerBackMilli: number;
  factsChargedMilli: number;
  factsBackMilli: number;
  /** Our own orders; null where a store sells. */
  ordersChargedMilli: number | null;
  ordersBackMilli: number | null;
}

/** Periods of the subscriptions in `(after, last]` for which the ledger does not say what the facts and our orders say. */
export const ledgerDifferences = (
  tx: Transaction,
  after: string,
  last: string,
): Promise<LedgerDifference[]> => tx.rows(differences, [after, last]);
