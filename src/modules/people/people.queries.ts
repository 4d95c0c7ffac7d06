import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import type { Position } from '../../platform/http/pagination.js';
import { isFollowedBy, isThere, isThereFor } from '../users/index.js';

const insertFollow = statement<{ followerId: string }>(
  'people_follow',
  `with asked as (
     delete from follow_requests where requester_id = $1::uuid and target_id = $2::uuid
   )
   insert into follows (follower_id, followee_id, created_at) values ($1::uuid, $2::uuid, $3::timestamptz)
   on conflict do nothing
   returning follower_id as "followerId"`,
);

/** In place of the request that may wait: it is deleted. @returns false when it was there already */
export async function addFollow(tx: Transaction, followerId: string, followeeId: string, now: Date) {
  return (await tx.rows(insertFollow, [followerId, followeeId, now.toISOString()])).length > 0;
}

const insertRequest = statement<{ id: string }>(
  'people_request',
  `insert into follow_requests (id, requester_id, target_id, created_at)
   values ($1::uuid, $2::uuid, $3::uuid, $4::timestamptz)
   on conflict (requester_id, target_id) do nothing
   returning id`,
);

export interface RequestRow {
  id: string;
  requesterId: string;
  targetId: string;
  now: Date;
}

/** @returns false when one is waiting already */
export async function addRequest(tx: Transaction, { id, requesterId, targetId, now }: RequestRow) {
  return (await tx.rows(insertRequest, [id, requesterId, targetId, now.toISOString()])).length > 0;
}

export interface FollowRow {
  id: string;
  nickname: string;
  isFollowing: boolean;
  at: Date;
}

/** $1 viewer, $2 whose, $3 and $4 the cursor, $5 how many. */
const pageOfFollows = (listed: 'follower' | 'followee', of: 'follower' | 'followee') =>
  statement<FollowRow>(
    `people_${listed}s`,
    `select u.id, u.nickname, ${isFollowedBy('u', '$1::uuid')} as "isFollowing", f.created_at as at
     from follows f join users u on u.id = f.${listed}_id
     where f.${of}_id = $2::uuid and ${isThereFor('u', '$1::uuid')}
       and ($3::timestamptz is null or (f.created_at, f.${listed}_id) < ($3::timestamptz, $4::uuid))
     order by f.created_at desc, f.${listed}_id desc
     limit $5::int`,
  );
const followers = pageOfFollows('follower', 'followee');
const following = pageOfFollows('followee', 'follower');

export type FollowSide = 'followers' | 'following';

/** A page of somebody's followers or followees, as far as they exist for the viewer, the newest first. */
export const followsOf = (
  db: Connection,
  side: FollowSide,
  { viewerId, userId }: { viewerId: string; userId: string },
  after: Position | null,
  count: number,
): Promise<FollowRow[]> =>
  db.rows(side === 'followers' ? followers : following, [
    viewerId,
    userId,
    after?.at.toISOString() ?? null,
    after?.id ?? null,
    count,
  ]);

const requests = statement<{ id: string; createdAt: Date; person: { id: string; nickname: string } }>(
  'people_requests',
  `select r.id, r.created_at as "createdAt", json_build_object('id', u.id, 'nickname', u.nickname) as person
   from follow_requests r join users u on u.id = r.requester_id
   where r.target_id = $1::uuid and ${isThereFor('u', '$1::uuid')}
     and ($2::timestamptz is null or (r.created_at, r.id) < ($2::timestamptz, $3::uuid))
   order by r.created_at desc, r.id desc
   limit $4::int`,
);

export const requestsTo = (db: Connection, userId: string, after: Position | null, count: number) =>
  db.rows(requests, [userId, after?.at.toISOString() ?? null, after?.id ?? null, count]);

const blocks = statement<{ id: string; nickname: string; blockedAt: Date }>(
  'people_blocks',
  `select u.id, u.nickname, b.created_at as "blockedAt"
   from blocks b join users u on u.id = b.blocked_id
   where b.blocker_id = $1::uuid and u.deletion_requested_at is null
     and ($2::timestamptz is null or (b.created_at, b.blocked_id) < ($2::timestamptz, $3::uuid))
   order by b.created_at desc, b.blocked_id desc
   limit $4::int`,
);

/** The one list where a blocked user is named, to whoever blocked. */
export const blocksOf = (db: Connection, userId: string, after: Position | null, count: number) =>
  db.rows(blocks, [userId, after?.at.toISOString() ?? null, after?.id ?? null, count]);

const waiting = statement<{ id: string }>(
  'people_waiting',
  `select requester.id
   from follow_requests r join users u on u.id = r.target_id join users requester on requester.id = r.requester_id
   where r.target_id = $1::uuid and u.profile_visibility = 'public' and ${isThere('requester')}
   order by requester.id limit $2::int`,
);

/** Whose requests a profile that is public by now accepts, so many at once, in the order in which pairs are locked. */
export async function requestersOf(tx: Transaction, userId: string, count: number): Promise<string[]> {
  return (await tx.rows(waiting, [userId, count])).map(({ id }) => id);
}

const acceptAll = statement<{ followerId: string }>(
  'people_accept_all',
  `with asked as (
     delete from follow_requests
     where target_id = $1::uuid and requester_id in (select json_array_elements_text($2::json)::uuid)
     returning requester_id
   ), followed as (
     insert into follows (follower_id, followee_id, created_at)
     select requester_id, $1::uuid, $3::timestamptz from asked
     on conflict do nothing
   )
   select requester_id as "followerId" from asked`,
);

/** Under the locks of these pairs. @returns those whose requests are still there: the new followers */
export async function acceptRequestsOf(tx: Transaction, userId: string, requesters: string[], now: Date) {
  const rows = await tx.rows(acceptAll, [userId, JSON.stringify(requesters), now.toISOString()]);
  return rows.map(({ followerId }) => followerId);
}
