import { type Connection, statement, type Transaction } from '../../platform/database/database.js';

/** The columns of `walk_contributions`, and what a counting walk has for them now. */
const COLUMNS = 'walk_id, user_id, walk_date, completed_at, ranked, distance_m, moving_s';
const COUNTING = `
  select id as walk_id, user_id, walk_date, completed_at, visibility <> 'private' as ranked, distance_m, moving_s
  from walks where state = 'completed' and counts`;

const FIGURES = ['walks', 'distance_m', 'moving_s', 'ranked_walks', 'ranked_distance_m', 'ranked_moving_s'];

/** Sums of contributions by user and period; each is multiplied by its `sign`. */
const sumsOf = (contributions: string) => `
  select user_id, period, starts_on, sum(sign)::int as walks,
         sum(sign * distance_m)::int as distance_m, sum(sign * moving_s)::int as moving_s,
         coalesce(sum(sign) filter (where on_boards), 0)::int as ranked_walks,
         coalesce(sum(sign * distance_m) filter (where on_boards), 0)::int as ranked_distance_m,
         coalesce(sum(sign * moving_s) filter (where on_boards), 0)::int as ranked_moving_s
  from (${contributions}) contribution
  cross join unnest(enum_range(null::total_period)) as period
  cross join lateral (select period_start(period, walk_date) as starts_on) begun
  cross join lateral (select ranked and completed_at < period_closes_at(period, starts_on) as on_boards) shown
  group by user_id, period, starts_on`;

const applyOne = statement<never>(
  'totals_apply_walk',
  `with now as (${COUNTING} and id = $1::uuid),
   before as (select ${COLUMNS} from walk_contributions where walk_id = $1::uuid),
   difference as (
     select * from (${sumsOf('select -1 as sign, * from before union all select 1, * from now')}) sums
     where (${FIGURES.join(', ')}) <> (0, 0, 0, 0, 0, 0)
   ), added as (
     update user_totals total
     set ${FIGURES.map((figure) => `${figure} = total.${figure} + difference.${figure}`).join(', ')}
     from difference
     where total.user_id = difference.user_id and total.period = difference.period
       and total.starts_on = difference.starts_on
     returning total.period, total.starts_on
   ), begun as (
     insert into user_totals (user_id, period, starts_on, ${FIGURES.join(', ')})
     select user_id, period, starts_on, ${FIGURES.join(', ')} from difference
     where (period, starts_on) not in (select period, starts_on from added)
   ), forgotten as (
     delete from walk_contributions where walk_id = $1::uuid and not exists (select from now)
   )
   insert into walk_contributions (${COLUMNS})
   select ${COLUMNS} from now where not exists (select from before where before = now)
   on conflict (walk_id) do update
   set walk_date = excluded.walk_date, completed_at = excluded.completed_at, ranked = excluded.ranked,
       distance_m = excluded.distance_m, moving_s = excluded.moving_s`,
);

/**
 * Makes the user's totals and the walk's contribution equal to the walk as it is, or is no more; only rows with
 * a difference are written. Under the user's lock: two walks of one user change the same sums.
 */
export async function applyWalk(tx: Transaction, walkId: string): Promise<void> {
  await tx.rows(applyOne, [walkId]);
}

const pageOfUsers = statement<{ last: string }>(
  'totals_user_page',
  `select id as last from (select id from users where id > $1::uuid order by id limit $2::int) page
   order by id desc limit 1`,
);

/** The last of the next users in the order of their ids; undefined after all of them. */
export async function lastOfPage(db: Connection, after: string, count: number): Promise<string | undefined> {
  const [row] = await db.rows(pageOfUsers, [after, count]);
  return row?.last;
}

const differing = statement<{ userId: string; fields: string[] }>(
  'totals_differing',
  `with now as (${COUNTING} and user_id > $1::uuid and user_id <= $2::uuid),
   stored as (select ${COLUMNS} from walk_contributions where user_id > $1::uuid and user_id <= $2::uuid),
   expected as (${sumsOf('select 1 as sign, * from now')}),
   actual as (
     select * from user_totals
     where user_id > $1::uuid and user_id <= $2::uuid and (${FIGURES.join(', ')}) <> (0, 0, 0, 0, 0, 0)
   )
   select user_id as "userId", json_agg(distinct field order by field) as fields
   from (
     select user_id, period || ' ' || starts_on || ' ' || figure.name as field
     from expected full join actual using (user_id, period, starts_on)
     cross join lateral (values
       ${FIGURES.map((figure) => `('${figure}', expected.${figure}, actual.${figure})`).join(',\n       ')}
     ) as figure (name, expected, actual)
     where coalesce(figure.expected, 0) <> coalesce(figure.actual, 0)
     union all
     select user_id, 'walk ' || walk_id
     from (table now union all table stored) either
     group by user_id, walk_id
     having count(*) <> 2 or count(distinct (walk_date, completed_at, ranked, distance_m, moving_s)) <> 1
   ) difference
   group by user_id order by user_id`,
);

/** Users (id above `after`, up to and with `upTo`) whose stored sums are not those of their walks, and what differs. */
export const usersThatDiffer = (db: Connection, after: string, upTo: string) =>
  db.rows(differing, [after, upTo]);

const differingOfOne = statement<{ userId: string; fields: string[] }>(
  'totals_differing_user',
  differing.text.replaceAll('user_id > $1::uuid and user_id <= $2::uuid', 'user_id = $1::uuid'),
);

export async function differencesOf(tx: Transaction, userId: string): Promise<string[]> {
  const [row] = await tx.rows(differingOfOne, [userId]);
  return row?.fields ?? [];
}

const forgetContributions = statement<never>(
  'totals_forget_contributions',
  `delete from walk_contributions where user_id = $1::uuid`,
);
const forgetTotals = statement<never>('totals_forget', `delete from user_totals where user_id = $1::uuid`);
const rememberContributions = statement<never>(
  'totals_contributions_again',
  `insert into walk_contributions (${COLUMNS}) ${COUNTING} and user_id = $1::uuid`,
);
/** From the contributions just written: a walk that is edited meanwhile brings its own job. */
const sumAgain = statement<never>(
  'totals_again',
  `insert into user_totals (user_id, period, starts_on, ${FIGURES.join(', ')})
   ${sumsOf('select 1 as sign, * from walk_contributions where user_id = $1::uuid')}`,
);

/** Everything of one user anew, under the user's lock. */
export async function recompute(tx: Transaction, userId: string): Promise<void> {
  for (const step of [forgetContributions, forgetTotals, rememberContributions, sumAgain])
    await tx.rows(step, [userId]);
}

const streak = statement<StreakRow>(
  'totals_streak',
  `select days, since::text as since, best_days as "bestDays", best_from::text as "bestFrom",
          best_to::text as "bestTo", to_json(shielded) as "shieldedDates", shields_left as "shieldsLeft",
          exists (
            select 1 from walks
            where user_id = $1::uuid and state = 'completed' and counts and walk_date = $2::date
          ) as "walkedToday"
   from streak_of($1::uuid, $2::date)`,
);

interface StreakRow {
  days: number;
  since: string | null;
  walkedToday: boolean;
  bestDays: number;
  bestFrom: string | null;
  bestTo: string | null;
  shieldedDates: string[];
  shieldsLeft: number;
}

/** The user's streak as of a KST date. */
export async function streakOf(db: Connection, userId: string, today: string): Promise<StreakRow> {
  const [row] = await db.rows(streak, [userId, today]);
  return row!;
}
