import type { Plan } from '../../../../generated/prisma/enums.js';
import { type Connection, statement, type Transaction } from '../../../../platform/database/database.js';

const due = statement<{ subscriptionId: string; nextAttemptAt: Date }>(
  'toss_due_contracts',
  `select subscription_id as "subscriptionId", next_attempt_at as "nextAttemptAt" from toss_contracts
   where next_attempt_at <= $1::timestamptz
     and ($2::timestamptz is null or (next_attempt_at, subscription_id) > ($2::timestamptz, $3::uuid))
   order by next_attempt_at, subscription_id
   limit $4::int`,
);

export interface DuePlace {
  subscriptionId: string;
  nextAttemptAt: Date;
}

/** A page of the contracts with something to be charged, the longest due first. */
export const dueContracts = (tx: Transaction, now: Date, after: DuePlace | null, count: number) =>
  tx.rows(due, [
    now.toISOString(),
    after?.nextAttemptAt.toISOString() ?? null,
    after?.subscriptionId ?? null,
    count,
  ]);

const newest = statement<{ id: string }>(
  'toss_newest_subscription',
  `select s.id from subscriptions s join toss_contracts c on c.subscription_id = s.id
   where s.user_id = $1::uuid
   order by c.next_attempt_at is null, s.created_at desc, s.id desc
   limit 1`,
);

/** The user's own billing: what is to be charged, or else the latest; null when there never was any. */
export async function newestBilledOf(db: Connection, userId: string): Promise<string | null> {
  const [row] = await db.rows(newest, [userId]);
  return row?.id ?? null;
}

const trialOf = statement<{ userId: string | null; isTrial: boolean }>(
  'toss_trial_of',
  `select user_id as "userId", exists (
     select from subscription_facts where subscription_id = s.id and fact->>'isTrial' = 'true'
   ) as "isTrial"
   from subscriptions s where id = $1::uuid`,
);

/** Whose a subscription of any store is, and whether it was given as a trial. */
export async function trialOfSubscription(db: Connection, subscriptionId: string) {
  const [row] = await db.rows(trialOf, [subscriptionId]);
  return row ?? null;
}

const tried = statement<{ hadTrial: boolean }>(
  'toss_had_trial',
  `select exists (
     select from subscription_facts f join subscriptions s on s.id = f.subscription_id
     where s.user_id = $1::uuid and f.fact->>'isTrial' = 'true'
   ) as "hadTrial"`,
);

/** Whether any store gave the user a trial. */
export async function hadTrial(db: Connection, userId: string): Promise<boolean> {
  const [row] = await db.rows(tried, [userId]);
  return row!.hadTrial;
}

export interface ToldContract {
  subscriptionId: string;
  nextPeriod: number;
  nextAttemptAt: Date;
}

const announced = statement<ToldContract>(
  'toss_charges_to_tell',
  `select subscription_id as "subscriptionId", next_period as "nextPeriod", next_attempt_at as "nextAttemptAt"
   from toss_contracts
   where next_attempt_at > $1::timestamptz and first_failed_at is null
     and case when next_period = 0 then next_attempt_at < $2::timestamptz
              else next_attempt_at < $3::timestamptz and coalesce(next_plan, plan) = 'yearly' end
     and next_attempt_at < greatest($2::timestamptz, $3::timestamptz)
     and subscription_id > $4::uuid
   order by subscription_id
   limit $5::int`,
);

/** First charges until one instant and renewals of a year until another, in the order of their ids. */
export const chargesToTell = (
  db: Connection,
  until: { now: Date; first: Date; yearly: Date },
  after: string,
  count: number,
) =>
  db.rows(announced, [
    until.now.toISOString(),
    until.first.toISOString(),
    until.yearly.toISOString(),
    after,
    count,
  ]);

const raised = statement<{ subscriptionId: string }>(
  'toss_raised_contracts',
  `select c.subscription_id as "subscriptionId"
   from toss_contracts c
   where c.next_attempt_at is not null and coalesce(c.next_plan, c.plan) = $1::text::plan
     and $2::int > case when c.next_plan is null then c.price_krw else (
       select price_krw from charge_consents
       where subscription_id = c.subscription_id and kind = 'plan_change' and plan = c.next_plan
       order by at desc limit 1
     ) end
     and c.subscription_id > $3::uuid
   order by c.subscription_id
   limit $4::int`,
);

/** Contracts whose plan costs more now than their owner agreed to, in the order of their ids. */
export const raisedContracts = (
  db: Connection,
  plan: Plan,
  currentKrw: number,
  after: string,
  count: number,
) => db.rows(raised, [plan, currentKrw, after, count]);

const ownerless = statement<{ subscriptionId: string }>(
  'toss_ownerless_contracts',
  `select c.subscription_id as "subscriptionId"
   from subscriptions s
   join toss_contracts c on c.subscription_id = s.id
   left join billing_methods m on m.id = c.billing_method_id and m.removed_at is null
   where s.user_id is null and (s.renews or m.id is not null) and c.subscription_id > $1::uuid
   order by c.subscription_id
   limit $2::int`,
);

/** Contracts of erased accounts that go on, or whose card is still there, in the order of their ids. */
export const ownerlessContracts = (db: Connection, after: string, count: number) =>
  db.rows(ownerless, [after, count]);

const managed = statement<{ store: 'apple' | 'google' }>(
  'toss_store_that_manages',
  `select store::text as store from subscriptions
   where user_id = $1::uuid and store <> 'toss'
     and (access_until > $2::timestamptz or state in ('paused', 'on_hold'))
   order by access_until desc nulls last
   limit 1`,
);

/** The store of a live subscription that is not of our own billing. */
export async function storeThatManages(tx: Transaction, userId: string, now: Date) {
  const [row] = await tx.rows(managed, [userId, now.toISOString()]);
  return row?.store ?? null;
}
