import { v7 as uuidv7 } from 'uuid';
import { expectFieldFault, expectProblem, type Person, send, signIn } from '../support/api.js';
import { given, wirePoints } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { phone } from '../support/walking.js';
import { streetWalk } from '../builders/tracks.js';

interface Totals {
  walks: number;
  distanceM: number;
  movingS: number;
}
interface Bucket extends Totals {
  date: string;
}
interface Summary extends Totals {
  walkDate: string;
  counts: boolean;
  petIds: string[];
}

let test: TestApp;
let bori: Person;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(async () => {
  test.clock.set('2026-11-20T03:00:00Z');
  bori = await signIn(test);
});

let seed = 1_700;
const walkAt = async (kst: string, km: number, petIds?: string[]) =>
  (
    await phone.put(
      bori,
      uuidv7(),
      wirePoints(streetWalk({ startMs: Date.parse(`${kst}+09:00`), km, noiseM: 3, seed: seed++ })),
      petIds && { petIds },
    )
  ).body;
const statistics = async (query = '') => (await bori.send('GET', `/users/me/statistics${query}`)).body;
const sumOf = (items: Totals[]): Totals => ({
  walks: items.reduce((sum, { walks }) => sum + walks, 0),
  distanceM: items.reduce((sum, { distanceM }) => sum + distanceM, 0),
  movingS: items.reduce((sum, { movingS }) => sum + movingS, 0),
});

it('T03 a walk of 23:50 KST belongs to that day, one of 00:10 to the next', async () => {
  test.clock.set('2026-11-20T14:50:00Z');
  await walkAt('2026-11-18T23:50:00', 1.5);
  await walkAt('2026-11-20T00:10:00', 1.2);
  const { buckets } = await statistics();
  expect(buckets.map(({ date, walks }: Bucket) => [date, walks])).toEqual([
    ['2026-11-18', 1],
    ['2026-11-20', 1],
  ]);
});

it('T02 a walk from Sunday to Monday, or over the end of a month, is in one bucket', async () => {
  const sunday = await walkAt('2026-11-15T23:50:00', 1.5);
  const month = await walkAt('2026-10-31T23:45:00', 1.4);
  expect(await statistics('?date=2026-11-15')).toMatchObject({
    from: '2026-11-09',
    to: '2026-11-15',
    totals: { walks: 1, distanceM: sunday.distanceM, movingS: sunday.movingS },
  });
  expect((await statistics('?date=2026-11-16')).totals.walks).toBe(0);
  expect((await statistics('?period=month&date=2026-10-01')).totals).toEqual({
    walks: 1,
    distanceM: month.distanceM,
    movingS: month.movingS,
  });
  expect((await statistics('?period=month&date=2026-11-30')).totals.walks).toBe(1);
});

it('T03 the day of "today" is the Korean one', async () => {
  test.clock.set('2026-11-22T15:30:00Z');
  expect(await statistics()).toMatchObject({ period: 'week', from: '2026-11-23', to: '2026-11-29' });
});

it('G21 G22 buckets, totals and walks agree, for the user and for each dog', async () => {
  await given.premium(bori);
  const a = (await given.pet(bori, { name: '보리' })).id;
  const b = (await given.pet(bori, { name: '콩이' })).id;
  await walkAt('2025-12-31T22:00:00', 0.9, [a]);
  await walkAt('2026-01-01T08:00:00', 1.1, [a, b]);
  await walkAt('2026-10-31T23:50:00', 0.8, [b]);
  await walkAt('2026-11-16T07:00:00', 0.7, [a, b]);
  await walkAt('2026-11-18T07:00:00', 0.6, [a]);
  await walkAt('2026-11-18T20:00:00', 1.3, [b]);
  await walkAt('2026-11-19T20:00:00', 0.3, [a]); // too short: does not count
  const deleted = await walkAt('2026-11-20T07:00:00', 1.0, [a, b]);
  await phone.delete(bori, deleted.id);
  await phone.start(bori, { petIds: [a] });
  await test.queue.drain();

  const { body: list } = await bori.send('GET', '/walks?limit=100');
  const counted: Summary[] = list.items
    .filter(({ counts }: Summary) => counts)
    .map((walk: Summary) => ({ ...walk, walks: 1 }));
  expect(counted).toHaveLength(6);
  const periods: [string, string, string][] = [
    ['week', '2026-11-16', '2026-11-22'],
    ['month', '2026-11-01', '2026-11-30'],
    ['year', '2026-01-01', '2026-12-31'],
    ['all', '0000', '9999'],
  ];
  for (const [period, from, to] of periods) {
    for (const petId of [null, a, b]) {
      const walks = counted.filter(
        (walk) => walk.walkDate >= from && walk.walkDate <= to && (!petId || walk.petIds.includes(petId)),
      );
      const { totals, buckets } = await statistics(`?period=${period}${petId ? `&petId=${petId}` : ''}`);
      expect({ period, petId, totals }).toEqual({ period, petId, totals: sumOf(walks) });
      expect(sumOf(buckets)).toEqual(totals);
      const isDaily = period === 'week' || period === 'month';
      const dates = new Set(walks.map(({ walkDate }) => (isDaily ? walkDate : `${walkDate.slice(0, 7)}-01`)));
      expect(buckets.map(({ date }: Bucket) => date)).toEqual([...dates].sort());
    }
  }
});

it('R01 a crop and a deletion are followed at once', async () => {
  const walk = await walkAt('2026-11-18T07:00:00', 1.5);
  const crop = { from: walk.startedAt, to: new Date(Date.parse(walk.startedAt) + 600_000).toISOString() };
  const { body: cropped } = await phone.edit(bori, walk.id, { crop });
  expect((await statistics()).totals).toEqual({
    walks: 1,
    distanceM: cropped.distanceM,
    movingS: cropped.movingS,
  });
  await phone.delete(bori, walk.id);
  expect(await statistics()).toMatchObject({ totals: { walks: 0, distanceM: 0, movingS: 0 }, buckets: [] });
});

it('O03 somebody else’s dog and walks add nothing', async () => {
  const other = await signIn(test);
  const pet = await given.pet(other);
  await given.walk(other, { petId: pet.id });
  await given.premium(bori);
  expect((await statistics(`?period=all&petId=${pet.id}`)).totals.walks).toBe(0);
  expect((await statistics('?period=all')).totals.walks).toBe(0);
});

it('refuses queries that are none', async () => {
  const get = (query: string) => bori.send('GET', `/users/me/statistics?${query}`);
  expectFieldFault(await get('period=day'), 'period');
  expectFieldFault(await get('date=2026-02-30'), 'date');
  expectFieldFault(await get('petId=1'), 'petId');
  expectFieldFault(await get('userId=1'), 'userId');
  expect((await get('date=2099-12-31')).body.to).toBe('2100-01-03');
  expectProblem(await send(test, 'GET', '/users/me/statistics'), 401, 'unauthorized');
});
