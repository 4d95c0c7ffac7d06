import { statement } from '../../src/platform/database/database.js';
import { BadgeJobs } from '../../src/modules/badges/badges.jobs.js';
import { moved, SEOUL_FOREST, standStill } from '../builders/tracks.js';
import { type Person, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { storeTrack, storeWalk } from '../support/stored-walks.js';

let test: TestApp;
let bori: Person;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(async () => {
  bori = await signIn(test);
});

type Line = (readonly [number, number, number])[];

const cellOf = statement<{ cell: string }>(
  'test_place_cell',
  `select place_cell($1::float8, $2::float8)::text as cell`,
);
const visited = statement<{ cell: string; seconds: number }>(
  'test_visited',
  `select cell::text as cell, seconds from walk_tracks, visited_places(path) where walk_id = $1::uuid order by seconds desc`,
);
const unique = statement<{ places: number }>(
  'test_unique_places',
  `select count_unique_places($1::uuid) as places`,
);

const cell = async (lat: number, lng: number) => (await test.db.rows(cellOf, [lat, lng]))[0]!.cell;
async function visits(lines: Line[]): Promise<Record<string, number>> {
  const id = await storeWalk(test, bori.id);
  await storeTrack(test, id, lines);
  const rows = await test.db.rows(visited, [id]);
  return Object.fromEntries(rows.map((row) => [row.cell, row.seconds]));
}
/** The walk as the badges' handler sees it; its places are counted by the database function. */
async function uniquePlaces(...tracks: Line[][]): Promise<number> {
  for (const lines of tracks) {
    const walkId = await storeWalk(test, bori.id);
    await storeTrack(test, walkId, lines);
    await test.app.get(BadgeJobs).follow({ walkId, userId: bori.id });
  }
  return count();
}
const count = async () => (await test.db.rows(unique, [bori.id]))[0]!.places;
const stay = (seconds: number, lat = 37.5443, lng = 127.0374, from = 0): Line =>
  Array.from({ length: 5 }, (_, i) => [1_795_000_000 + from + (seconds * i) / 4, lat, lng] as const);

describe('the time in a cell', () => {
  it('is that between its points, and sums up to the whole', async () => {
    const home = await cell(37.5443, 127.0374);
    expect(await visits([stay(200)])).toEqual({ [home]: 200 });
    const away = moved(SEOUL_FOREST, 90, 1_000);
    const there = await cell(away.lat, away.lng);
    const line: Line = [
      [0, 37.5443, 127.0374],
      [100, 37.5443, 127.0374],
      [160, away.lat, away.lng],
      [460, away.lat, away.lng],
    ];
    expect(await visits([line])).toEqual({ [home]: 130, [there]: 330 }); // the way is split by halves
  });

  it('is not bridged between two lines', async () => {
    const home = await cell(37.5443, 127.0374);
    expect(await visits([stay(100), stay(79, 37.5443, 127.0374, 4_000)])).toEqual({ [home]: 179 });
  });

  it('is none for a path of one point or none', async () => {
    expect(
      await visits([
        [
          [0, 37.5, 127],
          [0, 37.5, 127],
        ],
      ]),
    ).toEqual({ [await cell(37.5, 127)]: 0 });
    expect(await visits([])).toEqual({});
  });

  it('is taken over the pole, the date line and everywhere between without an error', async () => {
    for (const [lat, lng] of [
      [90, 0],
      [-90, 180],
      [89.9999, -179.9999],
      [0, 180],
      [0, -180],
      [-33.9, 151.2],
      [40.7, -74],
      [0.0001, -0.0001],
    ] as const) {
      const cells = await visits([stay(200, lat, lng)]);
      expect([lat, lng, Object.values(cells)]).toEqual([lat, lng, [200]]);
    }
    const across: Line = [
      [0, 10, 179.9999],
      [100, 10, -179.9999],
      [300, 10, -179.9999],
    ];
    expect(Object.values(await visits([across])).sort()).toEqual([250, 50]);
  });
});

it('a cell is about 300 m by 300 m, from Jeju to Seoul and beyond', async () => {
  for (const lat of [0, 33.2, 37.5, 60]) {
    for (const bearing of [0, 90]) {
      let changes = 0;
      let former = await cell(lat, 127);
      for (let m = 50; m <= 6_000; m += 50) {
        const at = moved({ lat, lng: 127 }, bearing, m);
        const now = await cell(at.lat, at.lng);
        if (now !== former) changes++;
        former = now;
      }
      // A line along a parallel drifts over a row's edge at most a few times.
      expect(changes).toBeGreaterThanOrEqual(18);
      expect(changes).toBeLessThanOrEqual(23);
    }
  }
});

describe('R11 unique places', () => {
  it('a place needs 3 minutes: 2:59 is too short', async () => {
    expect(await uniquePlaces([stay(179)])).toBe(0);
    expect(await uniquePlaces([stay(179.999)])).toBe(0);
    expect(await uniquePlaces([stay(180)])).toBe(1);
  });

  it('count once, however often they are visited, and not from halves on two days', async () => {
    const there = moved(SEOUL_FOREST, 0, 900);
    expect(await uniquePlaces([stay(400)], [stay(300)], [stay(170, there.lat, there.lng)])).toBe(1);
    expect(await uniquePlaces([stay(170, there.lat, there.lng, 9_000)])).toBe(1);
    expect(await uniquePlaces([stay(181, there.lat, there.lng)])).toBe(2);
  });

  it('are counted anywhere on earth', async () => {
    expect(await uniquePlaces([stay(200, 48.85, 2.35)], [stay(200, -54.8, -68.3)])).toBe(2);
  });

  it('follow the walk: gone while it does not count, back when it does', async () => {
    const walkId = await storeWalk(test, bori.id);
    await storeTrack(test, walkId, [stay(300)]);
    const follow = () => test.app.get(BadgeJobs).follow({ walkId, userId: bori.id });
    const rows = () => test.db.prisma.walkPlaces.count({ where: { walkId } });
    await follow();
    expect([await count(), await rows()]).toEqual([1, 1]);
    await test.db.prisma.walk.update({ where: { id: walkId }, data: { counts: false } });
    expect(await count()).toBe(0); // at once, also before the job
    await follow();
    expect([await count(), await rows()]).toEqual([0, 0]);
    await test.db.prisma.walk.update({ where: { id: walkId }, data: { counts: true } });
    await follow();
    await storeTrack(test, walkId, [stay(100)]);
    await follow();
    expect([await count(), await rows()]).toEqual([0, 1]); // looked at, none found
  });

  it('that a failed job left out are made up for with the next walk', async () => {
    const lost = await storeWalk(test, bori.id);
    await storeTrack(test, lost, [stay(300)]);
    const next = await storeWalk(test, bori.id);
    await test.app.get(BadgeJobs).follow({ walkId: next, userId: bori.id });
    expect(await count()).toBe(1);
  });

  it('come from a real walk, whole: a privacy zone hides nothing from its owner’s count', async () => {
    const startMs = test.clock.nowMs() - 7_200_000;
    await bori.send('POST', '/users/me/privacy-zones', { name: '집', ...SEOUL_FOREST, radiusM: 300 });
    const rest = standStill({ startMs, minutes: 4, noiseM: 1, seed: 3 });
    const end = moved(SEOUL_FOREST, 90, 900);
    const way = Array.from({ length: 750 }, (_, i) => ({
      seq: rest.length + i,
      tMs: rest.at(-1)!.tMs + (i + 1) * 1_000,
      ...moved(SEOUL_FOREST, 90 + 8 * Math.sin(i / 40), i * 1.2),
    }));
    const goal = standStill({ startMs: way.at(-1)!.tMs + 1_000, start: end, minutes: 4, noiseM: 1, seed: 4 });
    const points = [...rest, ...way, ...goal].map((point, seq) => ({ ...point, seq, accuracyM: 5 }));
    const walk = await given.walk(bori, { points, visibility: 'private' });
    expect(walk).toMatchObject({ counts: true });
    await test.queue.drain();
    const stored = await test.db.prisma.walkPlaces.findUniqueOrThrow({ where: { walkId: walk.id } });
    expect(stored.cells.map(String)).toContain(await cell(SEOUL_FOREST.lat, SEOUL_FOREST.lng));
    expect(stored.cells.map(String)).toContain(await cell(end.lat, end.lng));
    expect(await count()).toBe(stored.cells.length);
    const stranger = await signIn(test);
    expect((await stranger.send('GET', `/users/${bori.id}/badges`)).text).not.toMatch(/cell|lat|lng/);
  });
});
