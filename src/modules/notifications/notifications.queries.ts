import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import type { NotificationType, PushPlatform, PushState } from '../../generated/prisma/enums.js';
import type { Position } from '../../platform/http/pagination.js';
import { isThereFor, isWalkVisibleTo } from '../users/index.js';
import type { OpenDelivery, WaitingNote } from './push-rules.js';

/** Ended and expired sessions get nothing: their phone may be somebody else's by now. */
const liveDevices = (user: string, now: string) => `
  select t.id, t.token from push_tokens t join sessions s on s.id = t.session_id
  where t.user_id = ${user} and s.user_id = t.user_id and s.revoked_at is null and s.expires_at > ${now}`;

/** Whether whoever caused note `n` exists for its reader. */
const IS_ACTOR_THERE = `(n.actor_id is null or exists (
  select from users actor where actor.id = n.actor_id and ${isThereFor('actor', 'n.user_id')}
))`;
/** Whether its reader may see the walk that note `n` is about. */
const IS_WALK_THERE = `(n.walk_id is null or exists (
  select from walks w join users walker on walker.id = w.user_id
  where w.id = n.walk_id and ${isWalkVisibleTo('w', 'walker', 'n.user_id')}
))`;
/** What of a user's notes is listed and counted. A badge outlives the walk that brought it. */
const IS_LISTED = `(n.retracted_at is null and ${IS_ACTOR_THERE} and (n.type = 'badge_earned' or ${IS_WALK_THERE}))`;

/** Whether note `n` to user `u` says nothing true, wanted or fitting any more. */
const outdated = (now: string) => `(
  n.retracted_at is not null or coalesce(n.stale_at <= ${now}, false)
  or n.type = any(u.muted_notifications)
  or u.suspended_at is not null or u.deletion_requested_at is not null
  or not ${IS_ACTOR_THERE} or not ${IS_WALK_THERE}
)`;

const LISTED_NOTE = `n.id, n.type::text as type, n.title, n.body, n.data::json as data, n.created_at as "createdAt", n.read_at as "readAt"`;

export interface ListedNote {
  id: string;
  type: NotificationType;
  title: string;
  body: string;
  data: Record<string, string>;
  createdAt: Date;
  readAt: Date | null;
}

const inbox = statement<ListedNote>(
  'notifications_inbox',
  `select ${LISTED_NOTE} from notifications n
   where n.user_id = $1::uuid and ${IS_LISTED}
     and ($2::timestamptz is null or (n.created_at, n.id) < ($2::timestamptz, $3::uuid))
   order by n.created_at desc, n.id desc
   limit $4::int`,
);

/** A page of what the user was told, as far as those whom it is about exist for them by now. */
export const notesOf = (db: Connection, userId: string, after: Position | null, count: number) =>
  db.rows(inbox, [userId, after?.at.toISOString() ?? null, after?.id ?? null, count]);

const markRead = statement<ListedNote>(
  'notifications_read',
  `update notifications n set read_at = coalesce(n.read_at, $3::timestamptz)
   where n.id = $2::uuid and n.user_id = $1::uuid and ${IS_LISTED}
   returning ${LISTED_NOTE}`,
);

/** Null when there is no such note for the user. */
export async function readNote(db: Connection, userId: string, id: string, now: Date) {
  return (await db.rows(markRead, [userId, id, now.toISOString()]))[0] ?? null;
}

/** More than anybody reads; each costs a look at who caused it, with every push. */
const UNREAD_COUNTED = 999;
const UNREAD = `(select count(*)::int from (
  select from notifications n where n.user_id = $1::uuid and n.read_at is null and ${IS_LISTED} limit ${UNREAD_COUNTED}
) listed)`;
const unread = statement<{ count: number }>('notifications_unread', `select ${UNREAD} as count`);

export async function unreadOf(db: Connection, userId: string): Promise<number> {
  return (await db.rows(unread, [userId]))[0]!.count;
}

const tell = statement<{ pushState: PushState }>(
  'notifications_tell',
  `insert into notifications (
     id, user_id, type, title, body, data, dedupe_key, group_key, actor_id, walk_id, urgent, stale_at, created_at, push_state
   )
   select $1::uuid, u.id, $3::text::notification_type,
          case u.locale when 'en' then $5::text else $4::text end, case u.locale when 'en' then $7::text else $6::text end,
          $8::jsonb, $9::text, $10::text, $11::uuid, $12::uuid, $13::boolean, $14::timestamptz, $15::timestamptz,
          case when $16::boolean and not $3::text::notification_type = any(u.muted_notifications)
                 and exists (${liveDevices('u.id', '$15::timestamptz')})
            then 'pending' else 'none' end::push_state
   from users u where u.id = $2::uuid
   on conflict (user_id, dedupe_key) do update
   set retracted_at = null, read_at = null, created_at = excluded.created_at, stale_at = excluded.stale_at,
       title = excluded.title, body = excluded.body, data = excluded.data
   where notifications.retracted_at is not null
   returning push_state::text as "pushState"`,
);

export interface ToldNote {
  id: string;
  userId: string;
  type: NotificationType;
  title: { ko: string; en: string };
  body: { ko: string; en: string };
  data: Record<string, string>;
  dedupeKey: string;
  groupKey?: string;
  actorId?: string;
  walkId?: string;
  urgent?: boolean;
  staleAt?: Date;
}

/** @returns null when the user was told before, or is gone */
export async function insertNote(
  tx: Transaction,
  note: ToldNote,
  { now, canPush }: { now: Date; canPush: boolean },
): Promise<PushState | null> {
  const [row] = await tx.rows(tell, [
    note.id,
    note.userId,
    note.type,
    note.title.ko,
    note.title.en,
    note.body.ko,
    note.body.en,
    JSON.stringify(note.data),
    note.dedupeKey,
    note.groupKey ?? null,
    note.actorId ?? null,
    note.walkId ?? null,
    note.urgent ?? false,
    note.staleAt?.toISOString() ?? null,
    now.toISOString(),
    canPush,
  ]);
  return row?.pushState ?? null;
}

const anythingToPush = statement<{ any: boolean }>(
  'notifications_anything_to_push',
  `select exists (select from notifications where user_id = $1::uuid and push_state = 'pending')
       or exists (select from push_deliveries where user_id = $1::uuid and settled_at is null) as any`,
);

export async function hasAnythingToPush(db: Connection, userId: string): Promise<boolean> {
  return (await db.rows(anythingToPush, [userId]))[0]!.any;
}

const situation = statement<SituationRow>(
  'notifications_situation',
  `select u.locale,
          exists (${liveDevices('u.id', '$2::timestamptz')}) as reachable,
          (select coalesce(max(ordinal), 0)::int from push_deliveries where user_id = u.id and day = $3::date) as "placesTaken",
          (select coalesce(json_agg(json_build_object(
              'id', n.id, 'type', n.type, 'title', n.title, 'body', n.body, 'data', n.data, 'groupKey', n.group_key,
              'urgent', n.urgent, 'createdAt', n.created_at, 'outdated', ${outdated('$2::timestamptz')}
            ) order by n.created_at, n.id), '[]')
           from notifications n where n.user_id = u.id and n.push_state = 'pending') as notes,
          (select coalesce(json_agg(json_build_object(
              'id', d.id, 'day', d.day, 'ordinal', d.ordinal, 'createdAt', d.created_at, 'leasedUntil', d.leased_until,
              'outdated', d.data->>'count' is distinct from (
                select count(*)::text from notifications n
                where n.user_id = u.id and n.delivery_id = d.id and not ${outdated('$2::timestamptz')}
              )
            ) order by d.created_at, d.id), '[]')
           from push_deliveries d where d.user_id = u.id and d.settled_at is null) as open
   from users u where u.id = $1::uuid`,
);

type InJson<T> = {
  [Key in keyof T]: T[Key] extends Date ? string : T[Key] extends Date | null ? string | null : T[Key];
};

export interface PendingNote extends WaitingNote {
  type: NotificationType;
  title: string;
  body: string;
  data: Record<string, string>;
}

interface SituationRow {
  locale: 'ko' | 'en';
  reachable: boolean;
  placesTaken: number;
  notes: InJson<PendingNote>[];
  open: InJson<OpenDelivery>[];
}

/** All that decides what is pushed to a user now. Read it under the user's lock. */
export async function situationOf(
  tx: Transaction,
  userId: string,
  { now, today }: { now: Date; today: string },
) {
  const [row] = await tx.rows(situation, [userId, now.toISOString(), today]);
  if (!row) return null;
  return {
    ...row,
    notes: row.notes.map((note) => ({ ...note, createdAt: new Date(note.createdAt) })),
    open: row.open.map((delivery) => ({
      ...delivery,
      createdAt: new Date(delivery.createdAt),
      leasedUntil: delivery.leasedUntil === null ? null : new Date(delivery.leasedUntil),
    })),
  };
}

const freeNotes = statement(
  'notifications_free_notes',
  `update notifications n set push_state = 'pending', delivery_id = null
   from users u
   where u.id = $1::uuid and n.user_id = u.id and n.delivery_id in (select json_array_elements_text($3::json)::uuid)
     and not ${outdated('$2::timestamptz')}
   returning n.id`,
);

/** What still holds of pushes that are to be redone waits for a new one. */
export async function freeNotesOf(
  tx: Transaction,
  userId: string,
  deliveries: string[],
  now: Date,
): Promise<void> {
  await tx.rows(freeNotes, [userId, now.toISOString(), JSON.stringify(deliveries)]);
}

const writePlan = statement<Delivery>(
  'notifications_write_plan',
  `with moved as (
     update notifications n set push_state = x.state::push_state, delivery_id = x."deliveryId"
     from json_to_recordset($5::json) as x (id uuid, state text, "deliveryId" uuid)
     where n.user_id = $1::uuid and n.push_state = 'pending' and n.id = x.id
   ), retried as (
     update push_deliveries d
     set ordinal = x.ordinal, day = case when x.ordinal is null then d.day else $3::date end,
         leased_until = $4::timestamptz
     from json_to_recordset($7::json) as x (id uuid, ordinal int)
     where d.user_id = $1::uuid and d.settled_at is null and d.id = x.id
     returning d.*
   ), abandoned as (
     update push_deliveries set settled_at = $2::timestamptz, leased_until = null
     where user_id = $1::uuid and settled_at is null and id in (select json_array_elements_text($8::json)::uuid)
   ), made as (
     insert into push_deliveries (id, user_id, day, ordinal, title, body, data, remaining, created_at, leased_until)
     select x.id, $1::uuid, $3::date, x.ordinal, x.title, x.body, x.data,
            array(select live.id from (${liveDevices('$1::uuid', '$2::timestamptz')}) live), $2::timestamptz, $4::timestamptz
     from json_to_recordset($6::json) as x (id uuid, ordinal int, title text, body text, data jsonb)
     returning *
   )
   select id, ordinal is null as urgent, title, body, data, to_json(remaining) as remaining
   from (select * from retried union all select * from made) taken
   order by created_at, id`,
);

/** A push in the hands of this process. */
export interface Delivery {
  id: string;
  urgent: boolean;
  title: string;
  body: string;
  data: Record<string, string>;
  /** Devices that have not got it yet. */
  remaining: string[];
}

export interface PlanToWrite {
  now: Date;
  today: string;
  leasedUntil: Date;
  notes: { id: string; state: PushState; deliveryId: string | null }[];
  made: { id: string; ordinal: number | null; title: string; body: string; data: Record<string, string> }[];
  retried: { id: string; ordinal: number | null }[];
  abandoned: string[];
}

/** One statement: what becomes of the notes, and the pushes that are this process's to send now, oldest first. */
export const savePlan = (tx: Transaction, userId: string, plan: PlanToWrite): Promise<Delivery[]> =>
  tx.rows(writePlan, [
    userId,
    plan.now.toISOString(),
    plan.today,
    plan.leasedUntil.toISOString(),
    JSON.stringify(plan.notes),
    JSON.stringify(plan.made),
    JSON.stringify(plan.retried),
    JSON.stringify(plan.abandoned),
  ]);

const recipients = (except: string) => `
  select ${UNREAD} as unread,
         (select coalesce(json_agg(live), '[]') from (${liveDevices('$1::uuid', '$2::timestamptz')}) live
          where ${except} exists (
            select from users where id = $1::uuid and suspended_at is null and deletion_requested_at is null
          )) as devices`;

const recipientsNow = statement<Recipients>('notifications_recipients', recipients(''));

/** Where a push goes, and the number on the app's icon. */
export interface Recipients {
  unread: number;
  devices: { id: string; token: string }[];
}

/** Asked right before each sending: whose the devices are may have changed since the push was begun. */
export async function recipientsOf(db: Connection, userId: string, now: Date): Promise<Recipients> {
  return (await db.rows(recipientsNow, [userId, now.toISOString()]))[0]!;
}

/**
 * The commit of this statement does not wait for the disk, which is most of its time. What a crash of the
 * database takes with it is attempted again, under the same collapse id.
 */
const WITHOUT_WAITING = `set_config('synchronous_commit', 'off', true)`;

const recordOutcome = statement<Recipients>(
  'notifications_record_outcome',
  `with gone as (
     select json_array_elements_text($5::json)::uuid as id
   ), dead as (
     delete from push_tokens where id = any (array(select id from gone))
   ), attempted as (
     update push_deliveries
     set remaining = array(select json_array_elements_text($4::json)::uuid), leased_until = null,
         settled_at = case when json_array_length($4::json) = 0 then $2::timestamptz end
     where id = $3::uuid
     returning ${WITHOUT_WAITING}
   )
   ${recipients('live.id not in (select id from gone) and')}`,
);

/** What is left of a push after an attempt; without a device that is left it is settled. @returns the recipients of the next push */
export async function saveOutcome(
  db: Connection,
  userId: string,
  {
    deliveryId,
    remaining,
    dead,
    now,
  }: { deliveryId: string; remaining: string[]; dead: string[]; now: Date },
): Promise<Recipients> {
  const values = [userId, now.toISOString(), deliveryId, JSON.stringify(remaining), JSON.stringify(dead)];
  return (await db.rows(recordOutcome, values))[0]!;
}

const endLease = statement(
  'notifications_end_lease',
  `update push_deliveries set leased_until = null
   where user_id = $1::uuid and settled_at is null and id in (select json_array_elements_text($2::json)::uuid)
   returning ${WITHOUT_WAITING}`,
);

export async function releaseDeliveries(db: Connection, userId: string, ids: string[]): Promise<void> {
  await db.rows(endLease, [userId, JSON.stringify(ids)]);
}

const usersToPush = statement<{ userId: string }>(
  'notifications_users_to_push',
  `select user_id as "userId" from notifications where push_state = 'pending'
   union
   select user_id from push_deliveries where settled_at is null`,
);

export async function usersWithPushes(db: Connection): Promise<string[]> {
  return (await db.rows(usersToPush, [])).map(({ userId }) => userId);
}

const upsertToken = statement(
  'notifications_upsert_token',
  `insert into push_tokens (id, token, user_id, session_id, platform, created_at, last_seen_at)
   values ($1::uuid, $2::text, $3::uuid, $4::uuid, $5::text::push_platform, $6::timestamptz, $6::timestamptz)
   on conflict (token) do update
   set user_id = excluded.user_id, session_id = excluded.session_id, platform = excluded.platform,
       last_seen_at = excluded.last_seen_at`,
);

export interface DeviceRow {
  id: string;
  token: string;
  userId: string;
  sessionId: string;
  platform: PushPlatform;
  now: Date;
}

/** A token is one phone: whoever registers it last has it. */
export async function saveDevice(tx: Transaction, device: DeviceRow): Promise<void> {
  await tx.rows(upsertToken, [
    device.id,
    device.token,
    device.userId,
    device.sessionId,
    device.platform,
    device.now.toISOString(),
  ]);
}

const removeOldest = statement(
  'notifications_remove_oldest_tokens',
  `delete from push_tokens where id in (
     select id from push_tokens where user_id = $1::uuid order by last_seen_at desc, id desc offset $2::int
   )`,
);

export async function keepNewestDevices(tx: Transaction, userId: string, count: number): Promise<void> {
  await tx.rows(removeOldest, [userId, count]);
}

const PURGE_BATCH = 5_000;
const purging = (table: string, alias: string, condition: string) =>
  statement<{ count: number }>(
    `notifications_purge_${table}`,
    `with gone as (
       delete from ${table} where id in (select ${alias}.id from ${table} ${alias} where ${condition} limit ${PURGE_BATCH})
       returning id
     )
     select count(*)::int as count from gone`,
  );

const purgeNotes = purging('notifications', 'n', 'n.created_at < $1::timestamptz');
const purgeDeliveries = purging('push_deliveries', 'd', 'd.created_at < $1::timestamptz');
const purgeTokens = purging(
  'push_tokens',
  't',
  `t.last_seen_at < $1::timestamptz or exists (
     select from sessions s where s.id = t.session_id and (s.revoked_at is not null or s.expires_at <= $2::timestamptz)
   )`,
);

/** Batch by batch, each a transaction of its own. */
export async function purgeBefore(
  db: Connection,
  limits: { notes: Date; deliveries: Date; tokensSeen: Date; now: Date },
): Promise<void> {
  const purges = [
    [purgeNotes, [limits.notes]],
    [purgeDeliveries, [limits.deliveries]],
    [purgeTokens, [limits.tokensSeen, limits.now]],
  ] as const;
  for (const [query, values] of purges) {
    const dates = values.map((date) => date.toISOString());
    while ((await db.rows(query, dates))[0]!.count === PURGE_BATCH);
  }
}

const dropWaiting = statement<never>(
  'notifications_drop_waiting',
  `with settled as (update push_deliveries set settled_at = $1::timestamptz, leased_until = null where settled_at is null)
   update notifications set push_state = 'dropped' where push_state = 'pending'`,
);

/** What waits to be pushed stays in the inbox and is not pushed: of a restored database, it was pushed long ago. */
export async function forgetWaitingPushes(tx: Transaction, now: Date): Promise<void> {
  await tx.rows(dropWaiting, [now.toISOString()]);
}
