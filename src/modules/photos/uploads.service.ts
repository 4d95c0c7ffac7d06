import { Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { v4 as uuidv4 } from 'uuid';
import type { UploadIntent } from '../../generated/prisma/client.js';
import { CONFIG, type Config } from '../../config/config.js';
import { Clock } from '../../platform/clock/clock.js';
import { keyedHash, keysOf, sameSecret } from '../../platform/crypto/secrets.js';
import { Database } from '../../platform/database/database.js';
import { FileRoom, readExactly, type UploadedFile } from '../../platform/http/file-body.js';
import { Idempotency, type Once } from '../../platform/http/idempotency.js';
import { Problem, serviceUnavailable } from '../../platform/http/problem.js';
import { FileDeletions } from '../../platform/storage/file-deletions.js';
import { Storage } from '../../platform/storage/storage.js';
import { lockUser } from '../users/index.js';
import { newFolder, originalIn, reaching, UPLOADS } from './photo-files.js';
import { tooManyUploads, uploadDiffers, uploadNotFound, uploadNotReceived } from './photos.errors.js';
import { findOwnPhoto, takeUpload } from './photos.queries.js';
import type { PresignIn } from './photos.schemas.js';
import { type NewPhoto, Photos, type Subject } from './photos.service.js';

const EXPIRES_IN_S = 600;
const MAX_UPLOADS = 20;

/** The two ways of a photo into the house: through the app, or straight to the storage and then made known. */
@Injectable()
export class Uploads {
  private readonly keys: readonly [string, ...string[]];
  private readonly publicUrl: string;
  private readonly receiving = new Set<string>();
  private readonly completing = new Map<string, ReturnType<Photos['getOwn']>>();

  constructor(
    private readonly db: Database,
    private readonly idempotency: Idempotency,
    private readonly storage: Storage,
    private readonly photos: Photos,
    private readonly clock: Clock,
    private readonly deletions: FileDeletions,
    private readonly room: FileRoom,
    @Inject(CONFIG) config: Config,
  ) {
    this.keys = keysOf(config);
    this.publicUrl = config.http.publicUrl ?? '';
  }

  /** @throws as `Photos.prepare` and `Photos.insert` */
  async add(userId: string, subject: Subject, { bytes }: UploadedFile, once: Once | null) {
    const before = await this.idempotency.answered<{ photoId: string }>(once);
    if (before) return this.photos.getOwn(userId, before.photoId);
    const checked = await this.photos.checkSubject(userId, subject);
    const photo = await this.photos.prepare(uuidv4(), checked, bytes);
    const { photoId } = await this.orDiscard(
      photo,
      this.idempotency.run(once, async (tx) => {
        await this.photos.insert(tx, photo);
        return { photoId: photo.id };
      }),
    );
    if (photoId !== photo.id) await this.photos.discard(photo); // the same request came first
    return this.photos.getOwn(userId, photoId);
  }

  /**
   * Needs no idempotency key: what is announced twice is not sent twice, and goes by itself.
   * @throws walk-not-found, pet-not-found, too-many-photos, too-many-uploads
   */
  async presign(userId: string, { kind, mediaType, sizeBytes, ...subject }: PresignIn) {
    await this.photos.checkSubject(userId, subject);
    const now = this.clock.now();
    const uploadId = uuidv4(); // that of the photo, too: it must not tell when
    const storageKey = newFolder(UPLOADS);
    const expiresAt = new Date(now.getTime() + EXPIRES_IN_S * 1_000);
    await this.db.transaction(async (tx) => {
      await lockUser(tx, userId);
      // Also those that have ended: their files may be there until they are forgotten.
      const announced = await tx.prisma.uploadIntent.count({ where: { userId } });
      if (announced >= MAX_UPLOADS) throw tooManyUploads({ headers: { 'retry-after': '60' } });
      await tx.prisma.uploadIntent.create({
        data: {
          ...{ id: uploadId, userId, kind, ...subject },
          ...{ storageKey, mediaType, sizeBytes, createdAt: now, expiresAt },
        },
        select: { id: true },
      });
    });
    const direct = await this.storage.directUpload(
      originalIn(storageKey),
      mediaType,
      sizeBytes,
      EXPIRES_IN_S,
    );
    const here = {
      url: `${this.publicUrl}/upload/direct/${uploadId}.${signatureOf(uploadId, this.keys[0])}`,
      headers: { 'content-type': mediaType, 'content-length': String(sizeBytes) },
    };
    return { uploadId, method: 'PUT' as const, ...(direct ?? here), expiresAt };
  }

  /** Plays the storage, where clients cannot reach it. @throws upload-not-found, upload-differs, service-unavailable */
  async receive(token: string, request: FastifyRequest): Promise<void> {
    const [uploadId = '', signature = ''] = token.split('.');
    if (!this.keys.some((key) => sameSecret(signature, signatureOf(uploadId, key)))) throw uploadNotFound();
    const upload = await this.db.prisma.uploadIntent.findUnique({ where: { id: uploadId } });
    if (!upload || upload.expiresAt <= this.clock.now()) throw uploadNotFound();
    const sentType = request.headers['content-type']?.split(';')[0]!.trim().toLowerCase();
    if (sentType !== upload.mediaType) throw uploadDiffers();
    if (this.receiving.has(uploadId)) throw serviceUnavailable({ headers: { 'retry-after': '2' } });
    const leave = this.room.enter(upload.userId);
    this.receiving.add(uploadId);
    try {
      const bytes = await readExactly(request, upload.sizeBytes);
      if (!bytes) throw uploadDiffers();
      await this.keepOriginal(upload, bytes);
    } finally {
      this.receiving.delete(uploadId);
      leave();
    }
  }

  private async keepOriginal(
    { id, storageKey, mediaType }: { id: string; storageKey: string; mediaType: string },
    bytes: Buffer,
  ): Promise<void> {
    const key = originalIn(storageKey);
    await reaching(this.storage.put(key, bytes, mediaType));
    // Completed or forgotten meanwhile: its folder may have been deleted before this file came.
    if (await this.db.prisma.uploadIntent.findUnique({ where: { id }, select: { id: true } })) return;
    await reaching(this.storage.delete(key));
    throw uploadNotFound();
  }

  /**
   * The photo's id is the upload's, so completing twice gives the same photo; while it is made here, whoever asks again
   * waits for it. In the end the database decides who was first.
   * @throws upload-not-found, upload-not-received, upload-differs, and as `Photos.prepare` and `Photos.insert`
   */
  complete(userId: string, uploadId: string): ReturnType<Photos['getOwn']> {
    const which = `${userId} ${uploadId}`;
    const running = this.completing.get(which);
    if (running) return running;
    const run = this.completeOnce(userId, uploadId).finally(() => this.completing.delete(which));
    this.completing.set(which, run);
    return run;
  }

  private async completeOnce(userId: string, uploadId: string) {
    const upload = await this.db.prisma.uploadIntent.findFirst({ where: { id: uploadId, userId } });
    if (!upload) return this.completed(userId, uploadId, uploadNotFound);
    const { walkId, petId } = upload;
    const subject = walkId !== null ? { walkId } : { petId: petId! };
    try {
      const photo = await this.prepare(upload, subject);
      const isFirst = await this.orDiscard(
        photo,
        this.db.transaction(async (tx) => {
          if (!(await takeUpload(tx, uploadId))) return false;
          await this.photos.insert(tx, photo);
          await this.deletions.soon(tx);
          return true;
        }),
      );
      if (!isFirst) await this.photos.discard(photo);
    } catch (error) {
      if (error instanceof Problem) {
        const { status } = error.kind;
        if (status === 415 || status === 422) await this.abandon(uploadId); // it will not become a photo
        if (status === 409) return this.completed(userId, uploadId, () => error); // another process was first
      }
      throw error;
    }
    return this.completed(userId, uploadId, uploadNotFound);
  }

  /** From what was put into the storage. */
  private async prepare({ id, userId, storageKey, sizeBytes }: UploadIntent, subject: Subject) {
    const checked = await this.photos.checkSubject(userId, subject);
    const key = originalIn(storageKey);
    const stored = await reaching(this.storage.head(key));
    if (!stored) throw uploadNotReceived();
    if (stored.sizeBytes !== sizeBytes) throw uploadDiffers();
    const leave = this.room.enter(userId);
    try {
      const original = await reaching(this.storage.get(key, sizeBytes));
      if (!original) throw uploadNotReceived();
      return await this.photos.prepare(id, checked, original);
    } finally {
      leave();
    }
  }

  /** What failed otherwise than by a refusal may have been committed all the same: the sweep of orphans finds out. */
  private async orDiscard<T>(photo: NewPhoto, writing: Promise<T>): Promise<T> {
    try {
      return await writing;
    } catch (error) {
      if (error instanceof Problem) await this.photos.discard(photo);
      throw error;
    }
  }

  private async completed(userId: string, uploadId: string, orElse: () => Problem) {
    if (!(await findOwnPhoto(this.db, userId, uploadId))) throw orElse();
    return this.photos.getOwn(userId, uploadId);
  }

  private async abandon(uploadId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      if (await takeUpload(tx, uploadId)) await this.deletions.soon(tx);
    });
  }
}

const signatureOf = (uploadId: string, key: string): string =>
  Buffer.from(keyedHash(`direct-upload:${uploadId}`, key)).toString('base64url');
