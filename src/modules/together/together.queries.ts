import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import type { Position } from '../../platform/http/pagination.js';
import { isThere, isThereFor } from '../users/index.js';
import type { Attendance, Place } from './room-rules.js';

const isInside = (member: string) => `(${member}.consented_at is not null and ${member}.left_at is null)`;
const isOpen = (room: string, now: string) => `(${room}.ended_at is null and ${room}.closes_at > ${now})`;
const listed = (json: string) => `any(array(select json_array_elements_text(${json}::json)::uuid))`;
const millis = (instant: string) => `(extract(epoch from ${instant}) * 1000)::float8`;

/** The room of an invitation goes with the one other member; a meetup's room stays, with whoever exists for the viewer. */
const isRoomThereFor = (room: string, viewer: string) => `(
  ${room}.meetup_id is not null or exists (
    select from room_members o join users other on other.id = o.user_id
    where o.room_id = ${room}.id and other.id <> ${viewer} and ${isThereFor('other', viewer)}
  )
)`;

/** Whether the newest word of member `m` about the use of their location is a yes. */
const HAS_CONSENT = `exists (
  select from (
    select granted from consents where user_id = m.user_id and kind = 'location' order by at desc, id desc limit 1
  ) newest where newest.granted
)`;

/** Whether member `m` did say no after having let the others of the room see. */
const IS_CONSENT_OVER = `exists (
  select from consents
  where user_id = m.user_id and kind = 'location' and not granted and at >= m.consented_at
)`;

const roomsOfMember = statement<RoomRow>(
  'together_rooms',
  `select r.id, r.invitation_id as "invitationId", r.meetup_id as "meetupId", r.opens_at as "opensAt",
          r.closes_at as "closesAt", r.created_at as "createdAt", ${isInside('m')} as "isSharing",
          coalesce((
            select json_agg(json_build_object('id', other.id, 'nickname', other.nickname, 'isSharing', ${isInside('o')}) order by other.id)
            from room_members o join users other on other.id = o.user_id
            where o.room_id = r.id and other.id <> m.user_id and ${isThereFor('other', 'm.user_id')}
          ), '[]') as members
   from room_members m join rooms r on r.id = m.room_id
   where m.user_id = $1::uuid and ${isOpen('r', '$2::timestamptz')} and ${isRoomThereFor('r', '$1::uuid')}
     and ($3::timestamptz is null or (r.created_at, r.id) < ($3::timestamptz, $4::uuid))
   order by r.created_at desc, r.id desc
   limit $5::int`,
);

export interface RoomRow {
  id: string;
  invitationId: string | null;
  meetupId: string | null;
  opensAt: Date;
  closesAt: Date;
  createdAt: Date;
  isSharing: boolean;
  members: { id: string; nickname: string; isSharing: boolean }[];
}

/** Rooms that are open or will be, the newest first. */
export const roomsOf = (db: Connection, userId: string, now: Date, after: Position | null, count: number) =>
  db.rows(roomsOfMember, [
    userId,
    now.toISOString(),
    after?.at.toISOString() ?? null,
    after?.id ?? null,
    count,
  ]);

const lockForJoining = statement<{ opensAt: Date; hasConsent: boolean }>(
  'together_lock_for_joining',
  `select r.opens_at as "opensAt", ${HAS_CONSENT} as "hasConsent"
   from rooms r join room_members m on m.room_id = r.id and m.user_id = $2::uuid
   where r.id = $1::uuid and ${isOpen('r', '$3::timestamptz')} and ${isRoomThereFor('r', '$2::uuid')}
     and exists (select from users me where me.id = m.user_id and ${isThere('me')})
   for update of r`,
);

/** Held until the transaction ends: joining, leaving and ending come one after the other. Null: no such room for the user. */
export async function lockRoomForJoining(tx: Transaction, roomId: string, userId: string, now: Date) {
  return (await tx.rows(lockForJoining, [roomId, userId, now.toISOString()]))[0] ?? null;
}

const enter = statement<never>(
  'together_enter',
  `update room_members m
   set consented_at = case when ${isInside('m')} and not ${IS_CONSENT_OVER} then m.consented_at else $3::timestamptz end, left_at = null
   where m.room_id = $1::uuid and m.user_id = $2::uuid`,
);

/** The consent counts from now, unless it stands. */
export async function enterRoom(tx: Transaction, roomId: string, userId: string, now: Date): Promise<void> {
  await tx.rows(enter, [roomId, userId, now.toISOString()]);
}

const lockRoom = statement<{ id: string }>(
  'together_lock',
  `select r.id from rooms r join room_members m on m.room_id = r.id
   where r.id = $1::uuid and m.user_id = $2::uuid for update of r`,
);

export async function lockRoomOfMember(tx: Transaction, roomId: string, userId: string): Promise<boolean> {
  return (await tx.rows(lockRoom, [roomId, userId])).length > 0;
}

/** Each update of a member's row, so each coming in as well, gives it another one. */
const JOIN_ID = 'm.xmin::text';

const leave = statement<{ userId: string }>(
  'together_leave',
  `update room_members m set left_at = coalesce(m.left_at, $3::timestamptz)
   where m.room_id = $1::uuid and m.user_id = $2::uuid and ($4::text is null or ${JOIN_ID} = $4::text)
   returning m.user_id as "userId"`,
);

/** Under the room's lock. @returns false when there is no such place (any more) */
export async function leaveRoom(tx: Transaction, place: Place, now: Date): Promise<boolean> {
  const { roomId, userId, joinId = null } = place;
  return (await tx.rows(leave, [roomId, userId, now.toISOString(), joinId])).length > 0;
}

const attendance = statement<Attendance>(
  'together_attendance',
  `select (count(*) filter (where consented_at is not null))::int as "everIn",
          (count(*) filter (where left_at is null))::int as remaining,
          not exists (
            select from rooms r join meetups on meetups.id = r.meetup_id
            where r.id = $1::uuid and meetups.starts_at > $2::timestamptz
          ) as "hasBegun"
   from room_members where room_id = $1::uuid`,
);

export async function attendanceOf(tx: Transaction, roomId: string, now: Date): Promise<Attendance> {
  return (await tx.rows(attendance, [roomId, now.toISOString()]))[0]!;
}

const walkedInRooms = statement<{ roomId: string; userId: string }>(
  'together_walked_in',
  `select m.room_id as "roomId", m.user_id as "userId"
   from walks w join room_members m on m.user_id = w.user_id join rooms r on r.id = m.room_id
   where w.id = $1::uuid and r.ended_at is null and ${isInside('m')} and m.consented_at < w.ended_at`,
);

/** Where the walker shared their position during the walk and still does. */
export const roomsWalkedIn = (db: Connection, walkId: string) => db.rows(walkedInRooms, [walkId]);

const invitationRooms = statement<{ id: string }>(
  'together_invitation_rooms_of_pair',
  `select r.id from rooms r
   join room_members one on one.room_id = r.id and one.user_id = $1::uuid
   join room_members other on other.room_id = r.id and other.user_id = $2::uuid
   where r.invitation_id is not null and r.ended_at is null`,
);

export const invitationRoomsOfPair = (db: Connection, one: string, other: string) =>
  db.rows(invitationRooms, [one, other]);

/** What the sockets of a process stand on, as of one moment. */
export interface Standing {
  sessions: { id: string; isSuspended: boolean }[];
  rooms: { id: string; isEnded: boolean; closesAtMs: number }[];
  /** Whoever is in; `joinId` is another one after each coming in, in whatever process. */
  inside: { roomId: string; userId: string; nickname: string; consentedAtMs: number; joinId: string }[];
  /** Who is in by their row alone: without a session, without the consent to the use of location, or not there any more. */
  lapsed: { roomId: string; userId: string; joinId: string }[];
  /** Who may not see whom of them. */
  hidden: { roomId: string; viewerId: string; userId: string }[];
  /** Who left, or has not come in. */
  outside: { roomId: string; userId: string }[];
}

const standing = statement<Standing>(
  'together_standing',
  `with placed as materialized (
     select m.room_id, m.user_id, m.consented_at, ${JOIN_ID} as join_id,
            not ${IS_CONSENT_OVER} and ${isThere('u')} and exists (
              select from sessions s
              where s.user_id = u.id and s.revoked_at is null and s.expires_at > $3::timestamptz
            ) as stands
     from room_members m join rooms r on r.id = m.room_id join users u on u.id = m.user_id
     where r.id = ${listed('$2')} and ${isOpen('r', '$3::timestamptz')} and ${isInside('m')}
   ), inside as (select * from placed where stands)
   select
     (select coalesce(json_agg(json_build_object('id', s.id, 'isSuspended', u.suspended_at is not null)), '[]')
      from sessions s join users u on u.id = s.user_id
      where s.id = ${listed('$1')} and s.revoked_at is null and s.expires_at > $3::timestamptz
        and u.deletion_requested_at is null) as sessions,
     (select coalesce(json_agg(json_build_object(
        'id', r.id, 'isEnded', r.ended_at is not null, 'closesAtMs', ${millis('r.closes_at')})), '[]')
      from rooms r where r.id = ${listed('$2')}) as rooms,
     (select coalesce(json_agg(json_build_object('roomId', i.room_id, 'userId', u.id, 'nickname', u.nickname,
        'consentedAtMs', ${millis('i.consented_at')}, 'joinId', i.join_id) order by u.id), '[]')
      from inside i join users u on u.id = i.user_id) as inside,
     (select coalesce(json_agg(json_build_object('roomId', room_id, 'userId', user_id, 'joinId', join_id)), '[]')
      from placed where not stands) as lapsed,
     (select coalesce(json_agg(json_build_object('roomId', room.room_id, 'viewerId', viewer_id, 'userId', u.id)), '[]')
      from (select room_id, array_agg(user_id) as ids from inside group by room_id) room,
           unnest(room.ids) viewer_id, unnest(room.ids) seen_id, users u
      where u.id = seen_id and not ${isThereFor('u', 'viewer_id')}) as hidden,
     (select coalesce(json_agg(json_build_object('roomId', m.room_id, 'userId', m.user_id)), '[]')
      from room_members m
      where m.room_id = ${listed('$2')} and not ${isInside('m')} and ${HAS_CONSENT}) as outside`,
);

/** One statement for all sockets of a process, asked every half second. */
export async function standingOf(
  db: Connection,
  { sessionIds, roomIds, now }: { sessionIds: readonly string[]; roomIds: readonly string[]; now: Date },
): Promise<Standing> {
  const [row] = await db.rows(standing, [
    JSON.stringify(sessionIds),
    JSON.stringify(roomIds),
    now.toISOString(),
  ]);
  return row!;
}
