import type { RankingMetric, RankingScope } from '../../generated/prisma/enums.js';
import { type Connection, statement } from '../../platform/database/database.js';
import { blockedWith } from '../users/index.js';
import { hiddenAt, isHidden, rankIn } from './rankings.queries.js';
import type { HistoryQuery } from './rankings.schemas.js';

const BOARDS = {
  dong: { region: 'own.dong_code', isOn: 'placed.dong_code = own.dong_code' },
  gu: { region: 'own.gu_code', isOn: 'placed.gu_code = own.gu_code' },
  nation: { region: `''`, isOn: 'true' },
} as const;

/** $1 viewer, $2 period, $3 metric, $4 first day of the cursor's period, $5 how many. */
const historyStatement = (scope: RankingScope) => {
  const { region, isOn } = BOARDS[scope];
  return statement<PastRank>(
    `rankings_history_${scope}`,
    `with leavers as materialized (
       select id, max(left_at) as left_at
       from (
         select id, ${hiddenAt('walker')} as left_at from users walker where ${isHidden('walker')}
         union all
         select id, 'infinity' from ${blockedWith('$1::uuid')} blocked
       ) leaver
       group by id
     )
     select snapshot.starts_on::text as "startsOn",
            (next_period_start($2::total_period, snapshot.starts_on) - 1)::text as "endsOn",
            nullif(${region}, '') as "regionCode", own.value,
            case
              when ${isHidden('viewer')} then null
              when ${scope === 'dong' ? 'board.members - hidden.all_of_them < ranking_min_dong_members()' : 'false'} then null
              else own.${rankIn(scope)} - hidden.above_me
            end as rank
     from ranking_snapshots snapshot
     join ranking_rows own
       on own.snapshot_id = snapshot.id and own.user_id = $1::uuid and own.metric = $3::ranking_metric
     join users viewer on viewer.id = $1::uuid
     join ranking_boards board
       on board.snapshot_id = snapshot.id and board.metric = $3::ranking_metric
       and board.scope = '${scope}' and board.region_code = ${region}
     cross join lateral (
       select count(*)::int as all_of_them, (count(*) filter (where placed.value > own.value))::int as above_me
       from leavers
       -- Looked up one by one: all of a board's rows are many more.
       cross join lateral (
         select * from ranking_rows
         where snapshot_id = snapshot.id and user_id = leavers.id and metric = $3::ranking_metric
         limit 1
       ) placed
       where ${isOn} and leavers.left_at > snapshot.taken_at - interval '1 day'
     ) hidden
     where snapshot.period = $2::total_period and snapshot.is_current and snapshot.closed_at is not null
       and ($4::date is null or snapshot.starts_on < $4::date)
     order by snapshot.starts_on desc
     limit $5::int`,
  );
};

const histories = {
  dong: historyStatement('dong'),
  gu: historyStatement('gu'),
  nation: historyStatement('nation'),
} as const;

export interface PastRank {
  startsOn: string;
  endsOn: string;
  /** Where the viewer lived then; null for the nation. */
  regionCode: string | null;
  /** Null where no ranks are shown: too few members, or a viewer who is on no board. */
  rank: number | null;
  value: number;
}

export interface HistoryAsked {
  viewerId: string;
  period: HistoryQuery['period'];
  scope: RankingScope;
  metric: RankingMetric;
  /** First day of the last period of the page before. */
  before: string | null;
  count: number;
}

/** The closed boards on which the viewer is, newest first; ranks are those that the board itself shows. */
export const historyOf = (db: Connection, asked: HistoryAsked): Promise<PastRank[]> => {
  const { viewerId, period, scope, metric, before, count } = asked;
  return db.rows(histories[scope], [viewerId, period, metric, before, count]);
};
