import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import { isFollowedBy, isShown, isThere, isThereFor } from '../users/index.js';
import {
  COMPARED_IN_DONG,
  COMPARED_IN_OTHER_DONG,
  HOURS_A_PART,
  KEPT_PER_USER,
  LARGE_FROM_KG,
  MEDIUM_FROM_KG,
  PARTS_OF_DAY,
  SAME_BREED_SCORE,
  SAME_DONG_SCORE,
  SAME_GU_SCORE,
  SAME_SIZE_SCORE,
  WEIGHTS,
} from './recommendation-rules.js';

const partsOfDay = Array.from({ length: PARTS_OF_DAY }, (_, part) => part);
const listed = (columnOf: (part: number) => string) => partsOfDay.map(columnOf).join(', ');
const summed = (termOf: (part: number) => string) => partsOfDay.map(termOf).join(' + ');

/** The share of the walks that began in a part of the day; none of none. */
const shareOf = (part: number, walks: string) =>
  `coalesce((count(*) filter (where ${walks} and part = ${part}))::float8 / nullif(count(*) filter (where ${walks}), 0), 0)`;

/** Codes are ten digits, the first five of them the gu's. */
const isOfGu = (user: string) => `${user}.region_code between $1::text || '00000' and $1::text || '99999'`;

const gus = statement<{ guCode: string }>(
  'recommendations_gus',
  `select distinct left(region_code, 5) as "guCode" from users where region_code is not null order by 1`,
);

export const allGus = async (db: Connection): Promise<string[]> =>
  (await db.rows(gus, [])).map(({ guCode }) => guCode);

const removeHomeless = statement<never>(
  'recommendations_remove_homeless',
  `delete from recommendations r using users u where u.id = r.user_id and u.region_code is null`,
);

/** Who has no home region any more gets no suggestions. */
export const removeForHomeless = (tx: Transaction) => tx.rows(removeHomeless, []);

const lockGu = statement<{ locked: string }>(
  'recommendations_lock_gu',
  `select pg_advisory_xact_lock(hashtextextended('recommendations ' || $1::text, 0))::text as locked`,
);

const removeOfGu = statement<never>(
  'recommendations_remove_of_gu',
  `delete from recommendations r using users u where u.id = r.user_id and ${isOfGu('u')}`,
);

/** $1 gu, $2 now, $3 the day after which walks count. The formulas are those of `recommendation-rules.ts`. */
const insertOfGu = statement<{ kept: number }>(
  'recommendations_insert_of_gu',
  `with neighbour as materialized (
     select id, region_code, profile_visibility = 'public' as is_public from users u
     where ${isOfGu('u')} and ${isThere('u')}
   ), walked as materialized (
     select user_id, ${listed((part) => `${shareOf(part, 'true')} as own_${part}, ${shareOf(part, 'is_public')} as shown_${part}`)},
            sum(distance_m)::float8 as own_m, coalesce(sum(distance_m) filter (where is_public), 0)::float8 as shown_m,
            max(walk_date) as last_walk_on
     from (
       select w.user_id, w.distance_m, w.walk_date, w.visibility = 'public' as is_public,
              extract(hour from w.started_at at time zone 'Asia/Seoul')::int / ${HOURS_A_PART} as part
       from neighbour join walks w on w.user_id = neighbour.id
       where ${isShown('w')} and w.walk_date > $3::date
     ) walk
     group by user_id
   ), dogs as materialized (
     select p.user_id, array_remove(array_agg(distinct hashtext(lower(btrim(p.breed)))), null) as breeds,
            array_remove(array_agg(distinct case
              when p.weight_kg < ${MEDIUM_FROM_KG} then 1 when p.weight_kg < ${LARGE_FROM_KG} then 2
              when p.weight_kg is not null then 3
            end), null) as sizes
     from neighbour join pets p on p.user_id = neighbour.id
     where p.removed_at is null
     group by p.user_id
   ), candidate as materialized (
     select neighbour.id, neighbour.region_code, walked.*, coalesce(dogs.breeds, '{}') as breeds, coalesce(dogs.sizes, '{}') as sizes,
            row_number() over (partition by neighbour.region_code order by walked.last_walk_on desc, neighbour.id desc) as place
     from neighbour
     join walked on walked.user_id = neighbour.id
     left join dogs on dogs.user_id = neighbour.id
     where neighbour.is_public
   ), compared as materialized (
     select * from candidate where place <= ${COMPARED_IN_DONG}
   ), known as materialized (
     select user_id, array_agg(other_id) as ids from (
       select f.follower_id as user_id, f.followee_id as other_id from follows f
       join neighbour on neighbour.id = f.follower_id
       union all
       select r.requester_id, r.target_id from follow_requests r
       join neighbour on neighbour.id = r.requester_id
       union all
       select b.blocker_id, b.blocked_id from blocks b
       join neighbour on neighbour.id = b.blocker_id
       union all
       select b.blocked_id, b.blocker_id from blocks b
       join neighbour on neighbour.id = b.blocked_id
     ) known
     where other_id in (select id from compared)
     group by user_id
   ), viewer as materialized (
     select neighbour.id, neighbour.region_code, ${listed((part) => `coalesce(walked.own_${part}, 0) as own_${part}`)},
            coalesce(walked.own_m, 0) as own_m,
            coalesce(dogs.breeds, '{}') as breeds, coalesce(dogs.sizes, '{}') as sizes, coalesce(known.ids, '{}') as known
     from neighbour
     left join walked on walked.user_id = neighbour.id
     left join dogs on dogs.user_id = neighbour.id
     left join known on known.user_id = neighbour.id
   ), made as (
     insert into recommendations (
       user_id, recommended_id, score, region_score, hours_score, breed_score, activity_score, made_at
     )
     select viewer.id, best.id, best.score, best.region, best.hours, best.breed, best.activity, $2::timestamptz
     from viewer cross join lateral (
       select part.*,
              round((
                ${WEIGHTS.region} * region + ${WEIGHTS.hours} * hours + ${WEIGHTS.breed} * breed
                + ${WEIGHTS.activity} * activity
              )::numeric, 2)::float8 as score
       from (
         select other.id,
                (case when other.region_code = viewer.region_code then ${SAME_DONG_SCORE} else ${SAME_GU_SCORE} end)::float8
                  as region,
                ${summed((part) => `least(viewer.own_${part}, other.shown_${part})`)} as hours,
                (case
                  when viewer.breeds && other.breeds then ${SAME_BREED_SCORE}
                  when viewer.sizes && other.sizes then ${SAME_SIZE_SCORE}
                  else 0
                end)::float8 as breed,
                coalesce(
                  least(viewer.own_m, other.shown_m) / nullif(greatest(viewer.own_m, other.shown_m), 0), 0
                ) as activity
         from compared other
         where (other.place <= ${COMPARED_IN_OTHER_DONG} or other.region_code = viewer.region_code)
           and other.id <> viewer.id and other.id <> all(viewer.known)
         offset 0
       ) part
       order by score desc, id
       limit ${KEPT_PER_USER}
     ) best
     on conflict do nothing
     returning 1
   )
   select count(*)::int as kept from made`,
);

/** Makes the suggestions of everybody in a gu again. @returns how many rows there are now */
export async function makeOfGu(
  tx: Transaction,
  guCode: string,
  { now, walkedAfter }: { now: Date; walkedAfter: string },
): Promise<number> {
  await tx.rows(lockGu, [guCode]);
  await tx.rows(removeOfGu, [guCode]);
  const [row] = await tx.rows(insertOfGu, [guCode, now.toISOString(), walkedAfter]);
  return row!.kept;
}

export interface RecommendationRow {
  id: string;
  nickname: string;
  score: number;
  region: number;
  hours: number;
  breed: number;
  activity: number;
  pets: { id: string; name: string; breed: string | null }[];
}

/** $1 viewer, $2 and $3 score and user of the cursor, $4 how many. */
const pageOfRecommendations = statement<RecommendationRow>(
  'recommendations_page',
  `select u.id, u.nickname, r.score, r.region_score as region, r.hours_score as hours, r.breed_score as breed,
          r.activity_score as activity,
          coalesce((
            select json_agg(json_build_object('id', p.id, 'name', p.name, 'breed', p.breed) order by p.created_at, p.id)
            from pets p where p.user_id = u.id and p.removed_at is null
          ), '[]') as pets
   from recommendations r
   join users viewer on viewer.id = r.user_id
   join users u on u.id = r.recommended_id
   where r.user_id = $1::uuid and u.profile_visibility = 'public' and ${isThereFor('u', '$1::uuid')}
     and not ${isFollowedBy('u', '$1::uuid')}
     and not exists (select from follow_requests where requester_id = $1::uuid and target_id = u.id)
     and case
       when r.region_score >= ${SAME_DONG_SCORE} then u.region_code = viewer.region_code
       else left(u.region_code, 5) = left(viewer.region_code, 5)
     end
     and r.score <= coalesce($2::float8, 1)
     and ($2::float8 is null or r.score < $2::float8 or r.recommended_id > $3::uuid)
   order by r.score desc, r.recommended_id
   limit $4::int`,
);

/** The suggestions that still hold: whoever was followed, blocked, suspended, or moved since is left out. */
export const recommendationsFor = (
  db: Connection,
  viewerId: string,
  after: { score: number; id: string } | null,
  count: number,
): Promise<RecommendationRow[]> =>
  db.rows(pageOfRecommendations, [viewerId, after?.score ?? null, after?.id ?? null, count]);
