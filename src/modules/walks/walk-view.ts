import { fromDateColumn } from '../../platform/clock/kst.js';
import type { Connection } from '../../platform/database/database.js';
import { walkNotFound } from './walks.errors.js';
import type { WalkView } from './walks.schemas.js';

/** A walk as its owner sees it. @throws walk-not-found */
export async function getOwnWalk(db: Connection, userId: string, walkId: string): Promise<WalkView> {
  const walk = await db.prisma.walk.findFirst({
    where: { id: walkId, userId, state: { not: 'deleted' } },
    include: {
      pets: {
        select: { petId: true, caloriesKcal: true, pet: { select: { name: true } } },
        orderBy: { petId: 'asc' },
      },
    },
  });
  if (!walk) throw walkNotFound();
  return {
    ...walk,
    mine: true,
    walkDate: fromDateColumn(walk.walkDate),
    crop: walk.cropFrom && walk.cropTo && { from: walk.cropFrom, to: walk.cropTo },
    reasons: walk.reasons as WalkView['reasons'],
    leftOut: walk.leftOut as unknown as WalkView['leftOut'],
    droppedPoints: walk.droppedPoints as Record<string, number>,
    trimProposal: walk.trimFrom && walk.trimTo && { from: walk.trimFrom, to: walk.trimTo },
    pets: walk.pets.map(({ petId, caloriesKcal, pet }) => ({ id: petId, name: pet.name, caloriesKcal })),
  };
}
