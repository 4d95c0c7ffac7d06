import { randomUUID } from 'node:crypto';
import type { TotalPeriod } from '../../src/generated/prisma/enums.js';
import { loadConfig } from '../../src/config/config.js';
import { type Database, statement, type Transaction } from '../../src/platform/database/database.js';
import { openDatabase } from '../../src/platform/database/database.module.js';
import { borrowedDatabase, type OwnDatabase } from '../support/lane.js';

let own: OwnDatabase;
let db: Database;
beforeAll(async () => {
  own = await borrowedDatabase();
  db = await openDatabase(loadConfig({ NODE_ENV: 'test', ...own.env }));
});
afterAll(async () => {
  await db.close();
  await own.remove();
});

const refreshed = statement<{ taken: number }>(
  'spec_refresh',
  `select refresh_rankings($1::total_period, $2::timestamptz) as taken`,
);
const PERIODS = ['week', 'month', 'all', 'quarter'] as const;
const refresh = async (period: TotalPeriod, at: string) => (await db.rows(refreshed, [period, at]))[0]!.taken;
const refreshAll = async (at: string) => {
  for (const period of PERIODS) await refresh(period, at);
};
const correction = statement('spec_correction', `select set_config('withbowwow.correction', 'on', true)`);
const current = (period: TotalPeriod) =>
  db.prisma.rankingSnapshot.findMany({ where: { period, isCurrent: true }, orderBy: { startsOn: 'asc' } });

async function clear(): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.rows(correction, []);
    await tx.prisma.hallOfFameEntry.deleteMany();
    await clearBoards(tx);
    await tx.prisma.user.deleteMany();
  });
}
async function clearBoards(tx: Transaction): Promise<void> {
  await tx.prisma.rankingRow.deleteMany();
  await tx.prisma.rankingBoard.deleteMany();
  await tx.prisma.rankingSnapshot.deleteMany();
}
beforeEach(clear);

async function addUser(regionCode: string | null = '1168064000', data: object = {}): Promise<string> {
  const { id } = await db.prisma.user.create({
    data: {
      id: randomUUID(),
      nickname: '보리',
      regionCode,
      privacySeed: new Uint8Array(32),
      createdAt: new Date('2026-01-01T00:00:00Z'),
      ...data,
    },
  });
  return id;
}
const addTotal = (userId: string, period: TotalPeriod, startsOn: string, distanceM: number) =>
  db.prisma.userTotal.create({
    data: {
      ...{ userId, period, startsOn: new Date(`${startsOn}T00:00:00Z`) },
      ...{ walks: 1, distanceM, movingS: 60, rankedWalks: 1, rankedDistanceM: distanceM, rankedMovingS: 60 },
    },
  });

describe('T11 periods', () => {
  const bounds = statement<{ startsOn: string; next: string; closesAt: Date }>(
    'spec_bounds',
    `select start::text as "startsOn", next_period_start($1::total_period, start)::text as next,
            period_closes_at($1::total_period, start) as "closesAt"
     from period_start($1::total_period, $2::date) start`,
  );
  it.each([
    ['week', '2026-12-28', '2026-12-28', '2027-01-04', '2027-01-04T15:00:00.000Z'],
    ['week', '2027-01-03', '2026-12-28', '2027-01-04', '2027-01-04T15:00:00.000Z'],
    ['week', '2028-02-29', '2028-02-28', '2028-03-06', '2028-03-06T15:00:00.000Z'],
    ['week', '2027-01-04', '2027-01-04', '2027-01-11', '2027-01-11T15:00:00.000Z'],
    ['month', '2028-02-29', '2028-02-01', '2028-03-01', '2028-03-01T15:00:00.000Z'],
    ['month', '2026-12-31', '2026-12-01', '2027-01-01', '2027-01-01T15:00:00.000Z'],
    ['quarter', '2028-02-29', '2028-01-01', '2028-04-01', '2028-04-01T15:00:00.000Z'],
    ['quarter', '2026-12-31', '2026-10-01', '2027-01-01', '2027-01-01T15:00:00.000Z'],
  ] as const)(
    'the %s of %s is from %s to before %s, closed at %s',
    async (period, date, startsOn, next, closesAt) => {
      expect(await db.rows(bounds, [period, date])).toEqual([
        { startsOn, next, closesAt: new Date(closesAt) },
      ]);
    },
  );

  const odd = statement<{ period: string; day: string }>(
    'spec_odd_days',
    `select period::text as period, day::date::text as day
     from unnest(enum_range(null::total_period)) period, generate_series(date '2024-01-01', date '2032-12-31', interval '1 day') day
     cross join lateral (select period_start(period, day::date) as starts_on) begun
     cross join lateral (select next_period_start(period, starts_on) as next) ended
     where not (
       starts_on <= day::date and day::date < next and period_start(period, starts_on) = starts_on
       and (period = 'all' or (period_start(period, next) = next and period_start(period, next - 1) = starts_on))
       and (period <> 'week' or (extract(isodow from starts_on) = 1 and next - starts_on = 7))
     )`,
  );
  it('cover each day of nine years once, and begin where the one before ends', async () => {
    expect(await db.rows(odd, [])).toEqual([]);
  });

  it('are null for nothing, and never closed for all time', async () => {
    const edges = statement<object>(
      'spec_period_edges',
      `select next_period_start('all', null)::text as a, period_closes_at('week', null) as b,
              period_closes_at('all', date '1970-01-01') > 'now'::timestamptz + interval '1000 years' as never`,
    );
    expect(await db.rows(edges, [])).toEqual([{ a: null, b: null, never: true }]);
  });
});

describe('T07 the hourly refresh', () => {
  const outcome = statement<object>(
    'spec_outcome',
    `select period::text as period, starts_on::text as "startsOn", taken_at as "takenAt", closed_at as "closedAt",
            metric::text as metric, user_id as "userId", value, dong_rank as "dongRank", gu_rank as "guRank",
            nation_rank as "nationRank",
            (select json_agg(json_build_array(scope, region_code, members) order by scope, region_code)
             from ranking_boards where snapshot_id = snapshot.id and metric = place.metric) as boards
     from ranking_snapshots snapshot join ranking_rows place on place.snapshot_id = snapshot.id
     where closed_at is not null
     order by period, starts_on, metric, nation_rank, user_id`,
  );
  const hall = statement<object>(
    'spec_hall',
    `select period::text as period, starts_on::text as "startsOn", scope::text as scope, region_code as "regionCode",
            metric::text as metric, rank, value, user_id as "userId", entered_at as "enteredAt"
     from hall_of_fame order by 1, 2, 3, 4, 5, 6, 8`,
  );

  it('twice, late, or not for three weeks: the closed boards and the hall are the same', async () => {
    for (let i = 0; i < 7; i++) {
      const id = await addUser(i === 6 ? null : '1168064000');
      for (const week of ['2026-11-16', '2026-11-23', '2026-11-30', '2026-12-07'])
        await addTotal(id, 'week', week, 1_000 * (1 + ((i * Number(week.slice(-2))) % 4)));
      for (const month of ['2026-11-01', '2026-12-01']) await addTotal(id, 'month', month, 1_000 + (i % 3));
      await addTotal(id, 'quarter', '2026-10-01', 5_000 + (i % 2));
      await addTotal(id, 'all', '1970-01-01', 9_000 + i);
    }
    const daily = Array.from({ length: 50 }, (_, i) =>
      new Date(Date.UTC(2026, 10, 16 + i, 15)).toISOString(),
    );
    const results: object[] = [];
    for (const runs of [
      daily,
      daily.flatMap((at) => [at, at]),
      daily.map((at) => at.replace('T15:00', 'T19:37')),
      [daily[3]!, daily[4]!, ...daily.slice(27)],
      [daily.at(-1)!],
      [...daily].reverse(),
    ]) {
      await db.transaction(async (tx) => {
        await tx.rows(correction, []);
        await tx.prisma.hallOfFameEntry.deleteMany();
        await clearBoards(tx);
      });
      for (const at of runs) await refreshAll(at);
      results.push({ boards: await db.rows(outcome, []), hall: await db.rows(hall, []) });
    }
    const [inTime, ...others] = results as { boards: object[]; hall: object[] }[];
    // Six weeks (two of them empty), two months; three metrics. The quarter is in the hall only.
    expect(inTime!.boards).toHaveLength((4 + 2) * 7 * 3);
    expect(inTime!.hall.length).toBeGreaterThan(20);
    for (const other of others) expect(other).toEqual(inTime);
  });

  it('closes at the end + 24 h, not a millisecond before, and no closed board changes again', async () => {
    const id = await addUser();
    await addTotal(id, 'week', '2026-11-16', 1_000);
    await refresh('week', '2026-11-23T14:59:59.999Z');
    expect(await current('week')).toMatchObject([{ closedAt: null }, { closedAt: null }]);
    await refresh('week', '2026-11-23T15:00:00.000Z');
    const [closed] = await current('week');
    expect(closed).toMatchObject({
      startsOn: new Date('2026-11-16'),
      takenAt: new Date('2026-11-23T15:00:00Z'),
      closedAt: new Date('2026-11-23T15:00:00Z'),
    });
    await db.prisma.userTotal.updateMany({ data: { rankedDistanceM: 9_000 } });
    await refresh('week', '2026-11-23T15:00:00.000Z');
    await refresh('week', '2026-11-25T15:00:00.000Z');
    expect((await current('week'))[0]).toEqual(closed);
    expect(
      await db.prisma.rankingRow.findMany({ where: { snapshotId: closed!.id, metric: 'distance' } }),
    ).toMatchObject([{ userId: id, value: 1_000 }]);
  });

  it('for an instant of the past changes nothing that is newer', async () => {
    await addTotal(await addUser(), 'all', '1970-01-01', 1_000);
    await refresh('all', '2026-11-20T05:00:00Z');
    const before = await current('all');
    await refresh('all', '2026-11-20T05:00:00Z');
    await refresh('all', '2026-11-20T04:00:00Z');
    expect(await current('all')).toEqual(before);
    expect(await db.prisma.rankingSnapshot.count()).toBe(1);
  });

  it('two at once take one snapshot', async () => {
    for (let i = 0; i < 20; i++) await addTotal(await addUser(), 'month', '2026-11-01', 100 + i);
    const at = '2026-11-20T05:00:00Z';
    await Promise.all(
      [1, 2, 3].map(() => db.transaction((tx) => tx.rows(refreshed, ['month', at]), { timeoutMs: 60_000 })),
    );
    expect(await db.prisma.rankingSnapshot.count()).toBe(1);
    expect(await db.prisma.rankingRow.count()).toBe(60);
    await Promise.all(
      ['2026-12-01T15:00:00Z', '2026-12-01T15:00:01Z'].map((closing) => refresh('month', closing)),
    );
    expect(await db.prisma.hallOfFameEntry.count({ where: { metric: 'distance', scope: 'nation' } })).toBe(3);
  });

  it('keeps what pages are read from for two hours, and no rows without a snapshot', async () => {
    await addTotal(await addUser(), 'week', '2026-11-16', 1_000);
    const hours = ['01', '02', '03', '04', '05'];
    for (const hour of hours) await refresh('week', `2026-11-20T${hour}:00:00Z`);
    const kept = await db.prisma.rankingSnapshot.findMany({ orderBy: { takenAt: 'asc' } });
    expect(kept.map(({ takenAt }) => takenAt.toISOString().slice(11, 13))).toEqual(['03', '04', '05']);
    const ids = kept.map(({ id }) => id);
    for (const rest of [await db.prisma.rankingRow.findMany(), await db.prisma.rankingBoard.findMany()])
      expect([...new Set(rest.map(({ snapshotId }) => snapshotId))].sort()).toEqual([...ids].sort());
    await refresh('week', '2026-11-21T03:00:00Z');
    // After a long pause the one just replaced stays.
    expect(await db.prisma.rankingSnapshot.count()).toBe(2);
  });

  it('R06 leaves out who is hidden or has nothing to rank, R04 puts each into one dong only', async () => {
    const at = new Date('2026-11-19T00:00:00Z');
    const shown = await addUser('2611051000');
    const hidden = [
      await addUser(undefined, { suspendedAt: at }),
      await addUser(undefined, { deletionRequestedAt: at }),
      await addUser(undefined, { rankingOptedOutAt: at }),
    ];
    for (const id of [shown, ...hidden]) await addTotal(id, 'all', '1970-01-01', 1_000);
    const privateOnly = await addUser();
    await addTotal(privateOnly, 'all', '1970-01-01', 1_000);
    await db.prisma.userTotal.updateMany({
      where: { userId: privateOnly },
      data: { rankedWalks: 0, rankedDistanceM: 0, rankedMovingS: 0 },
    });
    await refresh('all', '2026-11-20T05:00:00Z');
    await db.prisma.user.update({ where: { id: shown }, data: { regionCode: '1168064000' } });
    await refresh('all', '2026-11-20T06:00:00Z');
    const snapshotId = (await current('all'))[0]!.id;
    const rows = await db.prisma.rankingRow.findMany({ where: { snapshotId } });
    expect(
      rows.map(({ userId, dongCode, formerDongRank, formerNationRank }) => [
        userId,
        dongCode,
        formerDongRank,
        formerNationRank,
      ]),
    ).toEqual(Array(3).fill([shown, '1168064000', null, 1]));
  });
});

describe('the hall of fame', () => {
  async function entry(): Promise<string> {
    const userId = await addUser();
    await addTotal(userId, 'month', '2026-10-01', 1_000);
    await refresh('month', '2026-11-05T00:00:00Z');
    return userId;
  }
  const entries = () => db.prisma.hallOfFameEntry.findMany({ orderBy: { id: 'asc' } });

  it('is not changed, and nothing is taken out of it', async () => {
    await entry();
    const before = await entries();
    expect(before).toHaveLength(6); // nation and gu; the dong is too small
    const attempts = [
      () => db.prisma.hallOfFameEntry.updateMany({ data: { value: 9_999 } }),
      () => db.prisma.hallOfFameEntry.updateMany({ data: { rank: 2, userId: null } }),
      () => db.prisma.hallOfFameEntry.deleteMany(),
      () => db.rows(statement('spec_truncate_hall', 'truncate hall_of_fame'), []),
    ];
    for (const attempt of attempts) await expect(attempt()).rejects.toThrow(/hall of fame is not changed/);
    expect(await entries()).toEqual(before);
  });

  it('loses the name of an erased account, and nothing else', async () => {
    const userId = await entry();
    const before = await entries();
    await db.prisma.user.delete({ where: { id: userId } });
    expect(await entries()).toEqual(before.map((row) => ({ ...row, userId: null })));
  });

  it('is corrected only where a transaction says so, and only there', async () => {
    await entry();
    await db.transaction(async (tx) => {
      await tx.rows(correction, []);
      await tx.prisma.hallOfFameEntry.updateMany({ data: { value: 900 } });
    });
    expect((await entries()).every(({ value }) => value === 900)).toBe(true);
    await expect(db.prisma.hallOfFameEntry.updateMany({ data: { value: 1 } })).rejects.toThrow(/not changed/);
  });

  it('takes no entry twice', async () => {
    await entry();
    const [first] = await entries();
    await expect(
      db.prisma.hallOfFameEntry.create({ data: { ...first!, id: randomUUID() } }),
    ).rejects.toThrow();
  });
});
