import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import type { ConsentKind } from '../../generated/prisma/enums.js';
import { codeOfTodaySql } from './region-codes.sql.js';
import type { Me } from './users.schemas.js';
import { isFollowedBy, isOpenTo, isThereFor } from './visibility.sql.js';

const lockRow = statement<{ id: string }>(
  'user_lock',
  `select id from users where id = $1::uuid for no key update`,
);

/** Makes what counts a user's things wait its turn until the transaction ends (pets, places in a quota). */
export async function lockUser(tx: Transaction, userId: string): Promise<void> {
  await tx.rows(lockRow, [userId]);
}

const lockTwo = statement(
  'users_lock_pair',
  `select pg_advisory_xact_lock(
     hashtextextended(least($1::uuid, $2::uuid)::text || greatest($1::uuid, $2::uuid)::text, 2)
   )::text`,
);

/**
 * Makes what the two do to each other wait its turn until the transaction ends, and nothing else: their rows are free
 * for the heavy work on either. Whoever needs a row's lock as well takes it after this one.
 */
export async function lockPair(tx: Transaction, oneId: string, otherId: string): Promise<void> {
  await tx.rows(lockTwo, [oneId, otherId]);
}

const holdOpenness = statement(
  'users_hold_openness',
  `select pg_advisory_xact_lock_shared(hashtextextended($1::uuid::text, 2))::text`,
);
const lockOpenness = statement(
  'users_lock_openness',
  `select pg_advisory_xact_lock(hashtextextended($1::uuid::text, 2))::text`,
);

/** Whether the profile is open stays as it is until the transaction ends. After the pair's lock. */
export async function holdProfile(tx: Transaction, userId: string): Promise<void> {
  await tx.rows(holdOpenness, [userId]);
}

/** For whoever opens or closes the profile. Before the row's lock. */
export async function lockProfile(tx: Transaction, userId: string): Promise<void> {
  await tx.rows(lockOpenness, [userId]);
}

/** @throws when there is no such user */
export async function nicknameOf(db: Connection, userId: string): Promise<string> {
  const user = await db.prisma.user.findUniqueOrThrow({ where: { id: userId }, select: { nickname: true } });
  return user.nickname;
}

const there = statement<{ id: string; isOpen: boolean }>(
  'users_there',
  `select u.id, ${isOpenTo('u', '$1::uuid')} as "isOpen"
   from users u where u.id = $2::uuid and ${isThereFor('u', '$1::uuid')}`,
);

/** The user as far as there is one for the viewer; null for whoever is blocked, suspended, leaving, or nobody. */
export async function userThereFor(db: Connection, viewerId: string, userId: string) {
  const [user] = await db.rows(there, [viewerId, userId]);
  return user ?? null;
}

const countOf = (side: 'follower' | 'followee', other: 'follower' | 'followee') => `(
  select count(*)::int from follows f join users other on other.id = f.${side}_id
  where f.${other}_id = u.id and ${isThereFor('other', '$1::uuid')}
)`;

const profile = statement<ProfileRow>(
  'users_profile',
  `select u.id, u.nickname, u.bio, u.region_code as "regionCode", u.created_at as "createdAt",
          u.profile_visibility = 'private' as "isPrivate", ${isOpenTo('u', '$1::uuid')} as "isOpen",
          ${isFollowedBy('u', '$1::uuid')} as "isFollowing",
          exists (select from follows where follower_id = u.id and followee_id = $1::uuid) as "followsMe",
          exists (select from follow_requests where requester_id = $1::uuid and target_id = u.id) as "isRequested",
          ${countOf('follower', 'followee')} as followers, ${countOf('followee', 'follower')} as following
   from users u where u.id = $2::uuid and ${isThereFor('u', '$1::uuid')}`,
);

export interface ProfileRow {
  id: string;
  nickname: string;
  bio: string | null;
  regionCode: string | null;
  createdAt: Date;
  isPrivate: boolean;
  /** Whether the viewer may see more than the name. */
  isOpen: boolean;
  isFollowing: boolean;
  followsMe: boolean;
  isRequested: boolean;
  /** Of those who exist for the viewer. */
  followers: number;
  following: number;
}

export async function profileOf(db: Connection, viewerId: string, userId: string) {
  const [row] = await db.rows(profile, [viewerId, userId]);
  return row ?? null;
}

export interface Privacy {
  seed: Uint8Array;
  revision: number;
  zones: { lat: number; lng: number; radiusM: number }[];
}

const account = statement<AccountRow>(
  'users_account',
  `select id, nickname, bio, role::text as role, region_code as "regionCode",
          profile_visibility::text as "profileVisibility", created_at as "createdAt",
          deletion_requested_at as "deletionRequestedAt",
          (select coalesce(json_agg(provider order by linked_at), '[]') from (
             select provider, min(linked_at) as linked_at from identities
             where user_id = users.id and unlinked_at is null group by provider
           ) linked) as providers,
          (select coalesce(json_agg(newest), '[]') from (
             select distinct on (kind) kind, version, granted from consents where user_id = users.id
             order by kind, at desc, id desc
           ) newest) as "newestConsents"
   from users where id = $1::uuid`,
);

interface AccountRow extends Omit<Me, 'consentsNeeded' | 'deletionScheduledAt'> {
  deletionRequestedAt: Date | null;
  /** What each kind was last answered. */
  newestConsents: { kind: ConsentKind; version: string; granted: boolean }[];
}

/** What somebody sees of their own account. */
export async function accountOf(db: Connection, userId: string): Promise<AccountRow | null> {
  return (await db.rows(account, [userId]))[0] ?? null;
}

/** A user's `Privacy` as JSON, to be read with something else of theirs by `privacyFrom`. */
export const privacyAsJson = (userId: string): string =>
  `(select json_build_object(
            'seed', encode(privacy_seed, 'hex'), 'revision', privacy_revision,
            'zones', (select coalesce(json_agg(json_build_object('lat', lat, 'lng', lng, 'radiusM', radius_m) order by id), '[]')
                      from privacy_zones where user_id = users.id)
          ) from users where id = ${userId})`;

export type PrivacyAsJson = Omit<Privacy, 'seed'> & { seed: string };

export const privacyFrom = (json: PrivacyAsJson): Privacy => ({
  ...json,
  seed: Buffer.from(json.seed, 'hex'),
});

const privacy = statement<{ privacy: PrivacyAsJson | null }>(
  'users_privacy',
  `select ${privacyAsJson('$1::uuid')} as privacy`,
);

/** What hides the user's places from everybody else. Never leaves the server. */
export async function privacyOf(db: Connection, userId: string): Promise<Privacy | null> {
  const [row] = await db.rows(privacy, [userId]);
  return row?.privacy ? privacyFrom(row.privacy) : null;
}

const locationConsent = statement<{ granted: boolean }>(
  'users_location_consent',
  `select granted from consents where user_id = $1::uuid and kind = 'location' order by at desc, id desc limit 1`,
);

/**
 * Whether the user lets their location be used: the newest record of it holds, and who never said so does not.
 * 위치정보법 제18조
 */
export async function hasLocationConsent(db: Connection, userId: string): Promise<boolean> {
  return (await db.rows(locationConsent, [userId]))[0]?.granted === true;
}

const homeRegion = statement<{ code: string; isKnown: boolean }>(
  'users_home_region',
  `select code, not exists (select from regions where imported_at is not null)
            or exists (select from regions where regions.code = today.code and retired_at is null)
            or exists (select from region_aliases where new_code = today.code) as "isKnown"
   from (select ${codeOfTodaySql('$1::text')} as code) today`,
);

/** A region's code as it is today; null when boundaries were imported and none has it. */
export async function knownRegionCode(db: Connection, code: string): Promise<string | null> {
  const [region] = await db.rows(homeRegion, [code]);
  return region!.isKnown ? region!.code : null;
}
