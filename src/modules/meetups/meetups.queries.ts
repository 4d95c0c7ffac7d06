import type { MeetupState } from '../../generated/prisma/enums.js';
import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import type { Position } from '../../platform/http/pagination.js';
import { statesBefore } from '../../platform/rules/transitions.js';
import { isBlockedPair, isOpenTo, isThere, isThereFor } from '../users/index.js';
import type { MeetupFacts } from './meetup-rules.js';
import { meetupTransitions } from './meetup-states.js';
import { meetupClosed, meetupNotFound } from './meetups.errors.js';
import type { MeetupView, ParticipantView } from './meetups.schemas.js';

const takesPart = (meetup: string, viewer: string) =>
  `exists (select from meetup_participants where meetup_id = ${meetup}.id and user_id = ${viewer})`;

/**
 * Whether the viewer may see a meetup: its host always; whoever takes part in it, until a moderator hides it; others
 * while it is still to come, and the host's profile is open to them.
 */
const isMeetupVisibleTo = (meetup: string, host: string, viewer: string, now: string): string => `(
  ${meetup}.host_id = ${viewer}
  or (${meetup}.hidden_at is null and ${isThereFor(host, viewer)} and (
    ${takesPart(meetup, viewer)}
    or (${meetup}.state <> 'cancelled' and ${meetup}.starts_at > ${now} and ${isOpenTo(host, viewer)})
  ))
)`;

/** Participants who exist: whoever is suspended or leaving holds no seat. */
const seats = (meetup: string, isAsked = 'true') => `(
  select count(*)::int from meetup_participants p join users u on u.id = p.user_id
  where p.meetup_id = ${meetup}.id and ${isThere('u')} and ${isAsked}
)`;

/** Begun is closed, whether or not the job has come round; and a seat may come and go with an account. */
const stateNow = (now: string) => `
  case
    when m.state not in ('open', 'full') then m.state::text
    when m.starts_at <= ${now} then 'closed'
    when ${seats('m')} >= m.capacity then 'full'
    else 'open'
  end`;

/** What is full looks full: then seats of people who do not exist for the viewer are not there either. */
const capacityFor = (viewer: string) => `
  case
    when ${seats('m')} < m.capacity then m.capacity
    else greatest(m.capacity - ${seats('m', isBlockedPair('u.id', viewer))}, 1)
  end`;

/** $1 viewer, $2 now. Counted are those who exist for the viewer. */
const meetups = (from: string, isAsked: string) => `
  select m.id, json_build_object('id', host.id, 'nickname', host.nickname) as host, ${stateNow('$2::timestamptz')} as state,
         m.title, m.description, m.place_name as "placeName", m.lat, m.lng, m.starts_at as "startsAt",
         ${capacityFor('$1::uuid')} as capacity, m.max_weight_kg::float8 as "maxWeightKg", to_json(m.temperaments) as temperaments,
         ${seats('m', `not ${isBlockedPair('u.id', '$1::uuid')}`)} as participants,
         ${takesPart('m', '$1::uuid')} as "isJoined",
         (select room.id from rooms room
          where room.meetup_id = m.id and room.ended_at is null and room.closes_at > $2::timestamptz
            and ${takesPart('m', '$1::uuid')}) as "roomId",
         m.created_at as "createdAt"
  from ${from} join users host on host.id = m.host_id
  where ${isMeetupVisibleTo('m', 'host', '$1::uuid', '$2::timestamptz')} and ${isAsked}`;

const one = statement<MeetupView>('meetups_one', meetups('meetups m', 'm.id = $3::uuid'));

/** As the viewer sees it. @throws meetup-not-found */
export async function getMeetup(
  db: Connection,
  viewerId: string,
  meetupId: string,
  now: Date,
): Promise<MeetupView> {
  const [row] = await db.rows(one, [viewerId, now.toISOString(), meetupId]);
  if (!row) throw meetupNotFound();
  return row;
}

const host = statement<{ hostId: string }>(
  'meetups_host',
  `select m.host_id as "hostId" from meetups m join users host on host.id = m.host_id
   where m.id = $2::uuid and ${isMeetupVisibleTo('m', 'host', '$1::uuid', '$3::timestamptz')}`,
);

/** The host of a meetup that the viewer may see; null when there is no such meetup. */
export async function hostOfVisibleMeetup(
  db: Connection,
  viewerId: string,
  meetupId: string,
  now: Date,
): Promise<string | null> {
  const [row] = await db.rows(host, [viewerId, meetupId, now.toISOString()]);
  return row?.hostId ?? null;
}

const afterCursor = '(m.starts_at, m.id) > ($3::timestamptz, $4::uuid)';
const soonestFirst = 'order by m.starts_at, m.id limit $5::int';
const isComing = `m.state <> 'cancelled' and ${afterCursor}`;

const coming = statement<MeetupView>('meetups_coming', `${meetups('meetups m', isComing)} ${soonestFirst}`);

const comingOfGu = statement<MeetupView>(
  'meetups_coming_of_gu',
  `${meetups(
    'meetups m',
    `${isComing} and m.region_code between $6::text || '00000' and $6::text || '99999'`,
  )} ${soonestFirst}`,
);

const mine = statement<MeetupView>(
  'meetups_mine',
  `${meetups(
    'meetup_participants own join meetups m on m.id = own.meetup_id',
    `own.user_id = $1::uuid and ${isComing}`,
  )} ${soonestFirst}`,
);

interface PageAsked {
  viewerId: string;
  now: Date;
  after: Position;
  count: number;
}

const pageValues = ({ viewerId, now, after, count }: PageAsked) => [
  viewerId,
  now.toISOString(),
  after.at.toISOString(),
  after.id,
  count,
];

/** Of a gu, or of everywhere when it is null; the soonest first. */
export const comingMeetups = (db: Connection, asked: PageAsked, gu: string | null): Promise<MeetupView[]> =>
  gu === null ? db.rows(coming, pageValues(asked)) : db.rows(comingOfGu, [...pageValues(asked), gu]);

/** Those that the viewer hosts or takes part in. */
export const meetupsWith = (db: Connection, asked: PageAsked): Promise<MeetupView[]> =>
  db.rows(mine, pageValues(asked));

const participants = statement<ParticipantView & { userId: string }>(
  'meetups_participants',
  `select u.id as "userId", json_build_object('id', u.id, 'nickname', u.nickname) as person, u.id = m.host_id as "isHost",
          case when ${isOpenTo('u', '$1::uuid')} and pet.id is not null
            then json_build_object('name', pet.name, 'breed', pet.breed) end as pet,
          p.joined_at as "joinedAt"
   from meetups m
   join meetup_participants p on p.meetup_id = m.id
   join users u on u.id = p.user_id
   left join pets pet on pet.id = p.pet_id and pet.removed_at is null
   where m.id = $2::uuid and ${isThereFor('u', '$1::uuid')}
     and ($3::timestamptz is null or (p.joined_at, p.user_id) > ($3::timestamptz, $4::uuid))
   order by p.joined_at, p.user_id
   limit $5::int`,
);

/** Those who exist for the viewer, in the order in which they joined. Whether the meetup does is the caller's question. */
export const participantsOf = (
  db: Connection,
  viewerId: string,
  meetupId: string,
  { after, count }: { after: Position | null; count: number },
) => db.rows(participants, [viewerId, meetupId, after?.at.toISOString() ?? null, after?.id ?? null, count]);

const lockVisible = statement<LockedMeetup>(
  'meetups_lock',
  `select m.id, m.host_id as "hostId", m.state::text as state, m.title, m.place_name as "placeName", m.lat, m.lng,
          m.starts_at as "startsAt", m.capacity, m.max_weight_kg::float8 as "maxWeightKg",
          to_json(m.temperaments) as temperaments, m.hidden_at as "hiddenAt"
   from meetups m join users host on host.id = m.host_id
   where m.id = $2::uuid and ${isMeetupVisibleTo('m', 'host', '$1::uuid', '$3::timestamptz')}
   for no key update of m`,
);

export interface LockedMeetup extends MeetupFacts {
  id: string;
  hostId: string;
  state: MeetupState;
  capacity: number;
  hiddenAt: Date | null;
}

const countTaken = statement<{ taken: number }>(
  'meetups_seats_taken',
  `select ${seats('m')} as taken from meetups m where m.id = $1::uuid`,
);

/** Under the meetup's lock: seats that are taken, the host's among them. */
export async function seatsTaken(tx: Transaction, meetupId: string): Promise<number> {
  const [row] = await tx.rows(countTaken, [meetupId]);
  return row?.taken ?? 0;
}

/**
 * Whoever changes a meetup or its seats does so alone, until the transaction ends.
 * @throws meetup-not-found for one that the viewer does not see; meetup-closed for one that has begun or was cancelled
 */
export async function lockComing(
  tx: Transaction,
  viewerId: string,
  meetupId: string,
  now: Date,
): Promise<LockedMeetup> {
  const [row] = await tx.rows(lockVisible, [viewerId, meetupId, now.toISOString()]);
  if (!row) throw meetupNotFound();
  const state = row.state !== 'cancelled' && row.startsAt <= now ? 'closed' : row.state;
  if (state === 'cancelled' || state === 'closed') throw meetupClosed({ members: { state } });
  return row;
}

type SharedMeetup = Pick<LockedMeetup, 'id' | 'hostId' | 'capacity' | 'state'> & { guestId: string };

const lockShared = statement<SharedMeetup>(
  'meetups_lock_shared',
  `select m.id, m.capacity, m.state::text as state, p.user_id as "guestId", m.host_id as "hostId"
   from meetups m join meetup_participants p on p.meetup_id = m.id
   where m.starts_at > $3::timestamptz and m.state <> 'cancelled' and p.joined_at <= $4::timestamptz
     and ((m.host_id = $1::uuid and p.user_id = $2::uuid) or (m.host_id = $2::uuid and p.user_id = $1::uuid))
   order by m.id
   for no key update of m`,
);

/** Coming meetups that one of two hosts and the other had joined by then. */
export const lockMeetupsBetween = (
  tx: Transaction,
  [oneId, otherId]: readonly [string, string],
  { now, joinedBy }: { now: Date; joinedBy: string },
) => tx.rows(lockShared, [oneId, otherId, now.toISOString(), joinedBy]);

const beforeClosed = statesBefore(meetupTransitions, 'closed')
  .map((state) => `'${state}'`)
  .join(', ');

const closeBegun = statement<{ id: string; isHeld: boolean }>(
  'meetups_close_begun',
  `update meetups m set state = 'closed'
   where m.id in (
     select id from meetups
     where starts_at <= $1::timestamptz and starts_at > $2::timestamptz
       and state <> 'cancelled' and state in (${beforeClosed})
     order by starts_at, id
     limit $3::int
     for no key update skip locked
   )
   returning m.id,
     m.hidden_at is null and ${seats('m')} > 1
       and exists (select from users host where host.id = m.host_id and ${isThere('host')}) as "isHeld"`,
);

/** Closes those that began, and says of which there was more than a host, who is still there. */
export const closeBegunMeetupsOf = (
  tx: Transaction,
  { now, since, limit }: { now: Date; since: Date; limit: number },
) => tx.rows(closeBegun, [now.toISOString(), since.toISOString(), limit]);
