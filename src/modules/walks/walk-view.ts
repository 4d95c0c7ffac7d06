import type { Prisma } from '../../generated/prisma/client.js';
import { fromDateColumn } from '../../platform/clock/kst.js';
import type { Connection } from '../../platform/database/database.js';
import { walkNotFound } from './walks.errors.js';
import type { WalkView } from './walks.schemas.js';

const HOUR_MS = 3_600_000;
const OTHERS_DISTANCE_STEP_M = 100;
const OTHERS_DURATION_STEP_S = 60;

/**
 * What others are told of a walk's figures (P03). Rounding alone would not do: over 200 walks it averages out, and the
 * true distance less the visible part tells how far home is from each visible end. So theirs follows from what they
 * see of the route (`shownLengthM`), and the time with it.
 */
export function roundedForOthers({ startedAt, distanceM, movingS, safeDistanceM }: FiguresOfWalk) {
  const shownM = safeDistanceM ?? distanceM;
  const shownS = distanceM > 0 ? (movingS * shownM) / distanceM : movingS;
  return {
    startedAt: new Date(Math.floor(startedAt.getTime() / HOUR_MS) * HOUR_MS),
    distanceM: Math.round(shownM / OTHERS_DISTANCE_STEP_M) * OTHERS_DISTANCE_STEP_M,
    movingS: Math.round(shownS / OTHERS_DURATION_STEP_S) * OTHERS_DURATION_STEP_S,
  };
}

interface FiguresOfWalk {
  startedAt: Date;
  distanceM: number;
  movingS: number;
  safeDistanceM: number | null;
}

const SEEN_BY_OWNER = {
  id: true,
  state: true,
  source: true,
  visibility: true,
  title: true,
  memo: true,
  walkDate: true,
  startedAt: true,
  endedAt: true,
  completedAt: true,
  awaitingPoints: true,
  storedPoints: true,
  revision: true,
  cropFrom: true,
  cropTo: true,
  distanceM: true,
  estimatedM: true,
  elapsedS: true,
  movingS: true,
  avgSpeedMps: true,
  topSpeedMps: true,
  counts: true,
  reasons: true,
  leftOut: true,
  droppedPoints: true,
  trimFrom: true,
  trimTo: true,
  duplicateOfId: true,
  startRegionCode: true,
  preview: true,
  weather: {
    select: {
      observedAt: true,
      temperatureC: true,
      humidityPct: true,
      windMps: true,
      precipitation: true,
      pm10: true,
      pm25: true,
    },
  },
  pets: {
    select: { petId: true, caloriesKcal: true, pet: { select: { name: true } } },
    orderBy: { petId: 'asc' },
  },
} satisfies Prisma.WalkSelect;

/** A walk as its owner sees it. @throws walk-not-found */
export async function getOwnWalk(db: Connection, userId: string, walkId: string): Promise<WalkView> {
  const walk = await db.prisma.walk.findFirst({
    where: { id: walkId, userId, state: { not: 'deleted' } },
    select: SEEN_BY_OWNER,
  });
  if (!walk) throw walkNotFound();
  const { cropFrom, cropTo, trimFrom, trimTo, ...seen } = walk;
  return {
    ...seen,
    mine: true,
    walkDate: fromDateColumn(walk.walkDate),
    crop: cropFrom && cropTo && { from: cropFrom, to: cropTo },
    reasons: walk.reasons as WalkView['reasons'],
    leftOut: walk.leftOut as unknown as WalkView['leftOut'],
    droppedPoints: walk.droppedPoints as Record<string, number>,
    trimProposal: trimFrom && trimTo && { from: trimFrom, to: trimTo },
    pets: walk.pets.map(({ petId, caloriesKcal, pet }) => ({ id: petId, name: pet.name, caloriesKcal })),
  };
}
