import { NIL } from 'uuid';
import { type Connection, statement, type Transaction } from '../../platform/database/database.js';

const leavers = statement<{ id: string }>(
  'accounts_leavers',
  `select id from users u
   where deletion_requested_at <= $1::timestamptz and not exists (select from erasures where user_id = u.id)
   order by deletion_requested_at
   limit $2::int`,
);

/** Who asked for the deletion by then, and is not being erased yet. */
export async function leaversUntil(db: Connection, requestedBy: Date, count: number): Promise<string[]> {
  return (await db.rows(leavers, [requestedBy.toISOString(), count])).map(({ id }) => id);
}

const folders = statement<{ folder: string }>(
  'accounts_folders',
  `select storage_key as folder from photos p
   where user_id = $1::uuid and not exists (
     select from reports where target_kind = 'photo' and target_id = p.id and state = 'open'
   )
   union all select storage_key from upload_intents where user_id = $1::uuid
   union all select 'cards/' || id from walks where user_id = $1::uuid and state <> 'deleted'`,
);

/** Everything of the user in the storage, but what is kept as evidence. */
export async function foldersOf(db: Connection, userId: string): Promise<string[]> {
  return (await db.rows(folders, [userId])).map(({ folder }) => folder);
}

const PART = 5_000;

interface Part {
  /** Of the last key; null after the end. */
  last: string | null;
}

/** Others' notes that name the user, and what was pushed of them; by the key, as no index tells what they say. */
const mentions = statement<Part>(
  'accounts_forget_mentions',
  `with part as materialized (
     select id, actor_id, walk_id, delivery_id, data from notifications where id > $2::uuid order by id limit ${PART}
   ), naming as materialized (
     select id, delivery_id from part
     where actor_id = $1::uuid or walk_id in (select id from walks where user_id = $1::uuid)
       or position($1::uuid::text in data::text) > 0
   ), pushes as (
     update push_deliveries set title = '', body = '', data = '{}'
     where id in (select delivery_id from naming)
   ), notes as (
     delete from notifications where id in (select id from naming)
   )
   select (select id::text from part order by id desc limit 1) as last`,
);

/** Answers are kept for a day, the user's own go by their key. */
const answers = statement<Part>(
  'accounts_forget_answers',
  `with part as materialized (
     select user_id, key, answer from idempotency_keys
     where (user_id, key) > (left($2::text, 36)::uuid, substr($2::text, 37)) order by user_id, key limit ${PART}
   ), gone as (
     delete from idempotency_keys
     where (user_id, key) in (
       select user_id, key from part where user_id = $1::uuid or position($1::uuid::text in answer::text) > 0
     )
   )
   select (select user_id || key from part order by user_id desc, key desc limit 1) as last`,
);

/** Through whole tables, part by part: each a short transaction, and the next run may begin again. */
export async function forgetMentions(db: Connection, userId: string): Promise<void> {
  for (const query of [mentions, answers])
    for (let after: string | null = NIL; after;) after = (await db.rows(query, [userId, after]))[0]!.last;
}

/** What names the user outside of the user's own rows, and what of these would outlive the user's row. */
const TRACES = {
  quotas: `delete from daily_quotas where right(name, 36) = $1::uuid::text`,
  // Each place of the old boards stays, and no two of them tell that they were the same person's.
  boards: `update ranking_rows set user_id = gen_random_uuid()
    where snapshot_id in (select id from ranking_snapshots) and user_id = $1::uuid`,
  callbacks: `delete from provider_events e using identities i
    where i.user_id = $1::uuid and e.provider = i.provider and e.subject = i.provider_user_id`,
  consents: `delete from consents where user_id = $1::uuid and kind <> 'marketing'`,
  person: `update users set nickname = '탈퇴한 사용자', bio = null, region_code = null, last_completed_at = null, muted_notifications = '{}'
    where id = $1::uuid`,
};
const traces = Object.entries(TRACES).map(([what, sql]) => statement<never>(`accounts_forget_${what}`, sql));

export async function forgetPerson(tx: Transaction, userId: string): Promise<void> {
  for (const trace of traces) await tx.rows(trace, [userId]);
}

const someWalks = statement<{ id: string }>(
  'accounts_delete_walks',
  `delete from walks where id in (select id from walks where user_id = $1::uuid order by id limit $2::int)
   returning id`,
);

/** With all that hangs on them. @returns their ids, up to `count` */
export async function deleteWalks(tx: Transaction, userId: string, count: number): Promise<string[]> {
  return (await tx.rows(someWalks, [userId, count])).map(({ id }) => id);
}
