import { Injectable } from '@nestjs/common';
import type { Prisma } from '../../generated/prisma/client.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { FileDeletions } from '../../platform/storage/file-deletions.js';
import { FileLinks } from '../../platform/storage/file-links.js';
import { ownedPet, petNotFound } from '../pets/index.js';
import { type Position, walkNotFound, Walks } from '../walks/index.js';
import { PhotoFiles, type StoredImage } from './photo-files.js';
import { fixTimeOf } from './photo-place-rules.js';
import { photoNotFound, tooManyPhotos } from './photos.errors.js';
import {
  countPhotosOf,
  findOwnPhoto,
  lockPetOf,
  lockWalkAndCountPhotos,
  type PhotoRow,
  photosOf,
} from './photos.queries.js';

const MAX_PHOTOS_OF_WALK = 10;

/** What a photo is of. */
export type Subject = { walkId: string; petId?: undefined } | { petId: string; walkId?: undefined };

/** Something of the user's own that has room for a photo; of a walk, with its fixes. */
interface CheckedSubject {
  userId: string;
  subject: Subject;
  walk: Awaited<ReturnType<Walks['fixesOf']>> | null;
}

/** A photo whose files are stored, and whose row is to come. */
export interface NewPhoto {
  id: string;
  userId: string;
  subject: Subject;
  image: StoredImage;
  fixAtMs: number | null;
}

@Injectable()
export class Photos {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly walks: Walks,
    private readonly files: PhotoFiles,
    private readonly links: FileLinks,
    private readonly deletions: FileDeletions,
  ) {}

  /** Before anything costly is done; `insert` asks again. @throws walk-not-found, pet-not-found, too-many-photos */
  async checkSubject(userId: string, subject: Subject): Promise<CheckedSubject> {
    const { walkId, petId } = subject;
    if (walkId !== undefined) {
      const walk = await this.walks.fixesOf(userId, walkId);
      if ((await countPhotosOf(this.db, walkId)) >= MAX_PHOTOS_OF_WALK) throw tooManyPhotos();
      return { userId, subject, walk };
    }
    if (!(await ownedPet(this.db, userId, petId))) throw petNotFound();
    return { userId, subject, walk: null };
  }

  /**
   * Files first, then the row by `insert`: whoever sees the photo can load it, and what fails in between leaves files
   * that no row names. No transaction is open while pictures are made and sent.
   * @throws storage-unavailable, and what `Images` refuses
   */
  async prepare(id: string, { userId, subject, walk }: CheckedSubject, original: Buffer): Promise<NewPhoto> {
    const image = await this.files.store(original);
    const inTime = walk && { startedAtMs: walk.startedAt.getTime(), fixes: walk.fixes };
    const fixAtMs = inTime && fixTimeOf(image.taken, inTime, this.clock.nowMs());
    return { id, userId, subject, image, fixAtMs };
  }

  /** @throws walk-not-found, pet-not-found, too-many-photos */
  async insert(tx: Transaction, { id, userId, subject, image, fixAtMs }: NewPhoto): Promise<void> {
    const { walkId, petId } = subject;
    if (walkId !== undefined) {
      const count = await lockWalkAndCountPhotos(tx, userId, walkId);
      if (count === null) throw walkNotFound();
      if (count >= MAX_PHOTOS_OF_WALK) throw tooManyPhotos();
    } else {
      if (!(await lockPetOf(tx, userId, petId))) throw petNotFound();
      await tx.prisma.photo.deleteMany({ where: { petId } }); // a pet has one portrait
      await this.deletions.soon(tx);
    }
    tx.tally('photo-added');
    await tx.prisma.photo.create({
      data: {
        ...{ id, userId, ...subject },
        kind: walkId === undefined ? 'pet_profile' : 'walk_photo',
        storageKey: image.folder,
        widthPx: image.widthPx,
        heightPx: image.heightPx,
        fixAt: fixAtMs === null ? null : new Date(fixAtMs),
        createdAt: this.clock.now(),
      },
      select: { id: true },
    });
  }

  /** The files of one whose row does not come. */
  async discard({ image }: NewPhoto): Promise<void> {
    await this.files.discard(image.folder);
  }

  /** @throws walk-not-found */
  async list(viewerId: string, walkId: string) {
    const rows = await photosOf(this.db, viewerId, walkId);
    const times = rows.map(({ fixAt }) => fixAt);
    const positions = await this.walks.positionsAt(viewerId, walkId, times);
    return { items: rows.map((row, i) => this.viewOf(row, viewerId, positions[i]!)) };
  }

  /** @throws photo-not-found */
  async getOwn(userId: string, photoId: string) {
    const row = await findOwnPhoto(this.db, userId, photoId);
    if (!row) throw photoNotFound();
    const position =
      row.walkId === null ? null : (await this.walks.positionsAt(userId, row.walkId, [row.fixAt]))[0]!;
    return this.viewOf(row, userId, position);
  }

  /** @throws photo-not-found */
  async delete(userId: string, walkId: string, photoId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const { count } = await tx.prisma.photo.deleteMany({ where: { id: photoId, walkId, userId } });
      if (count === 0) throw photoNotFound();
      await this.deletions.soon(tx);
    });
  }

  /** The pet has none afterwards, whether it had one or not. @throws pet-not-found */
  async deleteOfPet(userId: string, petId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (!(await lockPetOf(tx, userId, petId))) throw petNotFound();
      await tx.prisma.photo.deleteMany({ where: { petId } });
      await this.deletions.soon(tx);
    });
  }

  async deleteOfDeletedWalk(walkId: string): Promise<void> {
    await this.deleteAll({ walkId, walk: { state: 'deleted' } });
  }

  async deleteOfRemovedPet(petId: string): Promise<void> {
    await this.deleteAll({ petId, pet: { removedAt: { not: null } } });
  }

  private async deleteAll(where: Prisma.PhotoWhereInput): Promise<void> {
    await this.db.transaction(async (tx) => {
      const { count } = await tx.prisma.photo.deleteMany({ where });
      if (count > 0) await this.deletions.soon(tx);
    });
  }

  /** By a moderator: only its owner sees it from then on. @returns false when there is nothing to hide */
  async hide(tx: Transaction, photoId: string): Promise<boolean> {
    const { count } = await tx.prisma.photo.updateMany({
      where: { id: photoId, hiddenAt: null },
      data: { hiddenAt: this.clock.now() },
    });
    return count > 0;
  }

  /** @returns false when it was not hidden */
  async unhide(tx: Transaction, photoId: string): Promise<boolean> {
    const { count } = await tx.prisma.photo.updateMany({
      where: { id: photoId, hiddenAt: { not: null } },
      data: { hiddenAt: null },
    });
    return count > 0;
  }

  private viewOf(row: PhotoRow, viewerId: string, position: Position | null) {
    const { id, kind, walkId, petId, widthPx, heightPx } = row;
    const mine = row.userId === viewerId;
    return {
      ...{ id, kind, walkId, petId, mine, widthPx, heightPx, position },
      ...this.links.urlsOf(id, viewerId),
      takenAt: mine ? row.fixAt : null,
      isHidden: row.hiddenAt !== null,
    };
  }
}
