import { type Connection, statement } from '../../platform/database/database.js';
import { isFollowedBy, isShown, isWalkShownTo } from '../users/index.js';
import { commentsSeen, isLikedBy, likesSeen } from './social.queries.js';

const FOLLOWED_BOOST_HOURS = 4;
const BREED_BOOST_MINUTES = 60;
const ENGAGEMENT_BOOST_MINUTES = 2;
/** More likes and comments than this bring no more: 60 minutes at most. */
const ENGAGEMENT_MAX = 30;
/** Of so many who are followed each one's walks are looked up; of more, first among the newest walks of everybody. */
const FEW_PEOPLE = 100;
/** Among how many. Where less than about 2 % of the walks are theirs, looking each of them up is cheaper. */
const NEWEST_LOOKED_AT = 1_000;

/**
 * What is asked for, hidden from the planner: what it knew of the values would promise a cheaper plan than a general one,
 * and it would plan anew at each call, which takes twice as long as the rest.
 */
const ASKED = `asked as materialized (
     select $1::uuid as viewer, $2::timestamptz as as_of, $3::timestamptz as place, $4::uuid as walk_id, $5::int as how_many
   )`;
const VIEWER = '(select viewer from asked)';
const AS_OF = '(select as_of from asked)';
const PLACE = '(select place from asked)';
const WALK_ID = '(select walk_id from asked)';
const COUNT = '(select how_many from asked)';

/** What the policy asks of a walk. */
const WALK = ['id', 'user_id', 'state', 'counts', 'visibility', 'hidden_at', 'completed_at']
  .map((column) => `walk.${column}`)
  .join(', ');
const FOLLOWED = `interval '${FOLLOWED_BOOST_HOURS} hours'`;
/** Walks of those followed, where these are many. */
const CROWD = `select sure from crowd where (select a_crowd from among)`;
/** The boosts that a walk and its walker do not tell by themselves. */
const UNSURE = `interval '${BREED_BOOST_MINUTES + ENGAGEMENT_BOOST_MINUTES * ENGAGEMENT_MAX} minutes'`;

const likesAndComments = (walk: string) => `least(${ENGAGEMENT_MAX}, (
    select count(*) from (
      select from walk_likes where walk_id = ${walk}.id and created_at <= ${AS_OF} limit ${ENGAGEMENT_MAX}
    ) liked
  ) + (
    select count(*) from (
      select from walk_comments
      where walk_id = ${walk}.id and created_at <= ${AS_OF} and user_id <> ${walk}.user_id limit ${ENGAGEMENT_MAX}
    ) commented
  ))`;

/** The newest walk of each, of those that the viewer may see. */
const newestOf = (people: { from: string; where: string; boost: string; onlyThose: string }) => `
     select walker.id as user_id, walk.completed_at + ${people.boost} as sure
     from ${people.from}
     cross join lateral (
       select ${WALK} from walks walk
       where walk.user_id = walker.id and ${isShown('walk')}
         and walk.completed_at <= ${AS_OF} and walk.completed_at <= ${PLACE} - ${people.boost}
         and ${people.onlyThose}
       order by walk.completed_at desc, walk.id desc
       limit 1
     ) walk
     where ${people.where} and ${isWalkShownTo('walk', 'walker', VIEWER)}`;

/** Of the viewer's dong, who completed a public walk since then. */
const newestOfNeighbours = (lowest: string, onlyThose = 'true') =>
  newestOf({
    from: 'users walker',
    where: `walker.region_code = (select region_code from me) and walker.id <> ${VIEWER}
       and walker.last_completed_at >= ${lowest} and ${lowest} <= least(${AS_OF}, ${PLACE})
       and not ${isFollowedBy('walker', VIEWER)}`,
    boost: `interval '0'`,
    onlyThose: `walk.visibility = 'public' and walk.completed_at >= ${lowest} and ${onlyThose}`,
  });

/** Walks since then of those who are near, with their certain boost. */
const walksNear = (lowest: string, most: string) => `
       select ${WALK}, near.boost, near.is_following
       from near
       cross join lateral (
         select ${WALK} from walks walk
         where walk.user_id = near.user_id and ${isShown('walk')} and (near.is_following or walk.visibility = 'public')
           and walk.completed_at <= ${AS_OF} and walk.completed_at <= ${PLACE} - near.boost
           and walk.completed_at >= ${lowest} - near.boost
         ${most}
       ) walk
       where near.sure >= ${lowest}`;

/** What is at least as late for sure as so many walks as the page needs, and what the small boosts could lift there. */
const lowestOf = (marks: string) => `
     select coalesce((
       select sure from (${marks}) marks
       where sure < ${PLACE} - ${UNSURE} order by sure desc offset ${COUNT} - 1 limit 1
     ), '-infinity') - ${UNSURE} as lowest`;

/**
 * $1 viewer; $2 as of; $3 place and $4 walk of the cursor (`infinity` on the first page); $5 how many. What a place
 * is stands at `feedOf`.
 *
 * `sure` is a walk's place without the two small boosts: its place is at most 2 h later. So what lies 2 h below the
 * place that enough walks for a page come up to is not on the page, and need not be scored. That mark is found by and
 * by: from the newest walk of each who is followed, then with those of neighbours who walked last, then from as many
 * walks as the page needs of each who comes up to it (some walk five times a day, others stopped years ago).
 * (`offset 0`: by the range of the index first, whatever is guessed of those followed.)
 */
const feed = statement<FeedRow>(
  'social_feed',
  `with ${ASKED}, me as materialized (
     select region_code,
            (select count(*) from (
              select from follows where follower_id = viewer.id limit ${FEW_PEOPLE + 1}
            ) some_of_them) <= ${FEW_PEOPLE} as follows_few,
            array(select lower(breed) from pets where user_id = viewer.id and removed_at is null and breed is not null) as breeds
     from users viewer where viewer.id = ${VIEWER}
   ), crowd as materialized (
     select walk.completed_at + ${FOLLOWED} as sure
     from (
       select ${WALK} from walks walk
       where ${isShown('walk')}
         and walk.completed_at <= ${AS_OF} and walk.completed_at < ${PLACE} - ${UNSURE} - ${FOLLOWED}
       order by walk.completed_at desc, walk.id desc
       limit ${NEWEST_LOOKED_AT}
     ) walk
     join users walker on walker.id = walk.user_id
     where not (select follows_few from me)
       and ${isFollowedBy('walker', VIEWER)} and ${isWalkShownTo('walk', 'walker', VIEWER)}
     order by walk.completed_at desc
     limit ${COUNT}
   ), among as materialized (
     select count(*) = ${COUNT} as a_crowd from crowd
   ), newest_of_followed as materialized (${newestOf({
     from: 'follows followed join users walker on walker.id = followed.followee_id',
     where: `followed.follower_id = ${VIEWER} and not (select a_crowd from among)`,
     boost: FOLLOWED,
     onlyThose: 'true',
   })}
   ), mark_of_followed as materialized (${lowestOf(`${CROWD} union all select sure from newest_of_followed`)}
   ), latest_neighbours as materialized (${newestOfNeighbours(
     '(select lowest from mark_of_followed)',
     `walk.completed_at < ${PLACE} - ${UNSURE}`, // so that each counts for the mark
   )}
     order by walker.last_completed_at desc
     limit ${COUNT}
   ), mark_of_newest as materialized (${lowestOf(
     `${CROWD} union all select sure from newest_of_followed union all select sure from latest_neighbours`,
   )}
   ), near as materialized (
     select user_id, sure, ${FOLLOWED} as boost, true as is_following from newest_of_followed
     union all
     select user_id, sure, interval '0', false from (${newestOfNeighbours('(select lowest from mark_of_newest)')}) neighbours
   ), mark as materialized (${lowestOf(`${CROWD} union all (
       select walk.completed_at + walk.boost as sure
       from (${walksNear('(select lowest from mark_of_newest)', `order by walk.completed_at desc, walk.id desc limit ${COUNT}`)}) walk
       join users walker on walker.id = walk.user_id
       where ${isWalkShownTo('walk', 'walker', VIEWER)}
     )`)}
   ), candidates as materialized (
     select walk.id, walk.user_id, walk.completed_at + walk.boost as sure, walk.is_following
     from (
       select ${WALK}, ${FOLLOWED} as boost, true as is_following
       from (
         select ${WALK} from walks walk
         where ${isShown('walk')} and walk.completed_at <= ${AS_OF} and walk.completed_at <= ${PLACE} - ${FOLLOWED}
           and walk.completed_at >= (select lowest from mark) - ${FOLLOWED} and (select a_crowd from among)
         offset 0
       ) walk
       where exists (select from follows where follower_id = ${VIEWER} and followee_id = walk.user_id)
       union all${walksNear('(select lowest from mark)', 'offset 0')}
     ) walk
     join users walker on walker.id = walk.user_id
     where ${isWalkShownTo('walk', 'walker', VIEWER)}
   ), scored as materialized (
     select id, user_id, is_following,
            sure + case when (
              select bool_or(lower(pet.breed) = any ((select breeds from me)::text[]))
              from walk_pets walked join pets pet on pet.id = walked.pet_id where walked.walk_id = candidates.id
            ) then interval '${BREED_BOOST_MINUTES} minutes' else interval '0' end
            + ${likesAndComments('candidates')} * interval '${ENGAGEMENT_BOOST_MINUTES} minutes' as place
     from candidates
     where sure >= coalesce((
       select sure from candidates where sure < ${PLACE} - ${UNSURE} order by sure desc offset ${COUNT} - 1 limit 1
     ), '-infinity') - ${UNSURE}
   ), page as materialized (
     select * from scored where (place, id) < (${PLACE}, ${WALK_ID}) order by place desc, id desc limit ${COUNT}
   )
   select page.id, page.place, json_build_object('id', walker.id, 'nickname', walker.nickname) as person,
          page.is_following as "isFollowing", walk.title, walk.walk_date::text as "walkDate",
          walk.started_at as "startedAt", walk.distance_m as "distanceM", walk.moving_s as "movingS",
          walk.safe_distance_m as "safeDistanceM",
          case when walk.privacy_revision = walker.privacy_revision then to_json(walk.safe_preview) else '[]' end as preview,
          (
            select coalesce(json_agg(json_build_object('id', pet.id, 'name', pet.name, 'breed', pet.breed) order by pet.id), '[]')
            from walk_pets walked join pets pet on pet.id = walked.pet_id where walked.walk_id = page.id
          ) as pets,
          ${likesSeen('page.id', VIEWER)} as likes, ${commentsSeen('page.id', VIEWER)} as comments,
          ${isLikedBy('page.id', VIEWER)} as "iLike"
   from page join walks walk on walk.id = page.id join users walker on walker.id = page.user_id
   order by page.place desc, page.id desc`,
);

export interface FeedRow {
  id: string;
  /** When the walk was completed, moved later by its boosts. */
  place: Date;
  person: { id: string; nickname: string };
  isFollowing: boolean;
  title: string | null;
  walkDate: string;
  startedAt: Date;
  distanceM: number;
  safeDistanceM: number | null;
  movingS: number;
  preview: string[];
  pets: { id: string; name: string; breed: string | null }[];
  likes: number;
  comments: number;
  iLike: boolean;
}

export interface FeedAsked {
  viewerId: string;
  /** What was completed, liked or commented later is not in this listing. */
  asOf: Date;
  after: { place: Date; id: string } | null;
  count: number;
}

/**
 * Walks that others let the viewer see: of those whom the viewer follows, and public ones of people whose home dong is
 * the viewer's. The order is by a walk's *place*, the time at which it was completed
 *
 *     + 4 h when the viewer follows the walker
 *     + 1 h when a dog of the walk is of the same breed as one of the viewer's
 *     + 2 min for each like, and each comment of somebody else than the walker, up to 30 of them
 *
 * so the places, and with them the pages, stand still while time passes. Likes and comments are those made until `asOf`,
 * by whomever: a block or a new like between two pages moves nothing. What is withdrawn in between (a like, a follow)
 * does move its walk.
 */
export const feedOf = (db: Connection, { viewerId, asOf, after, count }: FeedAsked): Promise<FeedRow[]> =>
  db.rows(feed, [
    viewerId,
    asOf.toISOString(),
    after?.place.toISOString() ?? 'infinity',
    after?.id ?? 'ffffffff-ffff-ffff-ffff-ffffffffffff',
    count,
  ]);
