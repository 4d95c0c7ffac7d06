import { v7 as uuidv7 } from 'uuid';
import { statement } from '../../src/platform/database/database.js';
import { expectFieldFault, expectProblem, type Person, signIn } from '../support/api.js';
import { wirePoints } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { factsOf, inChunks, phone, recorded } from '../support/walking.js';
import { streetWalk } from '../builders/tracks.js';

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

let seed = 500;
const track = (startMs: number, km = 1) => streetWalk({ startMs, km, noiseM: 3, seed: seed++ });
const walkAt = async (startMs: number, km = 1) =>
  (await phone.put(bori, uuidv7(), wirePoints(track(startMs, km)))).body;
const iso = (ms: number) => new Date(ms).toISOString();

describe('the list', () => {
  it('shows the newest first, and each walk as it is', async () => {
    const now = test.clock.nowMs();
    const older = await walkAt(now - 6 * 3_600_000);
    const newer = await walkAt(now - 3 * 3_600_000);
    const { body: open } = await phone.start(bori);
    const { body } = await bori.send('GET', '/walks');
    expect(body.nextCursor).toBeNull();
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual([open.id, newer.id, older.id]);
    expect(body.items[1]).toEqual({
      id: newer.id,
      state: 'completed',
      source: 'upload',
      visibility: 'followers',
      title: null,
      walkDate: '2026-11-20',
      startedAt: newer.startedAt,
      endedAt: newer.endedAt,
      distanceM: newer.distanceM,
      movingS: newer.movingS,
      elapsedS: newer.elapsedS,
      counts: true,
      reasons: [],
      preview: newer.preview,
      petIds: newer.pets.map(({ id }: { id: string }) => id),
    });
    expect(body.items[0]).toMatchObject({ state: 'recording', endedAt: null, counts: false, preview: [] });
  });

  it('O02 pages stay whole while walks are added and deleted', async () => {
    const startMs = test.clock.nowMs() - 20 * 86_400_000;
    const ids: string[] = [];
    // Three of them start in the same moment: the id decides.
    for (const day of [0, 1, 2, 2, 2, 3, 4]) {
      ids.push(
        (await phone.put(bori, uuidv7(), wirePoints(track(startMs + day * 86_400_000).slice(0, 5)))).body.id,
      );
    }
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { body } = await bori.send('GET', `/walks?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
      await phone.put(bori, uuidv7(), wirePoints(track(startMs + 10 * 86_400_000).slice(0, 5)));
      if (seen.length === 2) await phone.delete(bori, seen[0]!);
    }
    const inOrder = [ids[6], ids[5], ...ids.slice(2, 5).sort().reverse(), ids[1], ids[0]];
    expect(seen).toEqual(inOrder);
  });

  it('refuses cursors and limits that are none, and shows nobody else’s walks', async () => {
    await walkAt(test.clock.nowMs() - 3_600_000);
    expectFieldFault(await bori.send('GET', '/walks?cursor=x'), 'cursor');
    expectFieldFault(await bori.send('GET', '/walks?limit=101'), 'limit');
    const choco = await signIn(test);
    expect((await choco.send('GET', '/walks')).body).toEqual({ items: [], nextCursor: null });
  });

  it('the list reads no route', async () => {
    await walkAt(test.clock.nowMs() - 3_600_000);
    const rename = (from: string, to: string) =>
      test.db.rows(statement(`test_rename_${from}`, `alter table ${from} rename to ${to}`), []);
    await rename('walk_tracks', 'walk_tracks_away');
    await rename('walk_chunks', 'walk_chunks_away');
    try {
      const { status, body } = await bori.send('GET', '/walks');
      expect({ status, walks: body.items.length }).toEqual({ status: 200, walks: 1 });
    } finally {
      await rename('walk_tracks_away', 'walk_tracks');
      await rename('walk_chunks_away', 'walk_chunks');
    }
  });
});

describe('editing', () => {
  it('is a merge: what is not named stays, null takes away', async () => {
    const walk = await walkAt(test.clock.nowMs() - 3_600_000);
    const { body: first } = await phone.edit(bori, walk.id, { title: ' 한강 ', memo: '비가\n왔다' });
    expect(first).toEqual({ ...walk, title: '한강', memo: '비가\n왔다', revision: walk.revision + 1 });
    const { body: second } = await phone.edit(bori, walk.id, { memo: null, visibility: 'private' });
    expect(second).toEqual({ ...first, memo: null, visibility: 'private', revision: first.revision + 1 });
    expect((await phone.edit(bori, walk.id, {})).body).toEqual(second);
    expect((await phone.edit(bori, walk.id, { title: null })).body.title).toBeNull();
    expect(await factsOf(test, walk.id)).toEqual([
      'walk-completed',
      ...Array<string>(3).fill('walk-changed'),
    ]);
  });

  it('refuses what no walk can have', async () => {
    const walk = await walkAt(test.clock.nowMs() - 3_600_000);
    expectFieldFault(await phone.edit(bori, walk.id, { title: '' }), 'title');
    expectFieldFault(await phone.edit(bori, walk.id, { title: 'a\nb' }), 'title');
    expectFieldFault(await phone.edit(bori, walk.id, { memo: 'x'.repeat(1_001) }), 'memo');
    expectFieldFault(await phone.edit(bori, walk.id, { visibility: null }), 'visibility');
    expectFieldFault(await phone.edit(bori, walk.id, { distanceM: 9 }), 'distanceM');
    expectFieldFault(await phone.edit(bori, walk.id, { crop: { from: walk.startedAt } }), 'crop.to');
    expectFieldFault(
      await phone.edit(bori, walk.id, { crop: { from: walk.endedAt, to: walk.startedAt } }),
      'crop.to',
    );
    expect((await phone.get(bori, walk.id)).body).toEqual(walk);
  });

  it('a walk that records can be named, not cropped', async () => {
    const { body: open } = await phone.start(bori);
    expect((await phone.edit(bori, open.id, { title: '지금' })).body).toMatchObject({
      title: '지금',
      state: 'recording',
    });
    const crop = { from: iso(test.clock.nowMs()), to: iso(test.clock.nowMs() + 1_000) };
    expectProblem(await phone.edit(bori, open.id, { crop, title: '다시' }), 409, 'walk-not-completed');
    expect((await phone.get(bori, open.id)).body.title).toBe('지금');
    expect(await factsOf(test, open.id)).toEqual([]);
  });

  it('R01 a crop shortens the walk, and taking it back restores it as it was', async () => {
    const startMs = test.clock.nowMs() - 2 * 3_600_000;
    const walk = await walkAt(startMs, 2);
    const route = (await phone.route(bori, walk.id)).body;
    const crop = { from: iso(startMs + 300_000), to: iso(startMs + 1_200_000) };
    const { body: cropped } = await phone.edit(bori, walk.id, { crop });
    expect(cropped).toMatchObject({
      crop,
      startedAt: crop.from,
      endedAt: crop.to,
      elapsedS: 900,
      counts: true,
    });
    expect(cropped.distanceM).toBeGreaterThan(1_000);
    expect(cropped.distanceM).toBeLessThan(1_160);
    expect(cropped.pets[0].caloriesKcal).toBeLessThan(walk.pets[0].caloriesKcal);
    expect(cropped.revision).toBeGreaterThan(walk.revision);
    const shorter = (await phone.route(bori, walk.id)).body.geometry.coordinates.flat();
    expect(shorter.length).toBeLessThan(route.geometry.coordinates.flat().length * 0.7);

    const { body: back } = await phone.edit(bori, walk.id, { crop: null });
    expect(back).toEqual({ ...walk, revision: back.revision });
    expect(back.revision).toBeGreaterThan(cropped.revision);
    expect((await phone.route(bori, walk.id)).body).toEqual(route);
  });

  it('R01 a crop to less than 500 m, or to nothing, does not count', async () => {
    const startMs = test.clock.nowMs() - 2 * 3_600_000;
    const walk = await walkAt(startMs, 1);
    const short = { from: iso(startMs), to: iso(startMs + 120_000) };
    expect((await phone.edit(bori, walk.id, { crop: short })).body).toMatchObject({
      counts: false,
      reasons: ['too_short'],
    });
    const nothing = { from: '2026-01-01T00:00:00Z', to: '2026-01-02T00:00:00Z' };
    const { status, body } = await phone.edit(bori, walk.id, { crop: nothing });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      counts: false,
      reasons: ['no_points'],
      distanceM: 0,
      preview: [],
      walkDate: walk.walkDate,
    });
    expect((await phone.edit(bori, walk.id, { crop: null })).body).toEqual({
      ...walk,
      revision: expect.any(Number),
    });
  });

  it('late points of a cropped walk stay within the crop', async () => {
    const startMs = test.clock.nowMs() - 2 * 3_600_000;
    const chunks = inChunks(track(startMs, 1.5), 400);
    const id = await recorded(bori, chunks.slice(0, -1));
    const crop = { from: iso(startMs), to: iso(startMs + 700_000) };
    const { body: cropped } = await phone.edit(bori, id, { crop });
    await phone.points(bori, id, chunks.at(-1)!);
    const { body: after } = await phone.get(bori, id);
    expect(after.distanceM).toBe(cropped.distanceM);
    expect(after.endedAt).toBe(crop.to);
  });

  it('G04 a crop is refused once the raw points are gone; the rest can still be edited', async () => {
    const walk = await walkAt(test.clock.nowMs() - 3_600_000);
    await test.db.prisma.walk.update({ where: { id: walk.id }, data: { rawPurgedAt: test.clock.now() } });
    const crop = { from: walk.startedAt, to: walk.endedAt };
    expectProblem(await phone.edit(bori, walk.id, { crop }), 409, 'raw-points-gone');
    expectProblem(await phone.edit(bori, walk.id, { crop: null, title: '제목' }), 409, 'raw-points-gone');
    expect((await phone.edit(bori, walk.id, { title: '제목' })).body).toMatchObject({
      title: '제목',
      distanceM: walk.distanceM,
    });
  });

  it('simultaneous edits are all there', async () => {
    const walk = await walkAt(test.clock.nowMs() - 3_600_000);
    const crop = { from: walk.startedAt, to: iso(Date.parse(walk.endedAt) - 60_000) };
    await Promise.all(
      [{ title: '하나' }, { memo: '둘' }, { visibility: 'public' }, { crop }].map((change) =>
        phone.edit(bori, walk.id, change),
      ),
    );
    const { body } = await phone.get(bori, walk.id);
    expect(body).toMatchObject({ title: '하나', memo: '둘', visibility: 'public', crop });
    expect(body.revision).toBe(walk.revision + 5);
  });
});

describe('deleting', () => {
  it('erases the points and the track; the walk is gone', async () => {
    const walk = await walkAt(test.clock.nowMs() - 3_600_000);
    await phone.edit(bori, walk.id, { visibility: 'public', memo: '집 앞' });
    expect((await phone.delete(bori, walk.id)).status).toBe(204);
    for (const gone of [phone.get, phone.route, phone.gpx, phone.delete])
      expectProblem(await gone(bori, walk.id), 404, 'walk-not-found');
    expectProblem(await phone.edit(bori, walk.id, { title: 'x' }), 404, 'walk-not-found');
    const where = { walkId: walk.id };
    expect(await test.db.prisma.walkChunk.count({ where })).toBe(0);
    expect(await test.db.prisma.walkTrack.count({ where })).toBe(0);
    const row = await test.db.prisma.walk.findUniqueOrThrow({ where: { id: walk.id } });
    expect(row).toMatchObject({
      state: 'deleted',
      counts: false,
      preview: [],
      safePreview: [],
      memo: null,
      trackFingerprint: null,
    });
    expect(await factsOf(test, walk.id)).toEqual(['walk-completed', 'walk-changed', 'walk-changed']);
  });

  it('a walk started by mistake can be deleted while it records', async () => {
    const { body: open } = await phone.start(bori);
    await phone.points(bori, open.id, wirePoints(track(test.clock.nowMs() - 600_000)).slice(0, 9));
    expect((await phone.delete(bori, open.id)).status).toBe(204);
    expect(await test.db.prisma.walkChunk.count({ where: { walkId: open.id } })).toBe(0);
    expect((await phone.start(bori)).status).toBe(201);
  });

  it('two at once: one deletes, the other finds nothing', async () => {
    const walk = await walkAt(test.clock.nowMs() - 3_600_000);
    const answers = await Promise.all([phone.delete(bori, walk.id), phone.delete(bori, walk.id)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 404]);
  });
});
