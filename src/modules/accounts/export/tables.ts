import { isThereFor } from '../../users/index.js';

/** What of a table is the user's, as one file of JSON Lines. Of `t`, the table's row. */
export interface ExportTable {
  table: string;
  /** $1 is the user. */
  where?: string;
  /** Tells rows of one user apart, as text; `t.id` unless told. */
  key?: string;
  /** Columns that stay here: secrets, what the service only derives, and what is about somebody else. */
  omit?: readonly string[];
  /** One row may be big. */
  pageSize?: number;
  /** The file's name, where it is not the table's. */
  file?: string;
}

const ofWalks = 't.walk_id in (select id from walks where user_id = $1::uuid)';
const ofSubscriptions = 't.subscription_id in (select id from subscriptions where user_id = $1::uuid)';

/** Nobody, oneself while leaving, or somebody who exists for the user. */
const isSeen = (person: string) => `(
  ${person} is null or ${person} = $1::uuid
  or exists (select from users other where other.id = ${person} and ${isThereFor('other', '$1::uuid')})
)`;

/** Everything that somebody owns, or that is about them and theirs to see. `NOT_EXPORTED` says what is not, and why. */
export const EXPORTED: readonly ExportTable[] = [
  { table: 'users', where: 't.id = $1::uuid', omit: ['privacy_seed', 'privacy_revision'] },
  { table: 'identities', omit: ['refresh_token_sealed'] },
  { table: 'sessions' },
  { table: 'consents' },
  { table: 'privacy_zones' },
  { table: 'location_uses' },
  { table: 'pets' },
  { table: 'health_records', where: 't.pet_id in (select id from pets where user_id = $1::uuid)' },
  {
    table: 'walks',
    omit: ['safe_preview', 'privacy_revision', 'safe_distance_m', 'track_fingerprint', 'duplicate_of_id'],
  },
  { table: 'walk_pets', where: ofWalks, key: `t.walk_id || ' ' || t.pet_id` },
  {
    table: 'walk_chunks',
    where: ofWalks,
    key: `t.walk_id || ' ' || encode(t.content_hash, 'hex')`,
    omit: ['content_hash'],
    pageSize: 5,
  },
  { table: 'walk_weather', where: ofWalks, key: 't.walk_id::text' },
  { table: 'walk_contributions', key: 't.walk_id::text' },
  { table: 'user_totals', key: `t.period || ' ' || t.starts_on` },
  { table: 'streak_shields' },
  { table: 'user_badges', key: `t.code || ' ' || t.year` },
  { table: 'hall_of_fame' },
  {
    table: 'notifications',
    where: `t.user_id = $1::uuid and t.retracted_at is null and ${isSeen('t.actor_id')} and (
      t.walk_id is null or exists (select from walks w where w.id = t.walk_id and ${isSeen('w.user_id')})
    )`,
    omit: ['dedupe_key', 'group_key', 'delivery_id'],
  },
  { table: 'push_tokens', omit: ['token'] },
  { table: 'follows', file: 'following', where: 't.follower_id = $1::uuid', key: 't.followee_id::text' },
  {
    table: 'follows',
    file: 'followers',
    where: `t.followee_id = $1::uuid and ${isSeen('t.follower_id')}`,
    key: 't.follower_id::text',
  },
  { table: 'follow_requests', file: 'follow_requests_sent', where: 't.requester_id = $1::uuid' },
  {
    table: 'follow_requests',
    file: 'follow_requests_received',
    where: `t.target_id = $1::uuid and ${isSeen('t.requester_id')}`,
  },
  { table: 'blocks', where: 't.blocker_id = $1::uuid', key: 't.blocked_id::text' },
  { table: 'walk_likes', key: 't.walk_id::text' },
  { table: 'walk_comments' },
  {
    table: 'invitations',
    file: 'invitations_sent',
    where: `t.inviter_id = $1::uuid and ${isSeen('t.invitee_id')}`,
  },
  {
    table: 'invitations',
    file: 'invitations_received',
    where: `t.invitee_id = $1::uuid and ${isSeen('t.inviter_id')}`,
  },
  { table: 'meetups', where: 't.host_id = $1::uuid' },
  { table: 'meetup_participants', key: 't.meetup_id::text' },
  { table: 'room_members', key: 't.room_id::text' },
  {
    table: 'reports',
    where: 't.reporter_id = $1::uuid',
    omit: ['reporter_id', 'target_user_id', 'snapshot', 'settled_at', 'state'],
  },
  { table: 'subscriptions', omit: ['token_sealed', 'standing'] },
  { table: 'subscription_changes', where: ofSubscriptions },
  {
    table: 'ledger_entries',
    // Of a subscription that came from another account, not what was paid there.
    where: `exists (
      select from subscriptions s where s.id = t.subscription_id and s.user_id = $1::uuid and not exists (
        select from ledger_entries formers
        where formers.subscription_id = s.id and formers.period_id = t.period_id and formers.at <= s.transferred_at
      )
    )`,
  },
  { table: 'charge_consents', where: ofSubscriptions },
  { table: 'toss_contracts', where: ofSubscriptions, key: 't.subscription_id::text' },
  { table: 'toss_orders', where: ofSubscriptions, omit: ['payment_key'] },
  { table: 'billing_methods', omit: ['billing_key_sealed', 'billing_key_hash'] },
  { table: 'walk_shares', omit: ['token_hash'] },
];

/** The other tables that say something of a user. */
export const NOT_EXPORTED: Readonly<Record<string, string>> = {
  walk_tracks: 'as walks/<id>.gpx',
  photos: 'as photos.jsonl, with links instead of storage keys',
  upload_intents: 'half an upload, for minutes',
  walk_places: 'cells that follow from the tracks',
  refresh_tokens: 'secrets',
  ranking_rows: 'places on the boards of each hour, which tell of others as well',
  recommendations: 'guesses about others, made anew every 12 h',
  push_deliveries: 'what the notifications say, on its way',
  idempotency_keys: 'answers that were given, for a day',
  subscription_facts: 'what the changes and payments are derived from',
  audit_log: 'acts of moderators; those of a moderator are not about the moderator',
  erasures: 'there is none of somebody who can ask',
  provider_events: 'that a link ended, for 30 days',
};
