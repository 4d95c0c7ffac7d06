import { type Connection, statement } from '../../platform/database/database.js';

/** For whoever has premium in a month. */
const SHIELDS_A_MONTH = 2;

/**
 * $1 users, $2 now. A shield must be held before the day that it bridges (DOMAIN "Streaks"): who had premium when the
 * month began has the month's from its first day on, by what was known then or by a period that the store says ran
 * then; who has it since, from the next day on. Ids are made of user, month and number: given once, whoever gives.
 */
const give = statement<never>(
  'shields_give',
  `with month as (
     select month.starts_on, month.starts_on at time zone 'Asia/Seoul' as begins_at,
            (month.starts_on + interval '1 month - 1 day')::date as ends_on,
            ($2::timestamptz at time zone 'Asia/Seoul')::date + 1 as tomorrow
     from (select date_trunc('month', $2::timestamptz at time zone 'Asia/Seoul') as starts_on) month
   ), holder as (
     select distinct user_id, exists (
       select from subscriptions held
       cross join lateral (
         select access_until from subscription_changes change
         where change.subscription_id = held.id and change.at <= month.begins_at
         order by change.at desc, change.id desc limit 1
       ) known
       where held.user_id = subscription.user_id and held.access_until is not null
         and (held.transferred_at is null or held.transferred_at <= month.begins_at)
         and (known.access_until > month.begins_at or exists (
           select from subscription_facts
           where subscription_id = held.id and fact ? 'startsAtMs'
             and (fact ->> 'startsAtMs')::float8 <= extract(epoch from month.begins_at) * 1000
             and least((fact ->> 'endsAtMs')::float8, (fact ->> 'endedAtMs')::float8) > extract(epoch from month.begins_at) * 1000
         ))
     ) as had_it_before
     from subscriptions subscription cross join month
     where user_id = any (array(select json_array_elements_text($1::json)::uuid)) and access_until > $2::timestamptz
   )
   insert into streak_shields (id, user_id, covers_from, covers_to)
   select md5('streak shield ' || user_id || ' ' || starts_on::date || ' ' || number)::uuid, user_id,
          case when had_it_before then starts_on::date else tomorrow end, ends_on
   from holder cross join month cross join generate_series(1, ${SHIELDS_A_MONTH}) number
   where had_it_before or tomorrow <= ends_on
   on conflict (id) do nothing`,
);

/** Gives those of the users who have premium now the shields of this KST month, unless they have them. */
export async function giveShields(db: Connection, userIds: readonly string[], now: Date): Promise<void> {
  await db.rows(give, [JSON.stringify(userIds), now.toISOString()]);
}

const holders = statement<{ userId: string }>(
  'shields_holders',
  `select distinct user_id as "userId" from subscriptions
   where user_id > $1::uuid and access_until > $2::timestamptz
   order by user_id limit $3::int`,
);

/** Users with premium, in the order of their ids, after one of them. */
export const premiumUsers = (db: Connection, after: string, now: Date, count: number) =>
  db.rows(holders, [after, now.toISOString(), count]);
