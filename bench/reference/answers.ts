/** What the reference server answers to reads: the service's statements and shapes, without anything between. */
import type pg from 'pg';
import { z } from 'zod';
import { feedOf } from '../../src/modules/social/feed.queries.js';
import { periodOf, roundedForOthers } from '../../src/modules/walks/index.js';
import { boardOf } from '../../src/modules/rankings/rankings.queries.js';
import type { BoardQuery } from '../../src/modules/rankings/rankings.schemas.js';
import { placesNear } from '../../src/modules/places/places.queries.js';
import type { NearbyQuery } from '../../src/modules/places/places.schemas.js';
import { deletionScheduledAt } from '../../src/modules/users/index.js';
import { consentsNeeded } from '../../src/modules/users/terms.js';
import type { AccessClaims } from '../../src/platform/auth/access-tokens.js';
import type { Viewer } from '../../src/platform/auth/viewer.js';
import { addDays, kstDate } from '../../src/platform/clock/kst.js';
import { type Connection, statement } from '../../src/platform/database/database.js';
import { pageBy, type PageQuery, sealCursor, unsealCursor } from '../../src/platform/http/pagination.js';
import { isInKorea } from '../../src/platform/rules/korea.js';

/** What the service's query functions take: only `rows` of it is there, as they use nothing else. */
export const connectionOver = (client: pg.Pool | pg.PoolClient): Connection =>
  ({
    rows: async ({ name, text }, values) =>
      (await client.query({ name, text, values: [...values] })).rows as never,
  }) as Pick<Connection, 'rows'> as Connection;

/** Ends a request with this status. */
export class Refusal extends Error {
  constructor(readonly statusCode: number) {
    super('refused');
  }
}

const viewer = statement<Viewer>(
  'reference_viewer',
  `select u.id as "userId", s.id as "sessionId", u.role::text as "role", u.suspended_at is not null as "isSuspended",
          u.deletion_requested_at is not null as "isLeaving"
     from sessions s join users u on u.id = s.user_id
    where s.id = $1::uuid and s.user_id = $2::uuid and s.revoked_at is null and s.expires_at > $3::timestamptz`,
);

export async function viewerOf(db: Connection, { sid, sub }: AccessClaims): Promise<Viewer | undefined> {
  return (await db.rows(viewer, [sid, sub, new Date()]))[0];
}

const me = statement<MeRow>(
  'reference_me',
  `select id, nickname, bio, role::text as role, region_code as "regionCode",
          profile_visibility::text as "profileVisibility", created_at as "createdAt",
          deletion_requested_at as "deletionRequestedAt",
          (
            select coalesce(json_agg(provider order by first_at), '[]')
            from (
              select provider, min(linked_at) as first_at from identities
              where user_id = $1::uuid and unlinked_at is null group by provider
            ) linked
          ) as providers,
          (
            select coalesce(json_agg(newest), '[]')
            from (
              select distinct on (kind) kind, version, granted from consents
              where user_id = $1::uuid order by kind, at desc, id desc
            ) newest
          ) as consents
   from users where id = $1::uuid`,
);

interface MeRow {
  deletionRequestedAt: Date | null;
  consents: Parameters<typeof consentsNeeded>[0];
}

export async function getMe(db: Connection, userId: string) {
  const [row] = await db.rows(me, [userId]);
  if (!row) throw new Refusal(404);
  const { consents, deletionRequestedAt, ...rest } = row;
  return {
    ...rest,
    consentsNeeded: consentsNeeded(consents),
    deletionScheduledAt: deletionScheduledAt(deletionRequestedAt),
  };
}

const feedCursor = z.tuple([z.iso.datetime(), z.iso.datetime(), z.uuid()]);

export async function getFeed(db: Connection, viewerId: string, { cursor, limit }: PageQuery, key: string) {
  const [asOf, place, id] = unsealCursor(feedCursor, cursor, [key]) ?? [];
  const asked = { viewerId, asOf: asOf ? new Date(asOf) : new Date(), count: limit + 1 };
  const rows = await feedOf(db, {
    ...asked,
    after: place && id ? { place: new Date(place), id } : null,
  });
  const { items, nextCursor } = pageBy(rows, limit, (last) =>
    sealCursor([asked.asOf, last.place, last.id], key),
  );
  return { items: items.map((item) => ({ ...item, ...roundedForOthers(item) })), nextCursor };
}

const STEPS = { distance: 100, walks: 1, moving_time: 60 };
const boardCursor = z.tuple([z.string(), z.int(), z.int(), z.uuid()]);

/** Of the running period and the one before it: the premium of older ones is not here. */
export async function getBoard(db: Connection, viewerId: string, query: BoardQuery, key: string) {
  const { period, scope, metric, cursor, limit } = query;
  const today = kstDate(new Date());
  const name = `${period} ${scope} ${metric}`;
  const read = unsealCursor(boardCursor, cursor, [key]);
  if (read && read[0] !== name) throw new Refusal(422);
  const row = await boardOf(db, {
    ...{ viewerId, period, scope, metric, date: query.date ?? today, count: limit + 1 },
    after: read && { snapshotId: read[1], value: read[2], userId: read[3] },
  });
  const { snapshotId, items, members, shown, rank, formerRank, value, optedOut, ...board } = row;
  const { from } = periodOf(period, today);
  if (scope !== 'nation' && !board.regionCode) throw new Refusal(409);
  if (read && snapshotId === null) throw new Refusal(422);
  if (from !== null && board.startsOn < periodOf(period, addDays(from, -1)).from!) throw new Refusal(403);
  const listed = pageBy(shown ? items : [], limit, (last) =>
    sealCursor([name, snapshotId, last.value, last.userId], key),
  );
  const step = STEPS[metric];
  return {
    ...{ period, scope, metric, ...board, shown },
    members: shown ? members : null,
    me: { rank: shown ? rank : null, formerRank: shown ? formerRank : null, value, optedOut },
    items: listed.items.map(({ userId, nickname, ...item }) => ({
      ...item,
      value: userId === viewerId ? item.value : item.value - (item.value % step),
      user: userId !== null && nickname !== null ? { id: userId, nickname } : null,
      isMe: userId === viewerId,
    })),
    nextCursor: listed.nextCursor,
  };
}

const ATTRIBUTIONS = {
  animal_hospitals: '행정안전부 · 공공데이터포털',
  pet_tour: '한국관광공사 · 공공데이터포털',
};

export async function getNearby(db: Connection, { kind, lat, lng, radiusM, limit }: NearbyQuery) {
  if (!isInKorea(lat, lng)) throw new Refusal(422);
  const rows = await placesNear(db, { lat, lng, radiusM, kind: kind ?? null, count: limit });
  return { items: rows.map((place) => ({ ...place, attribution: ATTRIBUTIONS[place.source] })) };
}
