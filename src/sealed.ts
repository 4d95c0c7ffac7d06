import type { HashedPlace, Places, SealedPlace } from './platform/crypto/resealing.js';
import { statement } from './platform/database/database.js';

const RESEALED = `json_to_recordset($1::json) as r(id text, former text, sealed text, hash text)`;

/** @param more a further column to set, from `r` */
const column = (table: string, name: string, more = ''): SealedPlace => ({
  name: `${table}.${name}`,
  page: statement(
    `reseal_${table}_page`,
    `select id, encode(${name}, 'base64') as sealed from ${table}
     where id > $1::uuid and ${name} is not null order by id limit $2::int`,
  ),
  write: statement(
    `reseal_${table}`,
    `update ${table} t set ${name} = decode(r.sealed, 'base64')${more} from ${RESEALED}
     where t.id = r.id::uuid and t.${name} = decode(r.former, 'base64') returning t.id`,
  ),
});

const ID_OF_ANSWER = `user_id::text || ' ' || md5(key)`;

/** Links of shares, in the answers that are kept for a day. */
const shareTokens: SealedPlace = {
  name: 'idempotency_keys.answer',
  page: statement(
    'reseal_answers_page',
    `select ${ID_OF_ANSWER} as id, answer->>'sealedToken' as sealed from idempotency_keys
     where answer->>'sealedToken' is not null and ${ID_OF_ANSWER} > $1::text
     order by ${ID_OF_ANSWER} limit $2::int`,
  ),
  write: statement(
    'reseal_answers',
    `update idempotency_keys set answer = jsonb_set(answer, '{sealedToken}', to_jsonb(r.sealed)) from ${RESEALED}
     where ${ID_OF_ANSWER} = r.id and answer->>'sealedToken' = r.former returning ${ID_OF_ANSWER} as id`,
  ),
};

/** Of cards, and of people who left, nothing but the hash is kept: it cannot be made again. */
const trials: HashedPlace = {
  name: 'trial_uses.hash',
  page: statement(
    'rehash_trials_page',
    `select id, 'trial:person:' || provider::text || ':' || provider_user_id as clear from identities
     where id > $1::uuid order by id limit $2::int`,
  ),
  write: statement(
    'rehash_trials',
    `with pairs as (
       select decode(former, 'base64') as former, decode(present, 'base64') as present
       from json_to_recordset($1::json) as r(former text, present text)
     ), moved as (
       insert into trial_uses (holder, hash, used_at)
       select t.holder, p.present, t.used_at from pairs p
       join trial_uses t on t.holder = 'person' and t.hash = p.former
       on conflict do nothing
     )
     delete from trial_uses t using pairs p where t.holder = 'person' and t.hash = p.former
     returning encode(p.present, 'base64') as present`,
  ),
};

/** All that ENCRYPTION_KEY seals or hashes at rest. (Links and cursors are good for hours, and checked with both keys.) */
export const sealed: Places = {
  sealed: [
    column('identities', 'refresh_token_sealed'),
    column('subscriptions', 'token_sealed'),
    column('billing_methods', 'billing_key_sealed', `, billing_key_hash = decode(r.hash, 'base64')`),
    column('store_events', 'body_sealed'),
    column('erasures', 'owed_sealed'),
    shareTokens,
  ],
  hashed: [trials],
};
