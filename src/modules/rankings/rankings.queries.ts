import type { RankingMetric, RankingScope, TotalPeriod } from '../../generated/prisma/enums.js';
import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import type { Position } from '../../platform/http/pagination.js';
import { regionNameSql } from '../regions/index.js';
import { blockedWith, isBlockedPair, isOpenTo } from '../users/index.js';

/**
 * Who is on no board, whatever a snapshot says. As it stands it is the predicate of the partial index
 * `users_hidden_from_boards`, which finds the few there are.
 */
export const isHidden = (user: string) =>
  `(${user}.suspended_at is not null or ${user}.deletion_requested_at is not null or ${user}.ranking_opted_out_at is not null)`;

const isHiddenFrom = (user: string, viewer: string) =>
  `(coalesce(${isHidden(user)}, false) or ${isBlockedPair(`${user}.id`, viewer)})`;

/** A private profile keeps its place, but who it is only its followers are told. */
const nameFor = (user: string, viewer: string) =>
  `case when ${isOpenTo(user, viewer)} then ${user}.nickname end`;

/**
 * Only those hidden since a taking are on it (a day of grace, as the mark is written by another clock, and may be
 * committed late); the many others need not be looked up.
 */
export const hiddenAt = (user: string) =>
  `greatest(${user}.suspended_at, ${user}.deletion_requested_at, ${user}.ranking_opted_out_at)`;

/** The column of `ranking_rows`. */
export const rankIn = (scope: RankingScope) => `${scope}_rank`;

/** What differs between the boards of the three scopes; nothing of it comes from a client. */
const BOARDS = {
  dong: {
    region: 'viewer.region_code',
    isOn: 'placed.dong_code = (select region from board)',
  },
  gu: {
    region: 'left(viewer.region_code, 5)',
    isOn: 'placed.gu_code = (select region from board)',
  },
  nation: { region: `''`, isOn: 'true' },
} as const;

/** $1 viewer, $2 period, $3 date, $4 metric; $5 snapshot, $6 value and $7 user of the cursor; $8 how many. */
const boardStatement = (scope: RankingScope) => {
  const { region, isOn } = BOARDS[scope];
  const rank = rankIn(scope);
  const onThisBoard = `placed.snapshot_id = (select id from board) and placed.metric = $4::ranking_metric and ${isOn}`;
  const pagePart = (where: string) => `(
     select placed.user_id, placed.value, placed.${rank} as rank, placed.former_${rank} as former_rank,
            ${nameFor('walker', '$1::uuid')} as nickname
     from ranking_rows placed
     -- Looked up one by one, until there are enough: joined, all users would be read for one page.
     left join lateral (
       select id, nickname, profile_visibility, suspended_at, deletion_requested_at, ranking_opted_out_at
       from users where id = placed.user_id offset 0
     ) walker on true
     where ${onThisBoard} and ${where} and not ${isHiddenFrom('walker', '$1::uuid')}
     order by placed.value desc, placed.user_id
     limit $8::int
   )`;
  const formerRankOf = (row: string) =>
    `${row}.former_rank - (select count(*)::int from hidden where hidden.former_rank < ${row}.former_rank)`;
  return statement<BoardRow>(
    `rankings_board_${scope}`,
    `with board as materialized (
       select snapshot.id, snapshot.taken_at, snapshot.closed_at is not null as is_final, period.starts_on,
              ${region} as region, viewer.ranking_opted_out_at is not null as opted_out, ${isHidden('viewer')} as is_hidden,
              coalesce(
                case when snapshot.closed_at is not null then own.value end,
                case $4::ranking_metric
                  when 'distance' then total.ranked_distance_m
                  when 'walks' then total.ranked_walks
                  else total.ranked_moving_s
                end,
                0
              ) as value
       from users viewer
       left join ranking_snapshots snapshot on snapshot.period = $2::total_period and (
         snapshot.id = $5::int
         or ($5::int is null and snapshot.starts_on = period_start($2::total_period, $3::date) and snapshot.is_current)
       )
       cross join lateral (select coalesce(snapshot.starts_on, period_start($2::total_period, $3::date)) as starts_on) period
       left join ranking_rows own
         on own.snapshot_id = snapshot.id and own.user_id = viewer.id and own.metric = $4::ranking_metric
       left join user_totals total
         on total.period = $2::total_period and total.starts_on = period.starts_on and total.user_id = viewer.id
       where viewer.id = $1::uuid
     ), own as (
       select placed.value, placed.${rank} as rank, placed.former_${rank} as former_rank
       from ranking_rows placed
       where ${onThisBoard} and placed.user_id = $1::uuid
     ), leavers as materialized (
       select id from users walker
       where ${isHidden('walker')} and ${hiddenAt('walker')} > (select taken_at from board) - interval '1 day'
       union
       select id from ${blockedWith('$1::uuid')} blocked
     ), hidden as materialized (
       select placed.value, placed.former_${rank} as former_rank
       from leavers join ranking_rows placed on placed.user_id = leavers.id and ${onThisBoard}
     ), counted as (
       select coalesce((
                select members from ranking_boards
                where snapshot_id = (select id from board) and metric = $4::ranking_metric and scope = '${scope}'
                  and region_code = (select region from board)
              ), 0) as stored,
              (select count(*)::int from hidden) as hidden,
              (select count(*)::int from hidden where value > (select value from board)) as hidden_above_me
     ), page as (
       ${pagePart(`placed.value = $6::int and placed.user_id > $7::uuid`)}
       union all
       ${pagePart(`placed.value < coalesce($6::int::int8, 9223372036854775807)`)}
       order by value desc, user_id
       limit $8::int
     )
     select board.id as "snapshotId", nullif(board.region, '') as "regionCode", ${scope === 'nation' ? 'null::text' : regionNameSql('board.region')} as "regionName",
            board.starts_on::text as "startsOn",
            (nullif(next_period_start($2::total_period, board.starts_on), date 'infinity') - 1)::text as "endsOn",
            board.taken_at as "takenAt", board.is_final as "isFinal", board.opted_out as "optedOut", board.value,
            counted.stored - counted.hidden as members,
            ${scope === 'dong' ? 'counted.stored - counted.hidden >= ranking_min_dong_members()' : 'true'} as shown,
            case
              when board.id is null or board.is_hidden or board.value = 0 then null
              when board.is_final then own.rank
              else coalesce((
                     select placed.${rank} from ranking_rows placed
                     where ${onThisBoard} and placed.value <= board.value
                     order by placed.value desc, placed.user_id
                     limit 1
                   ), counted.stored + 1)
                   - case when own.value > board.value then 1 else 0 end
            end - counted.hidden_above_me as rank,
            case when not board.is_hidden then ${formerRankOf('own')} end as "formerRank",
            (
              select coalesce(json_agg(json_build_object(
                'userId', user_id, 'nickname', nickname, 'value', value, 'formerRank', ${formerRankOf('page')},
                'rank', rank - (select count(*) from hidden where hidden.value > page.value)
              ) order by value desc, user_id), '[]')
              from page
            ) as items
     from board cross join counted left join own on true`,
  );
};

const boards = {
  dong: boardStatement('dong'),
  gu: boardStatement('gu'),
  nation: boardStatement('nation'),
} as const;

export interface BoardRow {
  /** Null: nothing was taken of this period, or the cursor's snapshot is gone. */
  snapshotId: number | null;
  /** Null for the nation, and for a viewer without a home region. */
  regionCode: string | null;
  /** Null also while it is not known. */
  regionName: string | null;
  startsOn: string;
  endsOn: string | null;
  takenAt: Date | null;
  isFinal: boolean;
  optedOut: boolean;
  members: number;
  /** False for the board of a dong with too few members. */
  shown: boolean;
  value: number;
  rank: number | null;
  formerRank: number | null;
  items: {
    userId: string;
    /** Null: erased, or a private profile. */
    nickname: string | null;
    value: number;
    rank: number;
    formerRank: number | null;
  }[];
}

export interface BoardAsked {
  viewerId: string;
  period: TotalPeriod;
  scope: RankingScope;
  metric: RankingMetric;
  /** Any KST date of the period; a cursor's snapshot goes before it. */
  date: string;
  after: { snapshotId: number; value: number; userId: string } | null;
  count: number;
}

/**
 * A part of the viewer's board, with the viewer's own place on it. The place is live: from the totals of now,
 * and the first row that is not better. Ranks are those of the visible: a stored rank less the hidden above it.
 */
export async function boardOf(db: Connection, asked: BoardAsked): Promise<BoardRow> {
  const { viewerId, period, scope, metric, date, after, count } = asked;
  const cursor = [after?.snapshotId ?? null, after?.value ?? null, after?.userId ?? null];
  return (await db.rows(boards[scope], [viewerId, period, date, metric, ...cursor, count]))[0]!;
}

/** The same rule as that of the `ranked_…` sums of `user_totals`. */
const IS_INCLUDED = `(walk.counts and walk.visibility <> 'private' and walk.completed_at < period_closes_at($2::total_period, period.starts_on))`;
const VALUE = `(case $4::ranking_metric when 'distance' then walk.distance_m when 'walks' then 1 else walk.moving_s end)`;
const WALKS_OF_PERIOD = `
   (select period_start($2::total_period, $3::date) as starts_on) period
   left join walks walk on walk.user_id = $1::uuid and walk.state = 'completed' and walk.walk_date >= period.starts_on
     and walk.walk_date < next_period_start($2::total_period, period.starts_on)`;

const whyPage = statement<WhyRow>(
  'rankings_why',
  `select walk.id, walk.walk_date::text as "walkDate", walk.started_at as "startedAt", ${VALUE} as value,
          ${IS_INCLUDED} as included,
          to_json(array_cat(
            case when walk.counts then '{}' else walk.reasons end,
            array_remove(array[
              case when walk.visibility = 'private' then 'private' end,
              case when walk.completed_at >= period_closes_at($2::total_period, period.starts_on) then 'completed_after_close' end
            ], null)
          )) as reasons
   from ${WALKS_OF_PERIOD}
   where walk.id is not null and ($5::timestamptz is null or (walk.started_at, walk.id) < ($5::timestamptz, $6::uuid))
   order by walk.started_at desc, walk.id desc
   limit $7::int`,
);

export interface WhyRow {
  id: string;
  walkDate: string;
  startedAt: Date;
  value: number;
  included: boolean;
  reasons: string[];
}

const whyTotal = statement<{ startsOn: string; endsOn: string | null; total: number }>(
  'rankings_why_total',
  `select period.starts_on::text as "startsOn",
          (nullif(next_period_start($2::total_period, period.starts_on), date 'infinity') - 1)::text as "endsOn",
          coalesce(sum(${VALUE}) filter (where ${IS_INCLUDED}), 0)::int as total
   from ${WALKS_OF_PERIOD}
   group by period.starts_on`,
);

export interface WhyAsked {
  viewerId: string;
  period: TotalPeriod;
  date: string;
  metric: RankingMetric;
}

export const rankedWalksOf = (
  db: Connection,
  { viewerId, period, date, metric }: WhyAsked,
  after: Position | null,
  count: number,
): Promise<WhyRow[]> =>
  db.rows(whyPage, [
    viewerId,
    period,
    date,
    metric,
    after?.at.toISOString() ?? null,
    after?.id ?? null,
    count,
  ]);

export async function rankedTotalOf(db: Connection, { viewerId, period, date, metric }: WhyAsked) {
  return (await db.rows(whyTotal, [viewerId, period, date, metric]))[0]!;
}

/** $1 viewer, $2 period, $3 metric, $4 scope, $5 entry of the cursor, $6 how many. */
const hallOfFame = statement<HallRow>(
  'rankings_hall_of_fame',
  `with home as materialized (
     select case $4::ranking_scope when 'dong' then region_code when 'gu' then left(region_code, 5) else '' end as region
     from users where id = $1::uuid
   ), board as (
     select entry.* from hall_of_fame entry
     where entry.scope = $4::ranking_scope and entry.region_code = (select region from home)
       and entry.period = $2::total_period and entry.metric = $3::ranking_metric
   ), visible as (
     select entry.id, entry.starts_on, entry.value, walker.id as user_id, ${nameFor('walker', '$1::uuid')} as nickname,
            rank() over (partition by entry.starts_on order by entry.value desc) as rank
     from board entry
     left join users walker on walker.id = entry.user_id
     where not ${isHiddenFrom('walker', '$1::uuid')}
   ), last as (
     select starts_on, value, id from board where id = $5::uuid
   ), page as (
     select visible.* from visible left join last on true
     where last.id is null or visible.starts_on < last.starts_on
        or (visible.starts_on = last.starts_on and (visible.value < last.value
            or (visible.value = last.value and visible.id > last.id)))
     order by visible.starts_on desc, visible.value desc, visible.id
     limit $6::int
   )
   select nullif(region, '') as "regionCode", ${regionNameSql('region')} as "regionName", exists (select from last) as "isCursorFound",
          (
            select coalesce(json_agg(json_build_object(
              'id', id, 'startsOn', starts_on::text, 'rank', rank, 'value', value, 'userId', user_id, 'nickname', nickname
            ) order by starts_on desc, value desc, id), '[]')
            from page
          ) as items
   from home`,
);

export interface HallRow {
  regionCode: string | null;
  regionName: string | null;
  isCursorFound: boolean;
  items: {
    id: string;
    startsOn: string;
    rank: number;
    value: number;
    /** Null: erased, or a private profile. */
    userId: string | null;
    nickname: string | null;
  }[];
}

export interface HallAsked {
  viewerId: string;
  period: TotalPeriod;
  metric: RankingMetric;
  scope: RankingScope;
  afterId: string | null;
  count: number;
}

/** The entries of the viewer's board, newest period first. Those of hidden people are left out, and the ranks close up. */
export async function hallOf(db: Connection, asked: HallAsked): Promise<HallRow> {
  const { viewerId, period, metric, scope, afterId, count } = asked;
  return (await db.rows(hallOfFame, [viewerId, period, metric, scope, afterId, count]))[0]!;
}

const refresh = statement<{ taken: number }>(
  'rankings_refresh',
  `select refresh_rankings($1::total_period, $2::timestamptz, coalesce($3::timestamptz, 'infinity')) as taken`,
);
const analyze = statement('rankings_analyze', `analyze ranking_rows`);

/**
 * Takes the boards of a kind of period that are open now, and closes those that are due. Without statistics of the
 * rows just written, whoever joins two snapshots next (the next taking) compares each row with each other one.
 * @param appliedUntil walks completed before are all in the totals; null: all there are
 */
export async function refreshBoards(
  tx: Transaction,
  period: TotalPeriod,
  { now, appliedUntil }: { now: Date; appliedUntil: Date | null },
): Promise<void> {
  await tx.rows(refresh, [period, now.toISOString(), appliedUntil?.toISOString() ?? null]);
  await tx.rows(analyze, []);
}

const currentWeek = statement<{ id: number }>(
  'rankings_current_week',
  `select id from ranking_snapshots
   where period = 'week' and is_current and closed_at is null and taken_at = $1::timestamptz
     and starts_on = period_start('week', ($1::timestamptz at time zone 'Asia/Seoul')::date)`,
);

/** The snapshot of the running week that was taken at this very time. */
export async function weekTakenAt(tx: Transaction, takenAt: Date): Promise<number | null> {
  return (await tx.rows(currentWeek, [takenAt.toISOString()]))[0]?.id ?? null;
}

const topTenChanges = statement<TopTenChange>(
  'rankings_top_ten_changes',
  `with pair as (
     select blocker_id as viewer_id, blocked_id as other_id from blocks
     union select blocked_id, blocker_id from blocks
   ), blocked as materialized (
     select viewer_id, place.width, count(*)::int as members, (count(*) filter (where place.other_rank < place.rank))::int as above,
            (count(*) filter (where place.other_former_rank < place.former_rank))::int as formerly_above
     from pair
     join ranking_rows mine on mine.snapshot_id = $1::int and mine.user_id = viewer_id and mine.metric = 'distance'
     join ranking_rows other on other.snapshot_id = $1::int and other.user_id = other_id and other.metric = 'distance'
     cross join lateral (values
       (1, true, mine.nation_rank, other.nation_rank, mine.former_nation_rank, other.former_nation_rank),
       (2, mine.gu_code = other.gu_code, mine.gu_rank, other.gu_rank, mine.former_gu_rank, other.former_gu_rank),
       (3, mine.dong_code = other.dong_code, mine.dong_rank, other.dong_rank, mine.former_dong_rank, other.former_dong_rank)
     ) as place (width, is_shared, rank, other_rank, former_rank, other_former_rank)
     where place.is_shared
     group by viewer_id, place.width
   )
   select distinct on (placed.user_id) placed.user_id as "userId", place.scope::text as scope, seen.rank,
          seen.rank <= 10 as "isIn", snapshot.taken_at as "takenAt"
   from ranking_snapshots snapshot
   join ranking_rows placed on placed.snapshot_id = snapshot.id and placed.metric = 'distance'
   cross join lateral (values
     (1, 'nation'::ranking_scope, '', placed.nation_rank, placed.former_nation_rank),
     (2, 'gu', placed.gu_code, placed.gu_rank, placed.former_gu_rank),
     (3, 'dong', placed.dong_code, placed.dong_rank, placed.former_dong_rank)
   ) as place (width, scope, region_code, rank, former_rank)
   left join blocked on blocked.viewer_id = placed.user_id and blocked.width = place.width
   cross join lateral (
     select place.rank - coalesce(blocked.above, 0) as rank,
            place.former_rank - coalesce(blocked.formerly_above, 0) as former_rank
   ) seen
   join users walker on walker.id = placed.user_id and not ${isHidden('walker')}
   join lateral (
     select id from ranking_snapshots former
     where former.period = snapshot.period and former.starts_on = snapshot.starts_on and former.taken_at < snapshot.taken_at
     order by former.taken_at desc limit 1
   ) before on true
   left join ranking_rows former
     on former.snapshot_id = before.id and former.user_id = placed.user_id and former.metric = placed.metric
   where snapshot.id = $1::int
     and (seen.rank <= 10) <> coalesce(seen.former_rank <= 10, false)
     -- Whose own value fell (a walk was deleted) was not overtaken.
     and (seen.rank <= 10 or placed.value >= former.value)
     and (
       select members from ranking_boards
       where snapshot_id = snapshot.id and metric = 'distance' and scope = place.scope and region_code = place.region_code
     ) - coalesce(blocked.members, 0) > 10
   order by placed.user_id, place.width`,
);

export interface TopTenChange {
  userId: string;
  /** The widest board of those where something changed. */
  scope: RankingScope;
  rank: number;
  /** Entered the ten best; else overtaken out of them. */
  isIn: boolean;
  takenAt: Date;
}

/** Who entered the ten best of a board of more members, or fell out of them, since the taking before; as they see it. */
export const topTenChangesOf = (db: Connection, snapshotId: number): Promise<TopTenChange[]> =>
  db.rows(topTenChanges, [snapshotId]);
