import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import { isThere, isThereFor } from '../users/index.js';
import { BADGES, type BadgeDefinition } from './badge-table.js';
import type { AmongPeople, CountingWalk, Facts, StreakFacts } from './facts.js';
import type { SeasonDates } from './season-rules.js';

/** How long a walk stays in a cell for the cell to be a place it visited. */
const VISIT_MS = 180_000;

const countingWalks = statement<CountingWalk>(
  'badges_walks',
  `select id, walk_date::text as "walkDate", extract(hour from started_at at time zone 'Asia/Seoul')::int as "startHour",
          completed_at as "completedAt", distance_m as "distanceM", start_region_code as "regionCode",
          coalesce(to_json(cells), '[]') as cells
   from walks left join walk_places on walk_places.walk_id = walks.id
   where walks.user_id = $1::uuid and state = 'completed' and counts
   order by started_at, id`,
);

const streakUpTo = statement<StreakFacts>(
  'badges_streak',
  `select days, to_json(reached) as reached from streak_of($1::uuid, $2::date)`,
);

const HELD = `meetups m where m.state = 'closed' and m.hidden_at is null
     and exists (select from meetup_participants p where p.meetup_id = m.id and p.user_id <> m.host_id)`;

const amongPeople = statement<AmongPeople>(
  'badges_among_people',
  `select (select count(*)::int from follows where follower_id = $1::uuid) as follows,
          (
            select count(*)::int from follows f join users follower on follower.id = f.follower_id
            where f.followee_id = $1::uuid and ${isThereFor('follower', '$1::uuid')}
          ) as followers,
          (
            select count(*)::int
            from walks w join walk_likes l on l.walk_id = w.id join users liker on liker.id = l.user_id
            where w.user_id = $1::uuid and w.state <> 'deleted' and l.user_id <> $1::uuid
              and ${isThereFor('liker', '$1::uuid')}
          ) as "likesReceived",
          (
            select count(*)::int from walk_comments c join walks w on w.id = c.walk_id
            where c.user_id = $1::uuid and c.hidden_at is null and w.user_id <> $1::uuid
          ) as comments,
          (
            select count(*)::int from room_members me join rooms r on r.id = me.room_id
            where me.user_id = $1::uuid and me.consented_at is not null and r.ended_at is not null and exists (
              select from room_members other
              where other.room_id = me.room_id and other.user_id <> me.user_id and other.consented_at is not null
            )
          ) as togethers,
          (select count(*)::int from ${HELD} and m.host_id = $1::uuid) as "meetupsHosted",
          (
            select count(*)::int from ${HELD} and m.host_id <> $1::uuid
              and exists (select from meetup_participants p where p.meetup_id = m.id and p.user_id = $1::uuid)
          ) as "meetupsJoined"`,
);

/** What falls half as snow counts for both. */
const weatherOfWalks = statement<{ id: string; isRain: boolean; isSnow: boolean }>(
  'badges_weather',
  `select w.id, precipitation in ('rain', 'shower', 'drizzle', 'rain_snow', 'drizzle_snow') as "isRain",
          precipitation in ('snow', 'snow_flurry', 'rain_snow', 'drizzle_snow') as "isSnow"
   from walks w join walk_weather on walk_id = w.id
   where w.user_id = $1::uuid and w.state = 'completed' and w.counts and precipitation <> 'none'
   order by w.started_at, w.id`,
);

/** @param today KST date; a walk of a phone whose clock runs ahead may be dated after it */
export async function factsOf(db: Connection, userId: string, today: string): Promise<Facts> {
  const walks = await db.rows(countingWalks, [userId]);
  const lastDate = walks.at(-1)?.walkDate ?? today;
  const [streak] = await db.rows(streakUpTo, [userId, lastDate > today ? lastDate : today]);
  const [elsewhere] = await db.rows(amongPeople, [userId]);
  const weather = await db.rows(weatherOfWalks, [userId]);
  const rainWalkIds = weather.filter(({ isRain }) => isRain).map(({ id }) => id);
  const snowWalkIds = weather.filter(({ isSnow }) => isSnow).map(({ id }) => id);
  return { walks, streak: streak!, elsewhere: { ...elsewhere!, rainWalkIds, snowWalkIds } };
}

const completedBy = statement<{ code: string }>(
  'badges_completed_by',
  `select badge.code from user_badges badge join walks walk on walk.user_id = badge.user_id
   where walk.id = $1::uuid and badge.walk_ids[cardinality(badge.walk_ids)] = walk.id`,
);

/** The badges that were reached with this walk, in the order of the table. */
export async function badgesReachedWith(db: Connection, walkId: string): Promise<BadgeDefinition[]> {
  const reached = new Set((await db.rows(completedBy, [walkId])).map(({ code }) => code));
  return BADGES.filter(({ code }) => reached.has(code));
}

const refreshPlacesOf = statement<never>(
  'badges_refresh_places',
  `with counting as (
     select walks.id, walks.user_id, array(
              select cell from visited_places(walk_tracks.path) where round(seconds * 1000) >= $3::int order by cell
            ) as cells
     from walks join walk_tracks on walk_tracks.walk_id = walks.id
     where walks.user_id = $1::uuid and walks.state = 'completed' and walks.counts
       and (walks.id = $2::uuid or not exists (select from walk_places where walk_id = walks.id))
   ), left_out as (
     delete from walk_places where walk_id = $2::uuid and not exists (select from counting where id = $2::uuid)
   )
   insert into walk_places (walk_id, user_id, cells) select id, user_id, cells from counting
   on conflict (walk_id) do update set cells = excluded.cells where walk_places.cells <> excluded.cells`,
);

/**
 * Makes the stored places of a walk those of its track; none, when the walk does not count. What another walk of
 * the user lacks, as its own job failed for good, is made up for.
 */
export async function refreshPlaces(tx: Transaction, userId: string, walkId: string | null): Promise<void> {
  await tx.rows(refreshPlacesOf, [userId, walkId, VISIT_MS]);
}

const seed = statement<{ isIntroduced: boolean }>(
  'badges_seed',
  `insert into badge_definitions as stored (code, category, target, position, yearly, introduced_at)
   select code, category, target, position, yearly, $2::timestamptz
   from json_to_recordset($1::json) as given (code text, category badge_category, target int, position int, yearly bool)
   order by position
   on conflict (code) do update
   set category = excluded.category, target = excluded.target, position = excluded.position, yearly = excluded.yearly,
       introduced_at = case when stored.target = excluded.target then stored.introduced_at else excluded.introduced_at end
   where (stored.category, stored.target, stored.position, stored.yearly)
         <> (excluded.category, excluded.target, excluded.position, excluded.yearly)
   returning introduced_at = $2::timestamptz as "isIntroduced"`,
);

/**
 * Writes the table of the code into the database, when it is not there already.
 * @returns whether a rule is new or has another target: of the processes that start at once, one is told so
 */
export async function seedDefinitions(
  tx: Transaction,
  now: Date,
  definitions: readonly BadgeDefinition[] = BADGES,
): Promise<boolean> {
  const rows = definitions.map(({ code, category, target, season }, position) => ({
    code,
    category,
    target,
    position,
    yearly: season !== undefined,
  }));
  const written = await tx.rows(seed, [JSON.stringify(rows), now.toISOString()]);
  return written.some(({ isIntroduced }) => isIntroduced);
}

const walkers = statement<{ id: string }>(
  'badges_walkers',
  `select id from users
   where id > $1::uuid
     and exists (select from walks where user_id = users.id and state = 'completed' and counts)
   order by id limit $2::int`,
);

/** The next users with a counting walk, in the order of their ids. */
export async function walkersAfter(db: Connection, after: string, count: number): Promise<string[]> {
  return (await db.rows(walkers, [after, count])).map(({ id }) => id);
}

const nearSeasonEnd = statement<{ userId: string; walks: number }>(
  'badges_season_candidates',
  `select walker.id as "userId", count(*)::int as walks
   from walks
   join users walker on walker.id = walks.user_id
   where walks.state = 'completed' and walks.counts and walks.walk_date between $1::date and $2::date
     and extract(hour from walks.started_at at time zone 'Asia/Seoul') < $3::int
     and ${isThere('walker')}
     and not exists (
       select from user_badges where user_id = walker.id and code = $4::text and year = $5::int
     )
   group by walker.id
   having count(*) < $6::int and count(*) * 100 >= $6::int * $7::int
   order by walker.id`,
);

/** Users who have come at least so far towards a season's badge, and have not earned it yet. */
export const seasonCandidates = (
  db: Connection,
  { code, target, season }: BadgeDefinition,
  dates: SeasonDates,
  minPercent: number,
) =>
  db.rows(nearSeasonEnd, [
    dates.from,
    dates.until,
    season?.beforeHour ?? 24,
    code,
    dates.year,
    target,
    minPercent,
  ]);
