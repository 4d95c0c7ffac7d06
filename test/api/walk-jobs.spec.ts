import { v7 as uuidv7 } from 'uuid';
import { WalkJobs } from '../../src/modules/walks/walks.jobs.js';
import { expectProblem, patiently, type Person, signIn } from '../support/api.js';
import { chunked, given, wirePoints } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { dogOf, factsOf, inChunks, phone, recorded } from '../support/walking.js';
import { seededRandom, streetWalk } from '../builders/tracks.js';

let test: TestApp;
let jobs: WalkJobs;
let bori: Person;
beforeAll(async () => {
  test = await startTestApp();
  jobs = test.app.get(WalkJobs);
});
afterAll(() => test.close());
beforeEach(async () => {
  test.clock.set('2026-11-20T03:00:00Z');
  bori = await signIn(test);
});

let seed = 1_300;
const track = (km = 1) =>
  streetWalk({ startMs: test.clock.nowMs() - 3_600_000, km, noiseM: 3, seed: seed++ });
const get = async (walkId: string) => (await phone.get(bori, walkId)).body;
const chunkCount = (walkId: string) => test.db.prisma.walkChunk.count({ where: { walkId } });

describe('G17 a walk without points for 12 h', () => {
  it('is abandoned, whatever runs twice, and the next can start', async () => {
    const { body: walk } = await phone.start(bori);
    test.clock.advance({ hours: 6 });
    await phone.points(bori, walk.id, wirePoints(track()).slice(0, 50));
    test.clock.advance({ hours: 12 });
    await jobs.abandonSilent();
    expect((await get(walk.id)).state).toBe('recording');
    test.clock.advance({ ms: 1 });
    await Promise.all([jobs.abandonSilent(), jobs.abandonSilent()]);
    await jobs.abandonSilent();
    expect(await get(walk.id)).toMatchObject({
      state: 'abandoned',
      counts: false,
      storedPoints: 50,
      completedAt: null,
    });
    expect(await factsOf(test, walk.id)).toEqual([]);
    expect((await phone.start(bori)).status).toBe(201);
  });

  it('can still be completed, also when its points come only then', async () => {
    const chunks = inChunks(track());
    const { body: walk } = await phone.start(bori, { startedAt: chunks[0]![0]!.t });
    await phone.points(bori, walk.id, chunks[0]!);
    test.clock.advance({ hours: 13 });
    await jobs.abandonSilent();
    expect((await phone.points(bori, walk.id, chunks[1]!)).body).toMatchObject({ state: 'abandoned' });
    const { body: done } = await phone.complete(bori, walk.id, chunks.flat().length);
    expect(done).toMatchObject({ state: 'completed', counts: true, awaitingPoints: false });
    await jobs.abandonSilent();
    expect(await get(walk.id)).toEqual(done);
    expect(await factsOf(test, walk.id)).toEqual(['walk-completed']);
  });

  it('loses its raw points after 30 days; then only the whole of it is taken', async () => {
    const points = wirePoints(track());
    const { body: walk } = await phone.start(bori);
    await phone.points(bori, walk.id, points.slice(0, 500));
    test.clock.advance({ days: 1 });
    await jobs.abandonSilent();
    test.clock.advance({ days: 30 });
    await jobs.purgeRaw();
    expect(await chunkCount(walk.id)).toBe(0);
    expectProblem(await phone.complete(bori, walk.id), 409, 'walk-closed');
    expectProblem(await phone.points(bori, walk.id, points.slice(0, 500)), 409, 'walk-closed');
    expect((await phone.put(bori, walk.id, points)).body).toMatchObject({ state: 'completed', counts: true });
    const crop = { from: points[0]!.t, to: points[600]!.t };
    expect((await phone.edit(bori, walk.id, { crop })).status).toBe(200);
  });
});

describe('G05 a walk that waits for points', () => {
  const settle = async () => {
    await jobs.settleAwaiting();
    await test.queue.drain();
  };

  it('is judged by what there is after 7 days, once', async () => {
    const chunks = inChunks(track(1.2), 400);
    const id = await recorded(bori, chunks.slice(0, -1), { pointCount: chunks.flat().length });
    const early = await get(id);
    expect(early).toMatchObject({ counts: false, reasons: ['awaiting_points'] });
    test.clock.advance({ days: 7 });
    await settle();
    expect(await get(id)).toEqual(early);
    test.clock.advance({ ms: 1 });
    await Promise.all([jobs.settleAwaiting(), jobs.settleAwaiting()]);
    await settle();
    expect(await get(id)).toEqual({
      ...early,
      counts: true,
      reasons: [],
      awaitingPoints: false,
      revision: early.revision + 1,
    });
    expect(await factsOf(test, id)).toEqual(['walk-completed', 'walk-changed']);
    expectProblem(await phone.points(bori, id, chunks.at(-1)!), 409, 'walk-closed');
  });

  it('keeps its raw points until it was settled', async () => {
    const id = await recorded(bori, inChunks(track()), { pointCount: 9_999 });
    test.clock.advance({ days: 31 });
    await jobs.purgeRaw();
    expect(await chunkCount(id)).toBeGreaterThan(0);
    await settle();
    await jobs.purgeRaw();
    expect(await chunkCount(id)).toBe(0);
    expect(await get(id)).toMatchObject({ counts: true, awaitingPoints: false });
  });
});

describe('raw points', () => {
  it('go 30 days after the completion; the walk and its route stay', async () => {
    const { body: walk } = await phone.put(bori, uuidv7(), wirePoints(track()));
    const { body: route } = await phone.route(bori, walk.id);
    test.clock.advance({ days: 30 });
    await jobs.purgeRaw();
    expect(await chunkCount(walk.id)).toBe(1);
    test.clock.advance({ ms: 1 });
    await Promise.all([jobs.purgeRaw(), jobs.purgeRaw()]);
    expect(await chunkCount(walk.id)).toBe(0);
    expect(await get(walk.id)).toEqual(walk);
    expect((await phone.route(bori, walk.id)).body).toEqual(route);
    expect((await phone.gpx(bori, walk.id)).text).toContain('<trkpt');
    expect((await phone.complete(bori, walk.id, 99_999)).body).toEqual(walk);
    expect((await phone.put(bori, walk.id, wirePoints(track()))).status).toBe(409);
  });

  it('G02 a duplicate still comes to count after its raw points are gone', async () => {
    const points = track(1.2);
    const { body: first } = await phone.put(bori, uuidv7(), wirePoints(points));
    test.clock.advance({ ms: 1 });
    const { body: second } = await phone.put(bori, uuidv7(), wirePoints(points));
    expect(second).toMatchObject({ counts: false, duplicateOfId: first.id });
    test.clock.advance({ days: 31 });
    await jobs.purgeRaw();
    await phone.delete(bori, first.id);
    await test.queue.drain();
    expect(await get(second.id)).toMatchObject({
      counts: true,
      duplicateOfId: null,
      reasons: [],
      distanceM: first.distanceM,
    });
  });
});

describe('judging again', () => {
  it('R12 changes nothing, records nothing, and ends', async () => {
    const points = track(1.2);
    const { body: first } = await phone.put(bori, uuidv7(), wirePoints(points));
    test.clock.advance({ ms: 1 });
    const { body: second } = await phone.put(bori, uuidv7(), wirePoints(points.slice(100)));
    // A job for each of the six that follow a completed walk, and none that leads to another.
    expect(await test.queue.drain()).toBe(2 * 6);
    for (const walk of [first, second]) {
      await jobs.rejudgeOverlapping({ walkId: walk.id, userId: bori.id });
      expect(await get(walk.id)).toEqual(walk);
      expect(await factsOf(test, walk.id)).toEqual(['walk-completed']);
    }
  });

  it('R12 A9 whatever happens at once, the end is what judging all again gives', async () => {
    const dog = await dogOf(bori);
    const startMs = test.clock.nowMs() - 5 * 3_600_000;
    const points = wirePoints(streetWalk({ startMs, km: 3, noiseM: 3, seed: 77 }));
    const ids = Array.from({ length: 6 }, () => uuidv7());
    const part = (i: number) => points.slice(i * 300, i * 300 + 900);
    const random = seededRandom(9);
    const ops = ids.flatMap((id, i) => [
      () => phone.put(bori, id, part(i), { petIds: [dog] }),
      () => phone.put(bori, id, part(i), { petIds: [dog] }),
      () => phone.points(bori, id, part(i).slice(0, 100)),
      () => phone.complete(bori, id, 900),
      () => phone.edit(bori, id, { crop: { from: part(i)[100]!.t, to: part(i)[880]!.t } }),
      () => phone.edit(bori, id, { visibility: 'public' }),
      ...(i % 3 === 0 ? [() => phone.delete(bori, id)] : []),
      () => bori.send('POST', '/users/me/privacy-zones', { name: '집', lat: 37.5, lng: 127, radiusM: 200 }),
    ]);
    for (let round = 0; round < 3; round++) {
      const order = ops.map((op) => ({ op, key: random() })).sort((a, b) => a.key - b.key);
      for (const together of chunked(order, 12)) {
        const answers = await Promise.all(together.map(({ op }) => patiently(op)));
        for (const { status, text } of answers) if (status >= 500) throw new Error(text);
      }
      test.clock.advance({ seconds: 1 });
      await test.queue.drain();
    }
    const { body: before } = await bori.send('GET', '/walks?limit=100');
    const counted = before.items.filter(({ counts }: { counts: boolean }) => counts);
    expect(counted.length).toBeGreaterThan(0);
    for (const { id } of before.items) await jobs.rejudgeOverlapping({ walkId: id, userId: bori.id });
    expect(await test.queue.drain()).toBe(0);
    expect((await bori.send('GET', '/walks?limit=100')).body).toEqual(before);
    await given.premium(bori);
    const { body: all } = await bori.send('GET', '/users/me/statistics?period=all');
    expect(all.totals.distanceM).toBe(
      counted.reduce((sum: number, walk: { distanceM: number }) => sum + walk.distanceM, 0),
    );
  });

  it('a fact about a walk that is gone is no error', async () => {
    await jobs.rejudgeOverlapping({ walkId: uuidv7(), userId: bori.id });
    await jobs.refreshSafePreviews({ userId: uuidv7() });
  });
});
