-- Periods are of KST dates: a week begins on Monday; `all` has one period, from 1970-01-01 without end.

create function period_start(p_period total_period, p_date date) returns date
language sql immutable parallel safe
as $$
  select case p_period
    when 'week' then date_trunc('week', p_date::timestamp)::date
    when 'month' then date_trunc('month', p_date::timestamp)::date
    when 'quarter' then date_trunc('quarter', p_date::timestamp)::date
    else date '1970-01-01'
  end
$$;

-- Neither this nor the next is `strict`: such a function is called for each row, where this one is written into
-- the query that uses it (300,000 calls take 0.1 s instead of 4 s).
create function next_period_start(p_period total_period, p_starts_on date) returns date
language sql immutable parallel safe
as $$
  select case p_period
    when 'week' then p_starts_on + 7
    when 'month' then (p_starts_on + interval '1 month')::date
    when 'quarter' then (p_starts_on + interval '3 months')::date
    when 'all' then case when p_starts_on is not null then date 'infinity' end
  end
$$;

-- A ranking period takes late uploads until 24 h after its end.
create function period_closes_at(p_period total_period, p_starts_on date) returns timestamptz
language sql immutable parallel safe
as $$
  select (next_period_start(p_period, p_starts_on) + interval '24 hours') at time zone 'Asia/Seoul'
$$;

-- A dong board with fewer members would tell one person's routine.
create function ranking_min_dong_members() returns int language sql immutable parallel safe as $$ select 5 $$;

-- The user's current and best streak as of the end of a KST date. A streak is a run of dates with a counting
-- walk; a missed date before `p_as_of` is bridged by a shield that covers it (the one that ends first, each
-- once, in the order of the dates), and not counted. The date itself without a walk breaks nothing yet.
-- Shields are not marked as used: what they bridge follows from walks and shields alone, so a late upload
-- gives one back, and no midnight job has to run. `reached[n]` is the date on which a streak was n days for the
-- first time: its days are the last n dates with a walk up to then. `shields_left` could bridge the date itself.
create function streak_of(
  p_user uuid, p_as_of date,
  out days int, out since date, out best_days int, out best_from date, out best_to date, out shielded date[],
  out shields_left int, out reached date[]
)
language plpgsql stable
as $$
declare
  v_date date;
  v_walked boolean;
  v_last date;
  v_missed date;
  v_shield uuid;
  v_used uuid[] := '{}';
begin
  days := 0;
  best_days := 0;
  shielded := '{}';
  reached := '{}';
  for v_date, v_walked in
    select walk_date, true from walks
    where user_id = p_user and state = 'completed' and counts and walk_date < p_as_of
    group by walk_date
    union all
    select p_as_of, exists (
      select 1 from walks where user_id = p_user and state = 'completed' and counts and walk_date = p_as_of
    )
    order by 1
  loop
    v_missed := v_last + 1;
    while v_missed < v_date loop
      v_shield := (
        select id from streak_shields
        where user_id = p_user and v_missed between covers_from and covers_to and id <> all (v_used)
        order by covers_to, covers_from, id
        limit 1
      );
      if v_shield is null then
        days := 0;
        exit;
      end if;
      v_used := v_used || v_shield;
      shielded := shielded || v_missed;
      v_missed := v_missed + 1;
    end loop;
    if days = 0 then
      since := null;
      shielded := '{}';
      v_last := null;
    end if;
    if v_walked then
      since := coalesce(since, v_date);
      v_last := v_date;
      days := days + 1;
      if days > best_days then
        best_days := days;
        best_from := since;
        best_to := v_date;
        reached := reached || v_date;
      end if;
    end if;
  end loop;
  shields_left := (
    select count(*) from streak_shields
    where user_id = p_user and p_as_of between covers_from and covers_to and id <> all (v_used)
  );
end
$$;

create function calculate_streak_days(user_id uuid, as_of date) returns int
language sql stable
as $$ select days from streak_of(user_id, as_of) $$;

-- The cell of about 300 m × 300 m that holds a point, anywhere on earth: rows of equal height (111,320 m to a
-- degree of latitude), columns of the width that 300 m have in the middle of the row.
create function place_cell(p_lat float8, p_lng float8) returns bigint
language sql immutable parallel safe
as $$
  select r.row * 1000000 + floor(p_lng * 111320 * cos(radians((r.row + 0.5) * 300 / 111320)) / 300)::bigint
  from (select floor(p_lat * 111320 / 300)::bigint as row) r
$$;

-- Seconds spent in each cell along a path whose M is the epoch second. The time between two points goes to
-- both by halves; nothing passes between two lines.
create function visited_places(p_path geography) returns table (cell bigint, seconds float8)
language sql immutable parallel safe
as $$
  select place_cell(ST_Y(step.geom), ST_X(step.geom)), sum(step.seconds)
  from (
    select geom,
           (coalesce(ST_M(geom) - lag(ST_M(geom)) over line, 0) + coalesce(lead(ST_M(geom)) over line - ST_M(geom), 0)) / 2
             as seconds
    from ST_DumpPoints(p_path::geometry)
    window line as (partition by path[1] order by path[2])
  ) step
  group by 1
$$;

create function count_unique_places(p_user uuid) returns int
language sql stable
as $$
  select count(distinct place.cell)::int
  from walk_places
  join walks on walks.id = walk_places.walk_id and walks.state = 'completed' and walks.counts
  cross join lateral unnest(walk_places.cells) as place (cell)
  where walk_places.user_id = p_user
$$;

-- Writes the boards of one period as a new snapshot and switches to it; readers of the former one are not
-- disturbed. A closed period stays as it is, and an older taking never replaces a newer one.
create function take_ranking_snapshot(p_period total_period, p_starts_on date, p_taken_at timestamptz, p_close boolean)
returns int
language plpgsql
as $$
declare
  v_former ranking_snapshots;
  v_new int;
begin
  select * into v_former from ranking_snapshots where period = p_period and starts_on = p_starts_on and is_current;
  if v_former.closed_at is not null or (v_former.taken_at >= p_taken_at and not p_close) then
    return v_former.id;
  end if;
  if not pg_try_advisory_xact_lock(hashtextextended('ranking ' || p_period::text || ' ' || p_starts_on::text, 0)) then
    return v_former.id; -- somebody else is taking it
  end if;
  v_new := nextval('ranking_snapshots_id_seq');

  insert into ranking_rows (
    snapshot_id, metric, user_id, value, dong_code, gu_code, dong_rank, gu_rank, nation_rank,
    former_dong_rank, former_gu_rank, former_nation_rank
  )
  select v_new, ranked.metric, ranked.user_id, ranked.value, ranked.dong_code, ranked.gu_code,
         ranked.dong_rank, ranked.gu_rank, ranked.nation_rank,
         case when former.dong_code = ranked.dong_code then former.dong_rank end,
         case when former.gu_code = ranked.gu_code then former.gu_rank end,
         former.nation_rank
  from (
    select figure.metric, member.user_id, figure.value, member.dong_code, member.gu_code,
           case when member.dong_code is not null
             then rank() over (partition by figure.metric, member.dong_code order by figure.value desc) end as dong_rank,
           case when member.dong_code is not null
             then rank() over (partition by figure.metric, member.gu_code order by figure.value desc) end as gu_rank,
           rank() over (partition by figure.metric order by figure.value desc) as nation_rank
    from (
      select total.user_id, total.ranked_distance_m, total.ranked_walks, total.ranked_moving_s,
             walker.region_code as dong_code, left(walker.region_code, 5) as gu_code
      from user_totals total
      join users walker on walker.id = total.user_id
      where total.period = p_period and total.starts_on = p_starts_on and total.ranked_walks > 0
        and walker.suspended_at is null and walker.deletion_requested_at is null and walker.ranking_opted_out_at is null
    ) member
    cross join lateral (values
      ('distance'::ranking_metric, member.ranked_distance_m),
      ('walks'::ranking_metric, member.ranked_walks),
      ('moving_time'::ranking_metric, member.ranked_moving_s)
    ) as figure (metric, value)
  ) ranked
  left join ranking_rows former
    on former.snapshot_id = v_former.id and former.user_id = ranked.user_id and former.metric = ranked.metric
  order by ranked.metric, ranked.value desc, ranked.user_id; -- as the indexes have it: a quarter faster

  insert into ranking_boards (snapshot_id, metric, scope, region_code, members)
  select v_new, metric, 'nation'::ranking_scope, '', count(*) from ranking_rows where snapshot_id = v_new group by metric
  union all
  select v_new, metric, 'gu', gu_code, count(*) from ranking_rows
  where snapshot_id = v_new and gu_code is not null group by metric, gu_code
  union all
  select v_new, metric, 'dong', dong_code, count(*) from ranking_rows
  where snapshot_id = v_new and dong_code is not null group by metric, dong_code;

  update ranking_snapshots set is_current = false where id = v_former.id;
  insert into ranking_snapshots (id, period, starts_on, taken_at, is_current, closed_at)
  values (v_new, p_period, p_starts_on, p_taken_at, true, case when p_close then p_taken_at end);

  if p_close and p_period in ('month', 'quarter') then
    insert into hall_of_fame (id, period, starts_on, scope, region_code, metric, rank, value, user_id, entered_at)
    select gen_random_uuid(), p_period, p_starts_on, place.scope, place.region_code, ranked.metric, place.rank,
           ranked.value, ranked.user_id, p_taken_at
    from ranking_rows ranked
    cross join lateral (values
      ('nation'::ranking_scope, '', ranked.nation_rank),
      ('gu'::ranking_scope, ranked.gu_code, ranked.gu_rank),
      ('dong'::ranking_scope, ranked.dong_code, ranked.dong_rank)
    ) as place (scope, region_code, rank)
    where ranked.snapshot_id = v_new and place.rank <= 3
      -- Looked up, not joined: of rows just written the planner knows nothing, and would go over all for each board.
      and (place.scope <> 'dong' or ranking_min_dong_members() <= (
        select members from ranking_boards
        where snapshot_id = v_new and metric = ranked.metric and scope = 'dong' and region_code = ranked.dong_code
      ));
  end if;

  -- What nobody reads any more: former takings, a quarter once it is in the hall of fame, weeks of long ago.
  with outdated as (
    delete from ranking_snapshots
    where period = p_period and (
      (not is_current and taken_at < p_taken_at - interval '2 hours' and id is distinct from v_former.id)
      or (period = 'week' and closed_at < p_taken_at - interval '400 days')
    )
    returning id
  ), boards as (
    delete from ranking_boards where snapshot_id in (select id from outdated)
  )
  delete from ranking_rows
  where snapshot_id in (select id from outdated) or (p_period = 'quarter' and snapshot_id = v_new);
  return v_new;
end
$$;

-- Takes the boards of every period of a kind that is open at an instant, closes those whose 24 h are over, and
-- returns how many were taken. Running it twice, late or for a past instant changes nothing that is newer. A
-- quarter has no board of its own: it is taken once, for the hall of fame. Nothing is closed before the totals
-- hold every walk completed until its closing: `p_applied_until` says how far they do.
create function refresh_rankings(p_period total_period, p_at timestamptz, p_applied_until timestamptz default 'infinity')
returns int
language plpgsql
as $$
declare
  v_now date := period_start(p_period, (p_at at time zone 'Asia/Seoul')::date);
  v_closes_at timestamptz;
  v_taken int := 0;
  v_starts_on date := coalesce(
    next_period_start(p_period, (
      select max(starts_on) from ranking_snapshots where period = p_period and closed_at is not null
    )),
    (select min(starts_on) from user_totals where period = p_period and ranked_walks > 0),
    v_now
  );
begin
  while v_starts_on <= v_now loop
    v_closes_at := period_closes_at(p_period, v_starts_on);
    if p_at >= v_closes_at and p_applied_until >= v_closes_at then
      perform take_ranking_snapshot(p_period, v_starts_on, v_closes_at, true);
      v_taken := v_taken + 1;
    elsif p_period <> 'quarter' then
      perform take_ranking_snapshot(p_period, v_starts_on, p_at, false);
      v_taken := v_taken + 1;
    end if;
    v_starts_on := next_period_start(p_period, v_starts_on);
  end loop;
  return v_taken;
end
$$;

-- The hall of fame is written once. Only an erased account leaves it, as a row without a name.
create function keep_hall_of_fame() returns trigger
language plpgsql
as $$
begin
  if tg_op = 'UPDATE' and new.user_id is null
    and to_jsonb(new) - 'user_id' = to_jsonb(old) - 'user_id' then
    return new;
  end if;
  if current_setting('withbowwow.correction', true) = 'on' then
    return case tg_op when 'DELETE' then old else new end;
  end if;
  raise exception 'The hall of fame is not changed';
end
$$;

create trigger hall_of_fame_kept before update or delete on hall_of_fame
for each row execute function keep_hall_of_fame();
create trigger hall_of_fame_not_emptied before truncate on hall_of_fame
for each statement execute function keep_hall_of_fame();

-- Totals of a negative number of walks would be a fault of ours: refused at once.
alter table user_totals add constraint user_totals_not_negative check (
  walks >= 0 and distance_m >= 0 and moving_s >= 0
  and ranked_walks >= 0 and ranked_distance_m >= 0 and ranked_moving_s >= 0
);
alter table push_deliveries add constraint push_deliveries_day_limit check (ordinal between 1 and 10);
