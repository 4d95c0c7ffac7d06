import { v7 as uuidv7 } from 'uuid';
import { walkChanged, walkCompleted } from '../../src/modules/walks/index.js';
import type { WalkVisibility } from '../../src/generated/prisma/enums.js';
import { kstDate, toDateColumn } from '../../src/platform/clock/kst.js';
import { ewktOfPath } from '../../src/platform/database/geo.sql.js';
import { statement } from '../../src/platform/database/database.js';
import type { TestApp } from './harness.js';

export interface StoredWalk {
  startedAt: Date;
  completedAt: Date;
  distanceM: number;
  movingS: number;
  counts: boolean;
  visibility: WalkVisibility;
  regionCode: string | null;
}

/** An instant on a KST date. */
export const at = (date: string, time = '12:00'): Date =>
  new Date(`${date}T${time.length === 5 ? `${time}:00` : time}+09:00`);

/**
 * A completed walk straight in the database, for tests that need hundreds of them; nobody is told. It is so
 * short that it overlaps with no other, and completed an hour after its start unless given.
 */
export async function storeWalk(
  test: TestApp,
  userId: string,
  given: Partial<StoredWalk> = {},
): Promise<string> {
  const startedAt = given.startedAt ?? test.clock.now();
  const endedAt = new Date(startedAt.getTime() + 1);
  const completedAt = given.completedAt ?? new Date(startedAt.getTime() + 3_600_000);
  const {
    distanceM = 1_500,
    movingS = 1_200,
    counts = true,
    visibility = 'followers',
    regionCode = null,
  } = given;
  const id = uuidv7();
  await test.db.prisma.walk.create({
    data: {
      id,
      userId,
      state: 'completed',
      source: 'upload',
      visibility,
      walkDate: toDateColumn(kstDate(startedAt)),
      startedAt,
      endedAt,
      completedAt,
      lastHeardAt: completedAt,
      distanceM,
      movingS,
      counts,
      reasons: counts ? [] : ['too_short'],
      startRegionCode: regionCode,
      createdAt: completedAt,
    },
  });
  return id;
}

const insertTrack = statement<never>(
  'test_insert_track',
  `insert into walk_tracks (walk_id, segments, path) values ($1::uuid, '[]', ST_GeogFromText($2::text))
   on conflict (walk_id) do update set path = excluded.path`,
);

/** The path of a stored walk: lines of [seconds, lat, lng]. */
export async function storeTrack(
  test: TestApp,
  walkId: string,
  lines: readonly (readonly (readonly [number, number, number])[])[],
): Promise<void> {
  const vertices = lines.map((line) => line.map(([s, lat, lng]) => ({ tMs: s * 1000, lat, lng })));
  await test.db.rows(insertTrack, [walkId, ewktOfPath(vertices)]);
}

/** Records what the walks module records when a walk is completed or changed. */
export async function tell(
  test: TestApp,
  what: 'completed' | 'changed',
  userId: string,
  ...walkIds: string[]
): Promise<void> {
  await test.db.transaction(async (tx) => {
    for (const walkId of walkIds)
      await test.queue.record(tx, what === 'completed' ? walkCompleted : walkChanged, { walkId, userId });
  });
}

/** A walk that everybody was told of; the jobs wait on the queue. */
export async function completeWalk(
  test: TestApp,
  userId: string,
  given: Partial<StoredWalk> = {},
): Promise<string> {
  const id = await storeWalk(test, userId, given);
  await tell(test, 'completed', userId, id);
  return id;
}
