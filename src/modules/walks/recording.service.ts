import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import type { WalkSource, WalkState, WalkVisibility } from '../../generated/prisma/enums.js';
import { Clock } from '../../platform/clock/clock.js';
import { kstDate } from '../../platform/clock/kst.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { Idempotency, type Once } from '../../platform/http/idempotency.js';
import { Queue } from '../../platform/queue/queue.js';
import { ownedPets } from '../pets/index.js';
import { hasLocationConsent, lockUser, recordLocationUse } from '../users/index.js';
import { completeWalk, judgeWalk } from './judge.js';
import { chunkOf, chunkOfTrack, type Chunk, repeatsOf } from './raw-points.js';
import { GpxError, parseGpx } from './track/index.js';
import { walkTransitions } from './walk-states.js';
import { getOwnWalk } from './walk-view.js';
import {
  gpxRejected,
  locationConsentNeeded,
  petNotYours,
  tooManyPoints,
  walkAlreadyOpen,
  walkClosed,
  walkDeleted,
  walkIdTaken,
  walkNotFound,
} from './walks.errors.js';
import { walkChanged, walkCompleted } from './walks.events.js';
import {
  createWalk,
  expectPoints,
  insertChunk,
  isWalkThere,
  type LockedWalk,
  lockWalkAndWalker,
  lockWalkRow,
  storeChunk,
} from './walks.queries.js';
import {
  type Chunk as ChunkIn,
  type CompleteWalk,
  type ImportQuery,
  MAX_POINTS_PER_WALK,
  type StartWalk,
  titleFrom,
  type WalkView,
  type WholeWalk,
} from './walks.schemas.js';

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
      const created = await this.create(tx, {
        ...input,
        id,
        userId,
        source: 'live',
        claimedStartAt: dateOf(input.startedAt),
      });
      if (!created) await this.refuseStart(tx, userId, id);
      return getOwnWalk(tx, userId, id);
    });
  }

  /** One round trip while the walk records; late points of a completed walk have it judged again. */
  async addPoints(
    userId: string,
    walkId: string,
    { points, pauses }: ChunkIn,
  ): Promise<{ walkId: string; state: WalkState; storedPoints: number }> {
    const chunk = chunkOf(points, pauses);
    const receivedAt = this.clock.now();
    const heardSince = new Date(receivedAt.getTime() - LATE_POINTS_MS);
    const stored = await storeChunk(
      this.db,
      { walkId, userId, ...chunk, receivedAt },
      { heardSince, maxPoints: MAX_POINTS_PER_WALK },
    );
    if (stored) return { walkId, ...stored };
    return this.db.transaction(async (tx) => {
      const walk = await this.getLocked(tx, userId, walkId);
      if ((await this.add(tx, walk, chunk)) && walk.state === 'completed') await this.judgeAndTell(tx, walk);
      const { state, storedPoints } = await tx.prisma.walk.findUniqueOrThrow({
        where: { id: walkId },
        select: { state: true, storedPoints: true },
      });
      return { walkId, state, storedPoints };
    });
  }

  /** Completing twice is completing once: the second time answers the walk as it is, unless it tells of more points. */
  async complete(userId: string, walkId: string, input: CompleteWalk): Promise<WalkView> {
    return this.db.transaction(
      async (tx) => {
        const walk = there(await lockWalkAndWalker(tx, walkId, userId));
        const expectedPoints = input?.pointCount ?? null;
        if (walk.state !== 'completed') {
          if (walk.rawPurgedAt) throw walkClosed();
          return this.finish(tx, walk, expectedPoints);
        }
        if (expectedPoints !== null && expectedPoints !== walk.expectedPoints && !this.isClosed(walk)) {
          await expectPoints(tx, walkId, expectedPoints);
          await this.judgeAndTell(tx, walk);
        }
        return getOwnWalk(tx, userId, walkId);
      },
      { statementsOnly: true },
    );
  }

  /** The whole of a walk in one request, under an id made by the phone: sent twice, or after a live start, it is one walk. */
  async upload(userId: string, walkId: string, { points, pauses, ...input }: WholeWalk): Promise<WalkView> {
    const chunk = chunkOf(points, pauses);
    return this.db.transaction(async (tx) => {
      const isCreated = await this.create(tx, {
        ...input,
        id: walkId,
        userId,
        source: 'upload',
        claimedStartAt: dateOf(input.startedAt),
      });
      const walk = await this.makeRoom(tx, await this.getLocked(tx, userId, walkId), chunk);
      if (!isCreated && walk.state !== 'completed') {
        const { title, visibility } = input; // what was chosen last, on a phone that was offline since the start
        await tx.prisma.walk.update({ where: { id: walkId }, data: { title, visibility } });
      }
      const isNew = await this.add(tx, walk, chunk, { isWhole: true });
      if (walk.state !== 'completed') {
        await lockUser(tx, userId);
        return this.finish(tx, walk, null);
      }
      if (isNew) await this.judgeAndTell(tx, walk);
      return getOwnWalk(tx, userId, walkId);
    });
  }

  /** @throws gpx-rejected with the parser's reason */
  async importGpx(userId: string, gpx: string, query: ImportQuery, once: Once | null): Promise<WalkView> {
    const { name, points, pauses } = readGpx(gpx);
    return this.idempotency.run(once, async (tx) => {
      const id = this.newId();
      const title = query.title ?? titleFrom(name);
      await this.create(tx, { ...query, title, id, userId, source: 'gpx', claimedStartAt: null });
      const walk = await this.getLocked(tx, userId, id);
      await this.add(tx, walk, chunkOfTrack(points, pauses), { isWhole: true });
      await lockUser(tx, userId);
      return this.finish(tx, walk, null);
    });
  }

  /** @returns false when the id exists already, or another walk is being recorded */
  private async create(tx: Transaction, { petIds, ...walk }: NewWalk): Promise<boolean> {
    const now = this.clock.now();
    // A retry is the same walk even if one of its pets was removed meanwhile.
    if (await isWalkThere(tx, walk.id)) return false;
    if (!(await hasLocationConsent(tx, walk.userId))) throw locationConsentNeeded();
    const pets = await ownedPets(tx, walk.userId, petIds);
    const missing = petIds.findIndex((petId) => !pets.some(({ id }) => id === petId));
    if (missing >= 0) throw petNotYours(missing);
    const startedAt = walk.claimedStartAt ?? now;
    // What is sent whole was never being recorded: it takes no part in "one recording walk per user".
    const state = walk.source === 'live' ? 'recording' : 'abandoned';
    const walkDate = kstDate(startedAt);
    if (!(await createWalk(tx, { ...walk, pets, startedAt, state, walkDate }, now))) return false;
    tx.tally('walk-started');
    await recordLocationUse(tx, { userId: walk.userId, purpose: 'walk_recording', at: now });
    return true;
  }

  /** A start that created nothing is fine when it is the same start again. */
  private async refuseStart(tx: Transaction, userId: string, id: string): Promise<void> {
    const same = await tx.prisma.walk.findUnique({ where: { id }, select: { userId: true, state: true } });
    if (same?.userId === userId && same.state === 'recording') return;
    if (same?.userId === userId && same.state === 'deleted') throw walkDeleted();
    if (same) throw walkIdTaken();
    const open = await tx.prisma.walk.findFirst({
      where: { userId, state: 'recording' },
      select: { id: true },
    });
    throw walkAlreadyOpen({ members: { walkId: open?.id ?? null } });
  }

  private async getLocked(tx: Transaction, userId: string, walkId: string): Promise<LockedWalk> {
    const walk = await lockWalkRow(tx, walkId);
    return there(walk?.userId === userId ? walk : null);
  }

  /**
   * Stores a chunk under the walk's lock: what the one statement of the hot path leaves undecided.
   * @returns false when it was there already
   */
  private async add(
    tx: Transaction,
    walk: LockedWalk,
    chunk: Chunk,
    { isWhole = false } = {},
  ): Promise<boolean> {
    const known = await tx.prisma.walkChunk.count({
      where: { walkId: walk.id, contentHash: chunk.contentHash },
    });
    if (known > 0) return false;
    // A walk that was never completed may come whole at any time: nothing was decided on what it lacks.
    const isFirstWhole = isWhole && walk.state !== 'completed';
    if (!isFirstWhole && this.isClosed(walk)) throw walkClosed();
    const count = chunk.points.length;
    if (walk.storedPoints + count > MAX_POINTS_PER_WALK) throw fullWalk();
    const receivedAt = this.clock.now();
    await insertChunk(tx, { walkId: walk.id, ...chunk, receivedAt });
    await tx.prisma.walk.update({
      where: { id: walk.id },
      data: {
        storedPoints: { increment: count },
        ...(walk.state !== 'completed' && { lastHeardAt: receivedAt }),
        ...(isWhole && { awaitingPoints: false }),
      },
    });
    return true;
  }

  /** Where the whole of a walk has no place beside the chunks before it, those that it repeats go. */
  private async makeRoom(tx: Transaction, walk: LockedWalk, whole: Chunk): Promise<LockedWalk> {
    if (walk.storedPoints + whole.points.length <= MAX_POINTS_PER_WALK) return walk;
    const repeats = repeatsOf(whole);
    const chunks = await tx.prisma.walkChunk.findMany({
      where: { walkId: walk.id, contentHash: { not: whole.contentHash } },
    });
    const repeated = chunks.filter(repeats);
    await tx.prisma.walkChunk.deleteMany({
      where: { walkId: walk.id, contentHash: { in: repeated.map(({ contentHash }) => contentHash) } },
    });
    const freed = repeated.reduce((sum, { pointCount }) => sum + pointCount, 0);
    const storedPoints = walk.storedPoints - freed;
    await tx.prisma.walk.update({ where: { id: walk.id }, data: { storedPoints } });
    return { ...walk, storedPoints };
  }

  /** Whether it is too late for more points. */
  private isClosed(walk: LockedWalk): boolean {
    const since = walk.completedAt ?? walk.lastHeardAt;
    return walk.rawPurgedAt !== null || this.clock.nowMs() - since.getTime() > LATE_POINTS_MS;
  }

  private async judgeAndTell(tx: Transaction, { id, userId }: LockedWalk): Promise<void> {
    if (await judgeWalk(tx, { id, userId }, this.clock.now()))
      await this.queue.record(tx, walkChanged, { walkId: id, userId });
  }

  /** Under the user's lock, so that of two walks the one completed first is judged first. */
  private async finish(tx: Transaction, walk: LockedWalk, expectedPoints: number | null): Promise<WalkView> {
    if (!walkTransitions[walk.state].includes('completed')) throw walkNotFound();
    const view = await completeWalk(tx, walk.id, { completedAt: this.clock.now(), expectedPoints });
    tx.tally('walk-completed');
    await this.queue.record(tx, walkCompleted, { walkId: walk.id, userId: walk.userId });
    return view;
  }

  private newId(): string {
    return uuidv7({ msecs: this.clock.nowMs() });
  }
}

function there(walk: LockedWalk | null): LockedWalk {
  if (!walk) throw walkNotFound();
  if (walk.state === 'deleted') throw walkDeleted();
  return walk;
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
