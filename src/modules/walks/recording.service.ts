import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { Walk } from '../../generated/prisma/client.js';
import type { WalkSource, WalkVisibility } from '../../generated/prisma/enums.js';
import { Clock } from '../../platform/clock/clock.js';
import { kstDate, toDateColumn } from '../../platform/clock/kst.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { Idempotency, type Once } from '../../platform/http/idempotency.js';
import { Queue } from '../../platform/queue/queue.js';
import { ownedPets } from '../pets/index.js';
import { recordLocationUse } from '../users/index.js';
import { judgeWalk } from './judge.js';
import { chunkOf, chunkOfTrack, type Chunk } from './raw-points.js';
import { GpxError, parseGpx } from './track/index.js';
import { walkTransitions } from './walk-states.js';
import { getOwnWalk } from './walk-view.js';
import { gpxRejected, petNotYours, tooManyPoints, walkAlreadyOpen, walkClosed, walkDeleted, walkIdTaken, walkNotFound } from './walks.errors.js';
import { walkChanged, walkCompleted } from './walks.events.js';
import { lockWalkRow, storeChunk } from './walks.queries.js';
import { type Chunk as ChunkIn, type CompleteWalk, type ImportQuery, MAX_POINTS_PER_WALK, type StartWalk, type WalkView, type WholeWalk } from './walks.schemas.js';

/** Points may still arrive this long after completion (a phone without network); the raw ones are kept longer. */
export const LATE_POINTS_MS = 7 * 86_400_000;

interface NewWalk {
  id: string;
  userId: string;
  source: WalkSource;
  petIds: string[];
  claimedStartAt: Date | null;
  visibility?: WalkVisibility;
  title?: string;
}

/** From the first fix to the judged walk. */
@Injectable()
export class Recording {
  constructor(
    private readonly db: Database,
    private readonly idempotency: Idempotency,
    private readonly queue: Queue,
    private readonly clock: Clock,
  ) {}

  /** @throws walk-already-open with the id of the open walk */
  async start(userId: string, input: StartWalk, once: Once | null): Promise<WalkView> {
    return this.idempotency.run(once, async (tx) => {
      const id = input.id ?? this.newId();
      const created = await this.create(tx, { ...input, id, userId, source: 'live', claimedStartAt: dateOf(input.startedAt) });
      if (!created) await this.refuseStart(tx, userId, id);
      return getOwnWalk(tx, userId, id);
    });
  }

  /** One round trip while the walk records; late points of a completed walk have it judged again. */
  async addPoints(userId: string, walkId: string, { points, pauses }: ChunkIn): Promise<{ walkId: string; state: Walk['state']; storedPoints: number }> {
    const chunk = chunkOf(points, pauses);
    const stored = await this.store(this.db, userId, walkId, chunk);
    if (stored) return { walkId, ...stored };
    return this.db.transaction(async (tx) => {
      const walk = await this.getLocked(tx, userId, walkId);
      await this.addLate(tx, walk, chunk);
      const { state, storedPoints } = await tx.prisma.walk.findUniqueOrThrow({ where: { id: walkId }, select: { state: true, storedPoints: true } });
      return { walkId, state, storedPoints };
    });
  }

  /** Completing twice is completing once: the second time answers the walk as it is. */
  async complete(userId: string, walkId: string, input: CompleteWalk): Promise<WalkView> {
    return this.db.transaction(async (tx) => {
      const walk = await this.getLocked(tx, userId, walkId);
      if (walk.state !== 'completed') await this.finish(tx, walk, input?.pointCount ?? null);
      return getOwnWalk(tx, userId, walkId);
    });
  }

  /** The whole of a walk in one request, under an id made by the phone: sent twice, or after a live start, it is one walk. */
  async upload(userId: string, walkId: string, { points, pauses, ...input }: WholeWalk): Promise<WalkView> {
    const chunk = chunkOf(points, pauses);
    return this.db.transaction(async (tx) => {
      await this.create(tx, { ...input, id: walkId, userId, source: 'upload', claimedStartAt: dateOf(input.startedAt) });
      const walk = await this.getLocked(tx, userId, walkId);
      if (walk.state === 'completed') await this.addLate(tx, walk, chunk);
      else {
        if (!(await this.store(tx, userId, walkId, chunk))) throw fullWalk();
        await this.finish(tx, walk, null);
      }
      return getOwnWalk(tx, userId, walkId);
    });
  }

  /** @throws gpx-rejected with the parser's reason */
  async importGpx(userId: string, gpx: string, query: ImportQuery, once: Once | null): Promise<WalkView> {
    const { name, points, pauses } = readGpx(gpx);
    return this.idempotency.run(once, async (tx) => {
      const id = this.newId();
      const title = query.title ?? name?.slice(0, 60);
      await this.create(tx, { ...query, title, id, userId, source: 'gpx', claimedStartAt: null });
      const walk = await this.getLocked(tx, userId, id);
      if (!(await this.store(tx, userId, id, chunkOfTrack(points, pauses)))) throw fullWalk();
      await this.finish(tx, walk, null);
      return getOwnWalk(tx, userId, id);
    });
  }

  /** @returns false when the id exists already, or another walk is being recorded */
  private async create(tx: Transaction, { petIds, ...walk }: NewWalk): Promise<boolean> {
    const now = this.clock.now();
    const pets = await ownedPets(tx, walk.userId, petIds);
    const missing = petIds.findIndex((petId) => !pets.some(({ id }) => id === petId));
    if (missing >= 0) throw petNotYours(missing);
    const { defaultWalkVisibility } = await tx.prisma.user.findUniqueOrThrow({ where: { id: walk.userId }, select: { defaultWalkVisibility: true } });
    const startedAt = walk.claimedStartAt ?? now;
    const { count } = await tx.prisma.walk.createMany({
      data: [
        {
          ...walk,
          // What is sent whole was never being recorded: it takes no part in "one recording walk per user".
          state: walk.source === 'live' ? 'recording' : 'abandoned',
          visibility: walk.visibility ?? defaultWalkVisibility,
          walkDate: toDateColumn(kstDate(startedAt)),
          startedAt,
          lastHeardAt: now,
          createdAt: now,
        },
      ],
      skipDuplicates: true,
    });
    if (count === 0) return false;
    await tx.prisma.walkPet.createMany({ data: pets.map(({ id, weightKg }) => ({ walkId: walk.id, petId: id, weightKg })) });
    await recordLocationUse(tx, { userId: walk.userId, purpose: 'walk_recording', at: now });
    return true;
  }

  /** A start that created nothing is fine when it is the same start again. */
  private async refuseStart(tx: Transaction, userId: string, id: string): Promise<void> {
    const same = await tx.prisma.walk.findUnique({ where: { id }, select: { userId: true, state: true } });
    if (same?.userId === userId && same.state === 'recording') return;
    if (same?.userId === userId && same.state === 'deleted') throw walkDeleted();
    if (same) throw walkIdTaken();
    const open = await tx.prisma.walk.findFirst({ where: { userId, state: 'recording' }, select: { id: true } });
    throw walkAlreadyOpen({ members: { walkId: open?.id ?? null } });
  }

  private async getLocked(tx: Transaction, userId: string, walkId: string): Promise<Walk> {
    const locked = await lockWalkRow(tx, walkId);
    if (locked && locked.userId !== userId) throw walkNotFound();
    if (locked?.state === 'deleted') throw walkDeleted();
    const walk = locked && (await tx.prisma.walk.findUnique({ where: { id: walkId } }));
    if (!walk) throw walkNotFound();
    return walk;
  }

  private store(db: Database | Transaction, userId: string, walkId: string, chunk: Chunk) {
    const receivedAt = this.clock.now();
    const heardSince = new Date(receivedAt.getTime() - LATE_POINTS_MS);
    return storeChunk(db, { walkId, userId, ...chunk, receivedAt }, { heardSince, maxPoints: MAX_POINTS_PER_WALK });
  }

  private async addLate(tx: Transaction, walk: Walk, { contentHash, points, pauses }: Chunk): Promise<void> {
    const known = await tx.prisma.walkChunk.count({ where: { walkId: walk.id, contentHash } });
    if (known > 0) return;
    const now = this.clock.now();
    const since = walk.completedAt ?? walk.lastHeardAt;
    if (walk.rawPurgedAt || now.getTime() - since.getTime() > LATE_POINTS_MS) throw walkClosed();
    if (walk.storedPoints + points.length > MAX_POINTS_PER_WALK) throw fullWalk();
    await tx.prisma.walkChunk.create({ data: { walkId: walk.id, contentHash, pointCount: points.length, points, pauses, receivedAt: now } });
    await tx.prisma.walk.update({ where: { id: walk.id }, data: { storedPoints: { increment: points.length } } });
    if (await judgeWalk(tx, walk.id, now)) await this.queue.record(tx, walkChanged, { walkId: walk.id, userId: walk.userId });
  }

  private async finish(tx: Transaction, walk: Walk, expectedPoints: number | null): Promise<void> {
    if (!walkTransitions[walk.state].includes('completed')) throw walkNotFound();
    const now = this.clock.now();
    await tx.prisma.walk.update({
      where: { id: walk.id },
      data: { state: 'completed', completedAt: now, expectedPoints, awaitingPoints: expectedPoints !== null },
    });
    await judgeWalk(tx, walk.id, now);
    await this.queue.record(tx, walkCompleted, { walkId: walk.id, userId: walk.userId });
  }

  private newId(): string {
    return uuidv7({ msecs: this.clock.nowMs() });
  }
}

const dateOf = (text: string | undefined): Date | null => (text === undefined ? null : new Date(text));

const fullWalk = () => tooManyPoints({ members: { maxPoints: MAX_POINTS_PER_WALK } });

function readGpx(gpx: string) {
  try {
    return parseGpx(gpx);
  } catch (error) {
    if (!(error instanceof GpxError)) throw error;
    throw gpxRejected({ members: { reason: error.code }, detail: { ko: error.message, en: error.message } });
  }
}
