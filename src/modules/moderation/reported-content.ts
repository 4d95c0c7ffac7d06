import { isDeepStrictEqual } from 'node:util';
import type { ReportState, ReportTarget } from '../../generated/prisma/enums.js';
import { fromDateColumn } from '../../platform/clock/kst.js';
import type { Connection } from '../../platform/database/database.js';
import { hostOfVisibleMeetup } from '../meetups/index.js';
import { ownerOfVisiblePhoto } from '../photos/index.js';
import { findComment } from '../social/index.js';
import { userThereFor } from '../users/index.js';
import { roundedForOthers, walkerOfVisible } from '../walks/index.js';
import type { ModeratedReport, ReportedContent } from './moderation.schemas.js';

type OwnerOf = (
  db: Connection,
  viewerId: string,
  id: string,
  now: Date,
) => Promise<string | undefined | null>;

/** Whose it is, when the viewer may see it. */
export const OWNER_OF_VISIBLE: Readonly<Record<ReportTarget, OwnerOf>> = {
  user: async (db, viewerId, id) => (await userThereFor(db, viewerId, id))?.id,
  walk: walkerOfVisible,
  comment: async (db, viewerId, id) => (await findComment(db, viewerId, id))?.person.id,
  meetup: hostOfVisibleMeetup,
  photo: ownerOfVisiblePhoto,
};

interface Content {
  id: string;
  isHidden: boolean;
  said: ReportedContent;
}

const NAMED = { select: { nickname: true } } as const;

/** What there is of each kind now; what was deleted is not in it. */
const READ: Readonly<Record<ReportTarget, (db: Connection, ids: string[]) => Promise<Content[]>>> = {
  user: async (db, ids) => {
    const select = { id: true, nickname: true, bio: true } as const;
    const rows = await db.prisma.user.findMany({ where: { id: { in: ids } }, select });
    return rows.map(({ id, ...said }) => ({ id, isHidden: false, said }));
  },
  walk: async (db, ids) => {
    const select = {
      ...{ id: true, title: true, walkDate: true, hiddenAt: true, user: NAMED },
      ...{ startedAt: true, distanceM: true, movingS: true, safeDistanceM: true },
      pets: { select: { pet: { select: { name: true } } }, orderBy: { petId: 'asc' } },
    } as const;
    const where = { id: { in: ids }, state: { not: 'deleted' } } as const;
    const rows = await db.prisma.walk.findMany({ where, select });
    return rows.map(({ id, title, walkDate, hiddenAt, user, pets, ...figures }) => {
      const { distanceM, movingS } = roundedForOthers(figures);
      const petNames = pets.map(({ pet }) => pet.name);
      const said = { ...user, title, walkDate: fromDateColumn(walkDate), distanceM, movingS, petNames };
      return { id, isHidden: hiddenAt !== null, said };
    });
  },
  comment: async (db, ids) => {
    const select = { id: true, walkId: true, body: true, hiddenAt: true, user: NAMED } as const;
    const rows = await db.prisma.walkComment.findMany({ where: { id: { in: ids } }, select });
    return rows.map(({ id, walkId, body, hiddenAt, user }) => ({
      id,
      isHidden: hiddenAt !== null,
      said: { ...user, walkId, body },
    }));
  },
  meetup: async (db, ids) => {
    const select = {
      ...{ id: true, title: true, description: true, placeName: true, startsAt: true, capacity: true },
      ...{ hiddenAt: true, host: NAMED },
    } as const;
    const where = { id: { in: ids }, state: { not: 'cancelled' } } as const;
    const rows = await db.prisma.meetup.findMany({ where, select });
    return rows.map(({ id, hiddenAt, host, startsAt, ...said }) => ({
      id,
      isHidden: hiddenAt !== null,
      said: { ...host, ...said, startsAt: startsAt.toISOString() },
    }));
  },
  photo: async (db, ids) => {
    const select = { id: true, kind: true, walkId: true, hiddenAt: true, user: NAMED } as const;
    const rows = await db.prisma.photo.findMany({ where: { id: { in: ids } }, select });
    return rows.map(({ id, kind, walkId, hiddenAt, user }) => ({
      id,
      isHidden: hiddenAt !== null,
      said: { ...user, photoKind: kind, ...(walkId && { walkId }) },
    }));
  },
};

/** What somebody has before their eyes who reports it. */
export async function contentOf(
  db: Connection,
  kind: ReportTarget,
  id: string,
): Promise<ReportedContent | null> {
  return (await READ[kind](db, [id]))[0]?.said ?? null;
}

interface Reported {
  targetKind: ReportTarget;
  targetId: string;
  snapshot: ReportedContent;
  state: ReportState;
}

/** Beside each report what became of its target since; one query for each kind among them. */
export async function withPresent<Report extends Reported>(
  db: Connection,
  reports: Report[],
  photoUrlOf: (photoId: string) => string,
): Promise<(Report & Pick<ModeratedReport, 'present'>)[]> {
  const found = new Map<string, Content>();
  for (const kind of new Set(reports.map(({ targetKind }) => targetKind))) {
    const ids = reports.filter(({ targetKind }) => targetKind === kind).map(({ targetId }) => targetId);
    for (const content of await READ[kind](db, ids)) found.set(`${kind} ${content.id}`, content);
  }
  return reports.map((report) => {
    const now = found.get(`${report.targetKind} ${report.targetId}`);
    const present = {
      content: now?.said ?? null,
      isEdited: now !== undefined && !isDeepStrictEqual(now.said, report.snapshot),
      isDeleted: now === undefined,
      isHidden: now?.isHidden ?? false,
      // Of a deleted one the files are kept while its report is open.
      photoUrl:
        report.targetKind === 'photo' && (now || report.state === 'open')
          ? photoUrlOf(report.targetId)
          : null,
    };
    return { ...report, present };
  });
}
