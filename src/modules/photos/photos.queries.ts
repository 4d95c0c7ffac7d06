import type { PhotoKind } from '../../generated/prisma/enums.js';
import { type Connection, statement, type Transaction } from '../../platform/database/database.js';
import { isThere, isWalkVisibleTo } from '../users/index.js';
import { lockOwnWalk } from '../walks/index.js';

/** The portrait of a removed pet is gone, before the job that deletes it runs. */
const isOf = (user: string) => `(
  p.user_id = ${user}
  and (p.pet_id is null or exists (select from pets where id = p.pet_id and removed_at is null))
)`;

/** Of a hidden photo and of a pet's portrait, only the owner. A walk's photos are for whoever may see the walk. */
const isVisibleTo = (viewer: string) => `(
  ${isOf(viewer)}
  or (p.hidden_at is null and exists (
    select from walks w join users walker on walker.id = w.user_id
    where w.id = p.walk_id and ${isWalkVisibleTo('w', 'walker', viewer)}
  ))
)`;

/** Asked of whom a link was given to: no guard looked at them. */
const isViewerThere = (viewer: string, atLeast = 'user') => `
  exists (select from users u where u.id = ${viewer} and u.role >= '${atLeast}' and ${isThere('u')})`;

/** Somebody who deals with reports looks at what was reported. */
const isReportedTo = (viewer: string) => `(
  exists (select from reports r where r.target_user_id = p.user_id and r.target_kind = 'photo' and r.target_id = p.id)
  and ${isViewerThere(viewer, 'moderator')}
)`;

const PHOTO = `p.id, p.user_id as "userId", p.kind::text as kind, p.walk_id as "walkId", p.pet_id as "petId",
  p.width_px as "widthPx", p.height_px as "heightPx", p.fix_at as "fixAt", p.hidden_at as "hiddenAt"`;

export interface PhotoRow {
  id: string;
  userId: string;
  kind: PhotoKind;
  walkId: string | null;
  petId: string | null;
  widthPx: number;
  heightPx: number;
  fixAt: Date | null;
  hiddenAt: Date | null;
}

const ofWalk = statement<PhotoRow>(
  'photos_of_walk',
  `select ${PHOTO} from photos p
   where p.walk_id = $2::uuid and ${isVisibleTo('$1::uuid')}
   order by p.created_at, p.id`,
);

/** What the viewer may see of a walk's photos, the first one first. */
export const photosOf = (db: Connection, viewerId: string, walkId: string): Promise<PhotoRow[]> =>
  db.rows(ofWalk, [viewerId, walkId]);

const own = statement<PhotoRow>(
  'photos_own',
  `select ${PHOTO} from photos p where p.id = $2::uuid and ${isOf('$1::uuid')}`,
);

export async function findOwnPhoto(
  db: Connection,
  userId: string,
  photoId: string,
): Promise<PhotoRow | null> {
  return (await db.rows(own, [userId, photoId]))[0] ?? null;
}

const visible = statement<{ userId: string }>(
  'photos_visible',
  `select p.user_id as "userId" from photos p where p.id = $2::uuid and ${isVisibleTo('$1::uuid')}`,
);

/** Whose it is, when the viewer may see it. */
export async function ownerOfVisiblePhoto(
  db: Connection,
  viewerId: string,
  photoId: string,
): Promise<string | null> {
  return (await db.rows(visible, [viewerId, photoId]))[0]?.userId ?? null;
}

const fileOf = statement<PhotoFolder>(
  'photos_file',
  `select p.storage_key as folder, p.user_id = $1::uuid as "isOwn" from photos p
   where p.id = $2::uuid and (
     ${isOf('$1::uuid')}
     or (${isVisibleTo('$1::uuid')} and ${isViewerThere('$1::uuid')}) or ${isReportedTo('$1::uuid')}
   )
   union all
   select evidence.storage_key, false from file_deletions evidence
   where evidence.kept_for = $2::uuid and ${isViewerThere('$1::uuid', 'moderator')}`,
);

interface PhotoFolder {
  folder: string;
  isOwn: boolean;
}

/** The folder of a photo, when the viewer may see it by now. */
export async function findFolder(
  db: Connection,
  viewerId: string,
  photoId: string,
): Promise<PhotoFolder | null> {
  return (await db.rows(fileOf, [viewerId, photoId]))[0] ?? null;
}

const release = statement<never>(
  'photos_release_evidence',
  `update file_deletions set at = now(), kept_for = null where kept_for = $1::uuid`,
);

/** The files of a photo that was deleted while it was reported: nobody has to look at them any more. */
export async function releaseEvidence(tx: Transaction, photoId: string): Promise<void> {
  await tx.rows(release, [photoId]);
}

const countPhotos = statement<{ photos: number }>(
  'photos_count',
  `select count(*)::int as photos from photos where walk_id = $1::uuid`,
);

export async function countPhotosOf(db: Connection, walkId: string): Promise<number> {
  return (await db.rows(countPhotos, [walkId]))[0]!.photos;
}

/** Holds one's own walk, so that its photos come one after the other. @returns how many it has; null for no such walk */
export async function lockWalkAndCountPhotos(
  tx: Transaction,
  userId: string,
  walkId: string,
): Promise<number | null> {
  const walk = await lockOwnWalk(tx, userId, walkId);
  // Not in the same statement, which would not see what whoever held it before has added.
  return walk ? countPhotosOf(tx, walkId) : null;
}

const lockPet = statement<{ id: string }>(
  'photos_lock_pet',
  `select id from pets where id = $2::uuid and user_id = $1::uuid and removed_at is null for no key update`,
);

/** @returns false for no such pet of this user */
export async function lockPetOf(tx: Transaction, userId: string, petId: string): Promise<boolean> {
  return (await tx.rows(lockPet, [userId, petId])).length > 0;
}

const takeIntent = statement<{ id: string }>(
  'photos_take_intent',
  `delete from upload_intents where id = $1::uuid returning id`,
);

/** Of two who complete an upload at once, one takes it. */
export async function takeUpload(tx: Transaction, uploadId: string): Promise<boolean> {
  return (await tx.rows(takeIntent, [uploadId])).length > 0;
}

const named = statement<{ storageKey: string }>(
  'photos_named_folders',
  `select key as "storageKey" from json_array_elements_text($1::json) as key
   where exists (select from photos where storage_key = key)
      or exists (select from upload_intents where storage_key = key)
      or exists (select from file_deletions where storage_key = key)
      or case when key ~ '^cards/[0-9a-f-]{36}$' then exists (
           select from walks where id = substr(key, 7)::uuid and state = 'completed'
         ) else false end`,
);

/** Those of these folders that some row names, or that wait to be deleted. */
export async function foldersInUse(db: Connection, folders: readonly string[]): Promise<Set<string>> {
  const rows = await db.rows(named, [JSON.stringify(folders)]);
  return new Set(rows.map(({ storageKey }) => storageKey));
}
