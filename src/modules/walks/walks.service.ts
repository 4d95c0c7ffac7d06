import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock/clock.js';
import { fromDateColumn } from '../../platform/clock/kst.js';
import { Database, type Transaction } from '../../platform/database/database.js';
import { page, type PageQuery, readCursor } from '../../platform/http/pagination.js';
import { Queue } from '../../platform/queue/queue.js';
import { privacyOf, recordLocationUse } from '../users/index.js';
import { judgeWalk, safePreviewOf } from './judge.js';
import { buildGpx, type Position, type Segment } from './track/index.js';
import { safeRoute } from './viewer-safe-route.js';
import { getOwnWalk, roundedForOthers } from './walk-view.js';
import { walkTransitions } from './walk-states.js';
import { rawPointsGone, walkNotCompleted, walkNotFound } from './walks.errors.js';
import { walkChanged } from './walks.events.js';
import { findOwnWalk, lockWalkRow, shownVersionOf, walkerOfVisible, walksOf } from './walks.queries.js';
import type { EditWalk, WalkView } from './walks.schemas.js';

const MAX_FIX_AWAY_MS = 60_000;

/** A stored segment: [tMs, lat, lng, altitudeM | null] each. */
type StoredSegment = [number, number, number, number | null][];

/** Nothing of it is near home or tells how far home is: `track/viewer-safe.ts`. */
export interface ShownWalk {
  walkDate: string;
  distanceM: number;
  movingS: number;
  petNames: string[];
  lines: { lat: number; lng: number }[][];
  /** What `versionOfShown` answered when it was made. */
  version: string;
}

@Injectable()
export class Walks {
  constructor(
    private readonly db: Database,
    private readonly queue: Queue,
    private readonly clock: Clock,
  ) {}

  async list(userId: string, { cursor, limit }: PageQuery) {
    const rows = await walksOf(this.db, userId, readCursor(cursor), limit + 1);
    return page(rows, limit, ({ startedAt, id }) => ({ at: startedAt, id }));
  }

  async get(viewerId: string, walkId: string) {
    const userId = await this.walkerOfVisible(viewerId, walkId);
    return userId === viewerId ? getOwnWalk(this.db, viewerId, walkId) : this.getAsOthersSee(walkId);
  }

  async route(viewerId: string, walkId: string) {
    const userId = await this.walkerOfVisible(viewerId, walkId);
    const walk = await this.db.prisma.walk.findUnique({
      where: { id: walkId },
      select: { startedAt: true, track: { select: { segments: true } } },
    });
    if (!walk) throw walkNotFound();
    const segments = segmentsOf(walk.track);
    if (userId === viewerId) {
      const offsetsS = segments.map((segment) =>
        segment.map(({ tMs }) => (tMs - walk.startedAt.getTime()) / 1000),
      );
      return { walkId, geometry: geometryOf(segments), offsetsS };
    }
    const privacy = await privacyOf(this.db, userId);
    if (!privacy) throw walkNotFound();
    await this.db.transaction((tx) =>
      recordLocationUse(tx, {
        userId,
        providedTo: viewerId,
        purpose: 'walk_route_view',
        at: this.clock.now(),
      }),
    );
    return { walkId, geometry: geometryOf(safeRoute(segments, privacy).segments), offsetsS: null };
  }

  /** The owner's own file: with times, hence for nobody else. */
  async gpx(userId: string, walkId: string): Promise<string> {
    const walk = await this.db.prisma.walk.findFirst({
      where: { id: walkId, userId, state: { not: 'deleted' } },
      select: { title: true, walkDate: true, track: { select: { segments: true } } },
    });
    if (!walk) throw walkNotFound();
    return buildGpx({
      name: walk.title ?? `멍이랑 산책 ${fromDateColumn(walk.walkDate)}`,
      segments: segmentsOf(walk.track),
    });
  }

  /** The owner's own fixes, in order of time, for what belongs to a walk; none while it is recorded. @throws walk-not-found */
  async fixesOf(userId: string, walkId: string): Promise<{ startedAt: Date; fixes: Segment }> {
    const walk = await findOwnWalk(this.db, userId, walkId);
    if (!walk) throw walkNotFound();
    const track = await this.db.prisma.walkTrack.findUnique({
      where: { walkId },
      select: { segments: true },
    });
    return { startedAt: walk.startedAt, fixes: segmentsOf(track).flat() };
  }

  /**
   * Where the walker was at each of these times, as far as the viewer may see it: for others only what lies on the route
   * that they see, and nothing in place of what they do not.
   * @throws walk-not-found
   */
  async positionsAt(
    viewerId: string,
    walkId: string,
    times: readonly (Date | null)[],
  ): Promise<(Position | null)[]> {
    const userId = await this.walkerOfVisible(viewerId, walkId);
    if (times.every((time) => time === null)) return times.map(() => null);
    const track = await this.db.prisma.walkTrack.findUnique({
      where: { walkId },
      select: { segments: true },
    });
    const segments = segmentsOf(track);
    const fixes = segments.flat();
    const privacy = userId === viewerId ? null : await privacyOf(this.db, userId);
    const seen = new Set(
      userId === viewerId ? fixes : privacy ? safeRoute(segments, privacy).segments.flat() : [],
    );
    const positions = times.map((time) => {
      const fix = time && fixAt(fixes, time.getTime());
      return fix && seen.has(fix) ? { lat: fix.lat, lng: fix.lng } : null;
    });
    if (userId !== viewerId && positions.some((position) => position !== null))
      await this.db.transaction((tx) =>
        recordLocationUse(tx, {
          userId,
          providedTo: viewerId,
          purpose: 'walk_route_view',
          at: this.clock.now(),
        }),
      );
    return positions;
  }

  async edit(userId: string, walkId: string, { crop, ...changes }: EditWalk): Promise<WalkView> {
    return this.db.transaction(async (tx) => {
      await this.lockOwn(tx, userId, walkId);
      if (crop === undefined && Object.keys(changes).length === 0) return getOwnWalk(tx, userId, walkId);
      const walk = await tx.prisma.walk.update({
        where: { id: walkId },
        data: { ...changes, revision: { increment: 1 } },
      });
      if (crop !== undefined) {
        if (walk.state !== 'completed') throw walkNotCompleted();
        if (walk.rawPurgedAt) throw rawPointsGone();
        await tx.prisma.walk.update({
          where: { id: walkId },
          data: { cropFrom: crop && new Date(crop.from), cropTo: crop && new Date(crop.to) },
        });
        await judgeWalk(tx, walk, this.clock.now());
      }
      if (walk.state === 'completed') await this.queue.record(tx, walkChanged, { walkId, userId });
      return getOwnWalk(tx, userId, walkId);
    });
  }

  /** Erases where the walk went at once; the row stays, so that a phone's late upload does not bring it back. */
  async delete(userId: string, walkId: string): Promise<void> {
    await this.db.transaction(async (tx) => {
      const { state } = await this.lockOwn(tx, userId, walkId);
      if (!walkTransitions[state].includes('deleted')) throw walkNotFound();
      await tx.prisma.walkChunk.deleteMany({ where: { walkId } });
      await tx.prisma.walkTrack.deleteMany({ where: { walkId } });
      await tx.prisma.walk.update({
        where: { id: walkId },
        data: {
          state: 'deleted',
          counts: false,
          awaitingPoints: false,
          preview: [],
          safePreview: [],
          safeDistanceM: null,
          trackFingerprint: null,
          startRegionCode: null,
          memo: null,
          title: null,
          revision: { increment: 1 },
        },
      });
      await this.queue.record(tx, walkChanged, { walkId, userId });
    });
  }

  /** @returns false when it is known already, or the walk is gone */
  async setStartRegion(tx: Transaction, walkId: string, code: string): Promise<boolean> {
    const { count } = await tx.prisma.walk.updateMany({
      where: {
        id: walkId,
        state: 'completed',
        OR: [{ startRegionCode: null }, { startRegionCode: { not: code } }], // SQL's `<>` leaves out null
      },
      data: { startRegionCode: code },
    });
    return count > 0;
  }

  /** By a moderator: only its walker sees it from then on, for whom it counts as before. @returns false when there is nothing to hide */
  async hide(tx: Transaction, walkId: string): Promise<boolean> {
    const { count } = await tx.prisma.walk.updateMany({
      where: { id: walkId, state: { not: 'deleted' }, hiddenAt: null },
      data: { hiddenAt: this.clock.now() },
    });
    return count > 0;
  }

  /** @returns false when it was not hidden */
  async unhide(tx: Transaction, walkId: string): Promise<boolean> {
    const { count } = await tx.prisma.walk.updateMany({
      where: { id: walkId, hiddenAt: { not: null } },
      data: { hiddenAt: null },
    });
    return count > 0;
  }

  /**
   * What anybody may be shown of a completed walk, by the privacy zones of now: for cards and links, whose makers judge
   * who may see it. The zones are read after the track, so that the newer ones hold. Null when there is no such walk.
   */
  async shown(walkId: string): Promise<ShownWalk | null> {
    const walk = await this.db.prisma.walk.findUnique({
      where: { id: walkId, state: 'completed' },
      select: {
        userId: true,
        revision: true,
        walkDate: true,
        startedAt: true,
        distanceM: true,
        movingS: true,
        track: { select: { segments: true } },
        pets: { select: { pet: { select: { name: true } } }, orderBy: { petId: 'asc' } },
      },
    });
    const privacy = walk && (await privacyOf(this.db, walk.userId));
    if (!privacy) return null;
    const { segments, lengthM } = safeRoute(segmentsOf(walk.track), privacy);
    const safeDistanceM = lengthM === null ? null : Math.round(lengthM);
    const { distanceM, movingS } = roundedForOthers({ ...walk, safeDistanceM });
    const petNames = walk.pets.map(({ pet }) => pet.name);
    return {
      version: versionText(walk.revision, privacy.revision, petNames),
      walkDate: fromDateColumn(walk.walkDate),
      distanceM,
      movingS,
      petNames,
      lines: segments.map((segment) => segment.map(({ lat, lng }) => ({ lat, lng }))),
    };
  }

  /** Another text whenever `shown` may have another answer, for the price of a few rows. Null when there is no such walk. */
  async versionOfShown(walkId: string): Promise<string | null> {
    const version = await shownVersionOf(this.db, walkId);
    return version && versionText(version.revision, version.privacyRevision, version.petNames);
  }

  /** Makes the previews that others see again, after the owner's privacy zones changed. */
  async refreshSafePreviews(userId: string): Promise<void> {
    const privacy = await privacyOf(this.db, userId);
    if (!privacy) return;
    const walks = await this.db.prisma.walk.findMany({
      where: { userId, state: 'completed', privacyRevision: { not: privacy.revision } },
      select: { id: true },
    });
    for (const { id } of walks) {
      await this.db.transaction(async (tx) => {
        if ((await lockWalkRow(tx, id))?.state !== 'completed') return;
        const track = await tx.prisma.walkTrack.findUnique({
          where: { walkId: id },
          select: { segments: true },
        });
        await tx.prisma.walk.update({
          where: { id },
          data: safePreviewOf(segmentsOf(track), await privacyOf(tx, userId)),
        });
      });
    }
  }

  private async getAsOthersSee(walkId: string) {
    const walk = await this.db.prisma.walk.findUnique({
      where: { id: walkId },
      select: {
        id: true,
        userId: true,
        title: true,
        walkDate: true,
        startedAt: true,
        distanceM: true,
        movingS: true,
        safeDistanceM: true,
        safePreview: true,
        privacyRevision: true,
        user: { select: { privacyRevision: true } },
        pets: { select: { pet: { select: { id: true, name: true } } }, orderBy: { petId: 'asc' } },
      },
    });
    if (!walk) throw walkNotFound();
    const { id, userId, title } = walk;
    return {
      id,
      mine: false as const,
      userId,
      title,
      walkDate: fromDateColumn(walk.walkDate),
      ...roundedForOthers(walk),
      preview: walk.privacyRevision === walk.user.privacyRevision ? walk.safePreview : [],
      pets: walk.pets.map(({ pet }) => pet),
    };
  }

  private async walkerOfVisible(viewerId: string, walkId: string): Promise<string> {
    const userId = await walkerOfVisible(this.db, viewerId, walkId);
    if (!userId) throw walkNotFound();
    return userId;
  }

  private async lockOwn(tx: Transaction, userId: string, walkId: string) {
    const walk = await lockWalkRow(tx, walkId);
    if (!walk || walk.userId !== userId || walk.state === 'deleted') throw walkNotFound();
    return walk;
  }
}

const versionText = (revision: number, privacyRevision: number, petNames: readonly string[]): string =>
  JSON.stringify([revision, privacyRevision, petNames]);

function segmentsOf(track: { segments: unknown } | null): Segment[] {
  const stored = (track?.segments ?? []) as StoredSegment[];
  return stored.map((segment) =>
    segment.map(([tMs, lat, lng, altitudeM]) => ({ tMs, lat, lng, altitudeM: altitudeM ?? undefined })),
  );
}

/** The fix nearest in time; null when there is none within a minute: the track has a gap, or was cut there. */
function fixAt(fixes: Segment, tMs: number): Segment[number] | null {
  const away = (fix: Segment[number]) => Math.abs(fix.tMs - tMs);
  const nearest = fixes.reduce<Segment[number] | null>(
    (best, fix) => (best && away(best) <= away(fix) ? best : fix),
    null,
  );
  return nearest && away(nearest) <= MAX_FIX_AWAY_MS ? nearest : null;
}

function geometryOf(segments: readonly Segment[]) {
  return {
    type: 'MultiLineString' as const,
    coordinates: segments.map((segment) => segment.map(({ lng, lat }) => [lng, lat])),
  };
}
