import { Logger } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { TotalsJobs } from '../../src/modules/totals/totals.jobs.js';
import { usersThatDiffer } from '../../src/modules/totals/totals.queries.js';
import { fromDateColumn } from '../../src/platform/clock/kst.js';
import { statement } from '../../src/platform/database/database.js';
import { type Person, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { at, completeWalk, storeWalk, tell } from '../support/stored-walks.js';

let test: TestApp;
let jobs: TotalsJobs;
let bori: Person;
beforeAll(async () => {
  test = await startTestApp();
  jobs = test.app.get(TotalsJobs);
});
afterAll(() => test.close());
beforeEach(async () => {
  test.clock.set('2026-11-20T03:00:00Z'); // Friday, 12:00 in Korea
  bori = await signIn(test);
});

/** `week 2026-11-16`: walks distanceM movingS | the same for boards */
async function totals(userId = bori.id): Promise<Record<string, string>> {
  const rows = await test.db.prisma.userTotal.findMany({
    where: { userId },
    orderBy: [{ period: 'asc' }, { startsOn: 'asc' }],
  });
  return Object.fromEntries(
    rows.map((row) => [
      `${row.period} ${fromDateColumn(row.startsOn)}`,
      `${row.walks} ${row.distanceM} ${row.movingS} | ${row.rankedWalks} ${row.rankedDistanceM} ${row.rankedMovingS}`,
    ]),
  );
}
const update = (id: string, data: object) => test.db.prisma.walk.update({ where: { id }, data });
const isExact = async () =>
  (
    await usersThatDiffer(
      test.db,
      '00000000-0000-0000-0000-000000000000',
      'ffffffff-ffff-ffff-ffff-ffffffffffff',
    )
  ).length === 0;

describe('totals', () => {
  it('R01 follow a walk through its whole life, in all four kinds of period', async () => {
    const id = await completeWalk(test, bori.id, {
      startedAt: at('2026-11-19'),
      distanceM: 1_000,
      movingS: 800,
    });
    await test.queue.drain();
    const all = (figures: string) => ({
      'week 2026-11-16': figures,
      'month 2026-11-01': figures,
      'quarter 2026-10-01': figures,
      'all 1970-01-01': figures,
    });
    expect(await totals()).toEqual(all('1 1000 800 | 1 1000 800'));
    await completeWalk(test, bori.id, { startedAt: at('2026-11-20', '08:00'), distanceM: 500, movingS: 400 });
    await test.queue.drain();
    expect(await totals()).toEqual(all('2 1500 1200 | 2 1500 1200'));

    const steps: [object, string][] = [
      [{ visibility: 'private' }, '2 1500 1200 | 1 500 400'],
      [{ visibility: 'public' }, '2 1500 1200 | 2 1500 1200'],
      [{ distanceM: 700, movingS: 600 }, '2 1200 1000 | 2 1200 1000'],
      [{ counts: false }, '1 500 400 | 1 500 400'],
      [{ counts: true }, '2 1200 1000 | 2 1200 1000'],
      [{ state: 'deleted', counts: false }, '1 500 400 | 1 500 400'],
    ];
    for (const [change, expected] of steps) {
      await update(id, change);
      await tell(test, 'changed', bori.id, id, id, id);
      await test.queue.drain();
      expect([change, await totals()]).toEqual([change, all(expected)]);
    }
  });

  it('R02 a fact five times, late or before its time changes nothing more', async () => {
    const id = await storeWalk(test, bori.id, { startedAt: at('2026-11-19'), counts: false });
    await tell(test, 'changed', bori.id, id, id);
    await tell(test, 'completed', bori.id, id);
    await test.queue.drain();
    expect(await totals()).toEqual({});
    await update(id, { counts: true });
    for (let i = 0; i < 5; i++) await jobs.apply({ walkId: id, userId: bori.id });
    const once = await totals();
    expect(once['all 1970-01-01']).toBe('1 1500 1200 | 1 1500 1200');
    const [before] = await rowVersions();
    await jobs.apply({ walkId: id, userId: bori.id });
    expect((await rowVersions())[0]).toEqual(before); // not even written again
  });

  const rowVersions = () =>
    test.db.rows(
      statement<{ versions: string }>(
        'test_totals_versions',
        `select string_agg(xmin::text, ',' order by period, starts_on) as versions from user_totals where user_id = $1::uuid`,
      ),
      [bori.id],
    );

  it('T02 T03 T11 a walk belongs to the KST date on which it started, whole', async () => {
    test.clock.set('2028-03-02T03:00:00Z');
    await completeWalk(test, bori.id, { startedAt: at('2027-12-31', '23:59:59.999') });
    await completeWalk(test, bori.id, { startedAt: at('2028-01-01', '00:00') });
    await completeWalk(test, bori.id, { startedAt: at('2028-01-02', '23:50') }); // Sunday
    await completeWalk(test, bori.id, { startedAt: at('2028-01-03', '00:10') }); // Monday
    await completeWalk(test, bori.id, { startedAt: at('2028-02-29', '23:59') });
    await test.queue.drain();
    const walks = Object.entries(await totals()).map(
      ([period, figures]) => `${period}: ${figures.split(' ')[0]}`,
    );
    expect(walks).toEqual([
      'week 2027-12-27: 3',
      'week 2028-01-03: 1',
      'week 2028-02-28: 1',
      'month 2027-12-01: 1',
      'month 2028-01-01: 3',
      'month 2028-02-01: 1',
      'quarter 2027-10-01: 1',
      'quarter 2028-01-01: 4',
      'all 1970-01-01: 5',
    ]);
  });

  it('T06 a walk that comes after the closing is in the totals, not on that period’s boards', async () => {
    test.clock.set('2026-12-20T03:00:00Z');
    let minute = 10;
    const sunday = () => at('2026-11-22', `20:${minute++}`); // the last day of the week of 16 November
    await completeWalk(test, bori.id, {
      startedAt: sunday(),
      completedAt: at('2026-11-23', '23:59:59.999'),
      distanceM: 600,
    });
    await completeWalk(test, bori.id, {
      startedAt: sunday(),
      completedAt: at('2026-11-24', '00:00'),
      distanceM: 700,
    });
    await completeWalk(test, bori.id, {
      startedAt: sunday(),
      completedAt: at('2026-12-02', '00:00'),
      distanceM: 800,
    });
    await test.queue.drain();
    const figures = Object.fromEntries(
      Object.entries(await totals()).map(([period, text]) => [
        period,
        text.replace(/(\d+) (\d+) \d+/g, '$1 $2'),
      ]),
    );
    expect(figures).toEqual({
      'week 2026-11-16': '3 2100 | 1 600',
      'month 2026-11-01': '3 2100 | 2 1300',
      'quarter 2026-10-01': '3 2100 | 3 2100',
      'all 1970-01-01': '3 2100 | 3 2100',
    });
  });

  it('a walk whose date moves takes its sums along', async () => {
    const id = await completeWalk(test, bori.id, { startedAt: at('2026-11-01', '00:10') });
    await test.queue.drain();
    await update(id, { startedAt: at('2026-10-31', '23:50'), walkDate: new Date('2026-10-31T00:00:00Z') });
    await tell(test, 'changed', bori.id, id);
    await test.queue.drain();
    expect(await totals()).toMatchObject({
      'month 2026-10-01': '1 1500 1200 | 1 1500 1200',
      'month 2026-11-01': '0 0 0 | 0 0 0',
      'week 2026-10-26': '1 1500 1200 | 1 1500 1200',
    });
    expect(await isExact()).toBe(true);
  });

  it('a fact about a walk or a user that is gone is no error', async () => {
    await jobs.apply({ walkId: uuidv7(), userId: bori.id });
    const id = await completeWalk(test, bori.id);
    await test.db.prisma.user.delete({ where: { id: bori.id } });
    await test.queue.drain();
    await jobs.apply({ walkId: id, userId: bori.id });
    expect(await totals()).toEqual({});
  });

  it('G21 are the sums of GET /users/me/statistics', async () => {
    const walk = await given.walk(bori, { km: 1, startMs: test.clock.nowMs() - 7_200_000 });
    await given.walk(bori, { km: 1.2, startMs: test.clock.nowMs() - 30 * 3_600_000 });
    await test.queue.drain();
    await bori.send('DELETE', `/walks/${walk.id}`);
    await test.queue.drain();
    await given.premium(bori);
    const { body } = await bori.send('GET', '/users/me/statistics?period=all');
    const { walks, distanceM, movingS } = body.totals;
    expect(walks).toBe(1);
    expect((await totals())['all 1970-01-01']).toBe(
      `${walks} ${distanceM} ${movingS} | ${walks} ${distanceM} ${movingS}`,
    );
  });
});

describe('R12 the nightly comparison', () => {
  const told: unknown[][] = [];
  const logged: unknown[] = [];
  beforeEach(async () => {
    await test.queue.drain();
    told.length = logged.length = 0;
    Logger.overrideLogger({
      error: (...words: unknown[]) => told.push(words),
      log: (fields: unknown) => logged.push(fields),
      warn: () => {},
    });
  });
  afterAll(() => Logger.overrideLogger(false));

  it('finds nothing to say where nothing is wrong', async () => {
    await completeWalk(test, bori.id);
    await test.queue.drain();
    await jobs.reconcile();
    expect(told).toEqual([]);
    expect(logged).toEqual([{ repaired: 0 }]);
  });

  it('repairs and reports what is', async () => {
    const choco = await signIn(test);
    const ids: string[] = [];
    for (const [i, { id }] of [bori, bori, choco].entries())
      ids.push(await completeWalk(test, id, { startedAt: at('2026-11-19', `12:0${i}`) }));
    const [first, second] = ids;
    await test.queue.drain();
    const [before, beforeChoco] = [await totals(), await totals(choco.id)];

    await test.db.prisma.userTotal.updateMany({
      where: { userId: bori.id, period: 'month' },
      data: { distanceM: 77, rankedWalks: 9 },
    });
    await test.db.prisma.userTotal.deleteMany({ where: { userId: bori.id, period: 'week' } });
    await test.db.prisma.walkContribution.delete({ where: { walkId: first! } });
    await test.db.prisma.walkContribution.update({ where: { walkId: second! }, data: { ranked: false } });
    await jobs.reconcile();
    expect(told).toEqual([
      [
        {
          userId: bori.id,
          fields: expect.arrayContaining([
            'month 2026-11-01 distance_m',
            'month 2026-11-01 ranked_walks',
            'week 2026-11-16 walks',
            `walk ${first}`,
            `walk ${second}`,
          ]),
        },
        expect.any(String),
        'TotalsJobs',
      ],
    ]);
    expect(logged).toEqual([{ repaired: 1 }]);
    expect(await totals()).toEqual(before);
    expect(await totals(choco.id)).toEqual(beforeChoco);
    expect(await isExact()).toBe(true);
    await jobs.reconcile();
    expect(told).toHaveLength(1);
  });

  it('takes sums away for which there is no walk', async () => {
    await test.db.prisma.userTotal.create({
      data: { userId: bori.id, period: 'week', startsOn: new Date('2020-01-06T00:00:00Z'), walks: 1 },
    });
    await jobs.reconcile();
    expect(told).toHaveLength(1);
    expect(await totals()).toEqual({});
  });

  it('leaves to its job what still waits; a job that failed for good waits no more', async () => {
    const id = await completeWalk(test, bori.id);
    await jobs.reconcile();
    expect(told).toEqual([]);
    expect(await totals()).toEqual({});

    await test.db.prisma.$executeRaw`update pgboss.job set state = 'failed'
      where name = 'walk-completed.totals' and data->>'walkId' = ${id}`;
    await jobs.reconcile();
    expect(told).toHaveLength(1);
    expect((await totals())['all 1970-01-01']).toBe('1 1500 1200 | 1 1500 1200');
    await test.queue.drain();
  });
});

describe('GET /users/me/streak', () => {
  const streak = async () => (await bori.send('GET', '/users/me/streak')).body;

  it('T03 counts KST days; today without a walk breaks nothing yet', async () => {
    expect(await streak()).toEqual({
      days: 0,
      since: null,
      walkedToday: false,
      bestDays: 0,
      bestFrom: null,
      bestTo: null,
      shieldedDates: [],
      shieldsLeft: 0,
    });
    for (const date of ['2026-11-10', '2026-11-11', '2026-11-12', '2026-11-18', '2026-11-19'])
      await storeWalk(test, bori.id, { startedAt: at(date, '00:30') });
    const before = await streak();
    expect(before).toMatchObject({
      days: 2,
      since: '2026-11-18',
      walkedToday: false,
      bestDays: 3,
      bestFrom: '2026-11-10',
      bestTo: '2026-11-12',
    });
    test.clock.set('2026-11-20T14:59:59.999Z');
    expect(await streak()).toEqual(before);
    test.clock.set('2026-11-20T15:00:00.000Z');
    expect(await streak()).toMatchObject({ days: 0, since: null, bestDays: 3 });
    await storeWalk(test, bori.id, { startedAt: at('2026-11-20', '23:00') });
    expect(await streak()).toMatchObject({
      days: 3,
      since: '2026-11-18',
      walkedToday: false,
      bestTo: '2026-11-12',
    });
    await storeWalk(test, bori.id, { startedAt: at('2026-11-21', '00:00') });
    expect(await streak()).toMatchObject({ days: 4, walkedToday: true, bestDays: 4, bestTo: '2026-11-21' });
  });

  it('T08 says which days a shield kept, and how many are left', async () => {
    for (const date of ['2026-11-16', '2026-11-18', '2026-11-19'])
      await storeWalk(test, bori.id, { startedAt: at(date) });
    await test.db.prisma.streakShield.createMany({
      data: [1, 2].map(() => ({
        id: uuidv7(),
        userId: bori.id,
        coversFrom: new Date('2026-11-01T00:00:00Z'),
        coversTo: new Date('2026-11-30T00:00:00Z'),
      })),
    });
    expect(await streak()).toMatchObject({
      days: 3,
      since: '2026-11-16',
      shieldedDates: ['2026-11-17'],
      shieldsLeft: 1,
    });
    await storeWalk(test, bori.id, { startedAt: at('2026-11-17') });
    expect(await streak()).toMatchObject({ days: 4, shieldedDates: [], shieldsLeft: 2 });
  });
});
