import { randomBytes } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { statement } from '../../src/platform/database/database.js';
import { RankingJobs } from '../../src/modules/rankings/rankings.jobs.js';
import type { TotalPeriod } from '../../src/generated/prisma/enums.js';
import type { Answer, Person } from './api.js';
import type { TestApp } from './harness.js';

export const HOME_DONG = '1168064000';
export const HOME_GU = HOME_DONG.slice(0, 5);

interface Figures {
  /** `distanceM` alone is enough: a walk for each kilometre begun, a second for each metre. */
  distanceM: number;
  walks?: number;
  movingS?: number;
}

type Periods = Partial<Record<TotalPeriod, string>>;

/** The week, month and quarter of the test clock's usual day, 2026-11-20. */
export const NOVEMBER: Periods = {
  week: '2026-11-16',
  month: '2026-11-01',
  quarter: '2026-10-01',
  all: '1970-01-01',
};

/** What a user has on the boards, in place of what was there. */
export async function setTotals(
  test: TestApp,
  userId: string,
  figures: Figures,
  periods: Periods = NOVEMBER,
) {
  const { distanceM, walks = Math.ceil(distanceM / 1_000), movingS = distanceM } = figures;
  const sums = {
    walks,
    distanceM,
    movingS,
    rankedWalks: walks,
    rankedDistanceM: distanceM,
    rankedMovingS: movingS,
  };
  for (const [period, from] of Object.entries(periods) as [TotalPeriod, string][]) {
    const key = { period, startsOn: new Date(`${from}T00:00:00Z`), userId };
    await test.db.prisma.userTotal.upsert({
      where: { period_startsOn_userId: key },
      create: { ...key, ...sums },
      update: sums,
    });
  }
}

/** Users without sessions, one for each entry, with totals; their ids, in order. */
export async function walkers(
  test: TestApp,
  entries: (Figures & { regionCode?: string | null })[],
  periods: Periods = NOVEMBER,
): Promise<string[]> {
  const ids = entries.map(() => uuidv7());
  await test.db.prisma.user.createMany({
    data: entries.map(({ regionCode = HOME_DONG }, i) => ({
      id: ids[i]!,
      nickname: `이웃${i}`,
      regionCode,
      privacySeed: Uint8Array.from(randomBytes(32)),
      createdAt: test.clock.now(),
    })),
  });
  await test.db.prisma.userTotal.createMany({
    data: entries.flatMap(({ distanceM, walks = Math.ceil(distanceM / 1_000), movingS = distanceM }, i) =>
      (Object.entries(periods) as [TotalPeriod, string][]).map(([period, from]) => ({
        ...{ period, startsOn: new Date(`${from}T00:00:00Z`), userId: ids[i]! },
        ...{
          walks,
          distanceM,
          movingS,
          rankedWalks: walks,
          rankedDistanceM: distanceM,
          rankedMovingS: movingS,
        },
      })),
    ),
  });
  return ids;
}

/** The hourly job, and what follows from it. */
export async function refreshBoards(test: TestApp): Promise<void> {
  await test.app.get(RankingJobs).refresh();
  await test.queue.drain();
}

export const boardOf = (as: Person, query = ''): Promise<Answer> => as.send('GET', `/rankings?${query}`);

/** The whole of a list, page by page. */
export async function allOf(as: Person, path: string, limit: number) {
  const items = [];
  let cursor = '';
  do {
    const { status, body }: Answer = await as.send('GET', `${path}&limit=${limit}${cursor}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    if (body.items.length > limit) throw new Error('More than the limit');
    items.push(...body.items);
    if (items.length > 1_000) throw new Error('The list does not end');
    cursor = body.nextCursor ? `&cursor=${body.nextCursor}` : '';
  } while (cursor);
  return items;
}

const allowCorrection = statement(
  'test_correction',
  `select set_config('withbowwow.correction', 'on', true)`,
);

/** An empty country: what the boards are made of is gone. */
export async function clearBoards(test: TestApp): Promise<void> {
  await test.db.transaction(async (tx) => {
    await tx.rows(allowCorrection, []);
    await tx.prisma.hallOfFameEntry.deleteMany();
    await tx.prisma.rankingRow.deleteMany();
    await tx.prisma.rankingBoard.deleteMany();
    await tx.prisma.rankingSnapshot.deleteMany();
    await tx.prisma.user.deleteMany();
  });
}
