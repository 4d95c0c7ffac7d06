import { v4 as uuidv4, v7 as uuidv7 } from 'uuid';
import { expectFieldFault, expectProblem, type Person, signIn } from '../support/api.js';
import { chunked, given, wirePoints } from '../support/given.js';
import { statement } from '../../src/platform/database/database.js';
import { walkCompleted } from '../../src/modules/walks/index.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { dogOf, factsOf, inChunks, phone, recorded } from '../support/walking.js';
import {
  drive,
  moved,
  seededRandom,
  SEOUL_FOREST,
  standStill,
  streetWalk,
  straightRobotWalk,
} from '../builders/tracks.js';

let test: TestApp;
let bori: Person;
let choco: Person;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(async () => {
  test.clock.set('2026-11-20T03:00:00Z');
  bori = await signIn(test);
  choco = await signIn(test);
});

let seed = 100;
/** A walk that ended before the test's now. */
const hourAgo = (km = 1, hours = 1) =>
  streetWalk({ startMs: test.clock.nowMs() - hours * 3_600_000, km, noiseM: 4, seed: seed++ });
const shuffled = <T>(items: readonly T[], random: () => number): T[] =>
  items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
const walkCount = async (person: Person) =>
  (await person.api.GET('/walks', { params: { query: { limit: 100 } } })).data!.items.length;

describe('starting', () => {
  it('a walk of 2 km sent in chunks is recorded and judged', async () => {
    const pet = await given.pet(bori);
    const points = wirePoints(streetWalk({ startMs: test.clock.nowMs(), km: 2, noiseM: 4, seed: 7 }));
    const { data: started } = await bori.api.POST('/walks', {
      body: { petIds: [pet.id], startedAt: points[0]!.t },
    });
    expect(started).toMatchObject({ state: 'recording', mine: true });
    test.clock.advance({ hours: 1 });
    for (const chunk of chunked(points, 300)) {
      const { response } = await bori.api.POST('/walks/{id}/points', {
        params: { path: { id: started!.id } },
        body: { points: chunk },
      });
      expect(response.status).toBe(200);
    }
    const { data: done } = await bori.api.POST('/walks/{id}/complete', {
      params: { path: { id: started!.id } },
      body: { pointCount: points.length },
    });
    expect(done).toMatchObject({ state: 'completed', counts: true, reasons: [], awaitingPoints: false });
    expect(done!.distanceM).toBeGreaterThan(1_900);
    expect(done!.distanceM).toBeLessThan(2_100);
    expect(done!.pets[0]).toMatchObject({ id: pet.id, name: '보리' });
    expect(done!.pets[0]!.caloriesKcal).toBeGreaterThan(10);
  });

  it('G18 a second start answers 409 with the id of the open walk', async () => {
    const { body: open } = await phone.start(bori);
    const second = await phone.start(bori);
    expectProblem(second, 409, 'walk-already-open');
    expect(second.body.walkId).toBe(open.id);
    expect((await phone.start(choco)).status).toBe(201);
  });

  it('G18 of two simultaneous starts one opens a walk', async () => {
    await dogOf(bori);
    const answers = await Promise.all([phone.start(bori), phone.start(bori), phone.start(bori)]);
    const opened = answers.filter(({ status }) => status === 201);
    expect(opened).toHaveLength(1);
    for (const refused of answers.filter((answer) => answer !== opened[0])) {
      expectProblem(refused, 409, 'walk-already-open');
      expect(refused.body.walkId).toBe(opened[0]!.body.id);
    }
    expect(await walkCount(bori)).toBe(1);
  });

  it('G18 a start sent again under its own id is the same start, also at once', async () => {
    const id = uuidv7();
    await dogOf(bori);
    const answers = await Promise.all([phone.start(bori, { id }), phone.start(bori, { id })]);
    answers.push(await phone.start(bori, { id }));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });

  it('G23 a start sent again is the same start, though the dog was removed meanwhile', async () => {
    const id = uuidv7();
    const first = await phone.start(bori, { id });
    await bori.send('DELETE', `/pets/${await dogOf(bori)}`);
    const again = await phone.start(bori, { id });
    expect(again.status).toBe(201);
    expect(again.body).toEqual(first.body);
  });

  it('an id that is in use is refused: of somebody else, of a completed and of a deleted walk', async () => {
    const { body: hers } = await phone.start(choco);
    expectProblem(await phone.start(bori, { id: hers.id }), 409, 'walk-id-taken');
    const done = await recorded(bori, inChunks(hourAgo()));
    expectProblem(await phone.start(bori, { id: done }), 409, 'walk-id-taken');
    await phone.delete(bori, done);
    expectProblem(await phone.start(bori, { id: done }), 409, 'walk-deleted');
  });

  it('an Idempotency-Key replays the first answer, and refuses another body', async () => {
    const key = { 'idempotency-key': uuidv4() };
    const first = await phone.start(bori, {}, key);
    const again = await phone.start(bori, {}, key);
    expect(again.status).toBe(201);
    expect(again.text).toBe(first.text);
    expectProblem(await phone.start(bori, { visibility: 'private' }, key), 422, 'idempotency-key-reused');
    expect(await walkCount(bori)).toBe(1);
  });

  it('a failed start stores nothing under its key', async () => {
    const { body: open } = await phone.start(bori);
    const key = { 'idempotency-key': uuidv4() };
    expectProblem(await phone.start(bori, {}, key), 409, 'walk-already-open');
    await phone.delete(bori, open.id);
    expect((await phone.start(bori, {}, key)).status).toBe(201);
  });

  it('O03 only pets of the walker go along', async () => {
    const removed = await given.pet(bori);
    await bori.send('DELETE', `/pets/${removed.id}`);
    const own = await dogOf(bori);
    expectFieldFault(await phone.start(bori, { petIds: [await dogOf(choco)] }), 'petIds.0');
    expectFieldFault(await phone.start(bori, { petIds: [own, removed.id] }), 'petIds.1');
    expectFieldFault(await phone.start(bori, { petIds: [own, uuidv7()] }), 'petIds.1');
    expectFieldFault(await phone.start(bori, { petIds: [own, own] }), 'petIds');
    expectFieldFault(await phone.start(bori, { petIds: [own, own.toUpperCase()] }), 'petIds');
    expectFieldFault(await phone.start(bori, { petIds: [] }), 'petIds');
    expectFieldFault(
      await phone.start(bori, { petIds: Array.from({ length: 6 }, () => uuidv7()) }),
      'petIds',
    );
    expectFieldFault(await phone.put(bori, uuidv7(), [], { petIds: [await dogOf(choco)] }), 'petIds.0');
    expect(await walkCount(bori)).toBe(0);
  });

  it('refuses what is not a start', async () => {
    expectFieldFault(await phone.start(bori, { id: uuidv4() }), 'id');
    expectFieldFault(await phone.start(bori, { startedAt: 'yesterday' }), 'startedAt');
    expectFieldFault(await phone.start(bori, { startedAt: '9999-12-31T23:59:59Z' }), 'startedAt');
    expectFieldFault(await phone.start(bori, { visibility: 'everybody' as 'public' }), 'visibility');
    expectFieldFault(await phone.start(bori, { userId: choco.id } as object), 'userId');
  });

  it('visibility is the one given, or the default of the settings', async () => {
    await bori.send('PATCH', '/users/me/settings', { defaultWalkVisibility: 'private' });
    const { body } = await phone.start(bori);
    expect(body.visibility).toBe('private');
    expect((await phone.put(bori, uuidv7(), [], { visibility: 'public' })).body.visibility).toBe('public');
  });
});

describe('points', () => {
  it('G03 any order, overlap, repetition or split of the points gives the identical walk', async () => {
    const points = wirePoints(hourAgo(1.5, 2));
    points[40] = { ...points[40]!, accuracyM: 80 };
    points[200] = { ...points[200]!, t: points[199]!.t };
    points[300] = { ...points[300]!, ...moved(SEOUL_FOREST, 10, 900_000) };
    const random = seededRandom(2026);
    const ways = [
      chunked(points, 1_000),
      chunked(points, 1_000).reverse(),
      chunked(points, 37),
      chunked(shuffled(points, random), 100),
      chunked([...points, ...points.slice(100, 700)], 250),
      shuffled(
        points.flatMap((_, i) => (i % 90 === 0 ? [points.slice(Math.max(0, i - 50), i + 100)] : [])),
        random,
      ),
      [...chunked(points, 400), ...chunked(points, 400)],
    ];
    const results = [];
    for (const chunks of ways) {
      const id = await recorded(bori, chunks, { startedAt: points[0]!.t });
      const { id: _id, storedPoints: _stored, ...walk } = (await phone.get(bori, id)).body;
      const { walkId: _walkId, ...route } = (await phone.route(bori, id)).body;
      results.push({ walk, route, gpx: (await phone.gpx(bori, id)).text });
      await phone.delete(bori, id);
    }
    expect(results[0]!.walk).toMatchObject({
      counts: true,
      droppedPoints: { inaccurate: 1, duplicate_time: 1 },
    });
    expect(results[0]!.walk.droppedPoints.teleport).toBeGreaterThan(0);
    for (const result of results) expect(result).toEqual(results[0]);
  });

  it('G03 a chunk sent twice is stored once, also at once', async () => {
    const { body: walk } = await phone.start(bori);
    const points = wirePoints(hourAgo());
    const [a, b] = [points.slice(0, 300), points.slice(250, 500)];
    await phone.points(bori, walk.id, a);
    const again = await phone.points(bori, walk.id, a);
    expect(again.body).toEqual({ walkId: walk.id, state: 'recording', storedPoints: 300 });
    await Promise.all([b, b, a, b].map((chunk) => phone.points(bori, walk.id, chunk)));
    expect((await phone.points(bori, walk.id, b)).body.storedPoints).toBe(550);
    expect(await test.db.prisma.walkChunk.count({ where: { walkId: walk.id } })).toBe(2);
  });

  it('many different chunks at once are all counted', async () => {
    const { body: walk } = await phone.start(bori);
    const points = wirePoints(hourAgo());
    await Promise.all(chunked(points, 50).map((chunk) => phone.points(bori, walk.id, chunk)));
    const { body: done } = await phone.complete(bori, walk.id, points.length);
    expect(done).toMatchObject({ storedPoints: points.length, awaitingPoints: false, counts: true });
  });

  it('chunks that race with the completion are all in the walk', async () => {
    const { body: walk } = await phone.start(bori);
    const chunks = inChunks(hourAgo(), 100);
    const answers = await Promise.all([
      ...chunks.slice(0, 4).map((chunk) => phone.points(bori, walk.id, chunk)),
      phone.complete(bori, walk.id),
      ...chunks.slice(4).map((chunk) => phone.points(bori, walk.id, chunk)),
    ]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await test.queue.drain();
    const { body: raced } = await phone.get(bori, walk.id);
    await phone.delete(bori, walk.id);
    const { body: whole } = await phone.put(bori, uuidv7(), chunks.flat());
    expect(raced.distanceM).toBe(whole.distanceM);
    expect(raced.storedPoints).toBe(chunks.flat().length);
  });

  it('points that race with the start find the walk or not, and do not judge it', async () => {
    const points = wirePoints(hourAgo()).slice(0, 300);
    await dogOf(bori);
    for (let round = 0; round < 5; round++) {
      const id = uuidv7();
      const [, ...sent] = await Promise.all([
        phone.start(bori, { id }),
        ...chunked(points, 30).map((chunk) => phone.points(bori, id, chunk)),
      ]);
      const taken = sent.filter(({ status }) => status === 200).length;
      for (const refused of sent.filter(({ status }) => status !== 200))
        expectProblem(refused, 404, 'walk-not-found');
      const { body } = await phone.get(bori, id);
      expect(body).toMatchObject({ state: 'recording', revision: 0, storedPoints: 30 * taken, distanceM: 0 });
      await phone.delete(bori, id);
    }
  });

  it('O03 a walk of somebody else, and one that is not there, take no points', async () => {
    const { body: hers } = await phone.start(choco);
    const points = wirePoints(hourAgo()).slice(0, 10);
    const foreign = await phone.points(bori, hers.id, points);
    const missing = await phone.points(bori, uuidv7(), points);
    expectProblem(foreign, 404, 'walk-not-found');
    expectProblem(missing, 404, 'walk-not-found');
    expect({ ...foreign.body, requestId: '' }).toEqual({ ...missing.body, requestId: '' });
    expect((await phone.get(choco, hers.id)).body.storedPoints).toBe(0);
  });

  it('G19 a chunk holds 1,000 points, a walk 50,000', async () => {
    const { body: walk } = await phone.start(bori);
    const points = wirePoints(
      standStill({ startMs: test.clock.nowMs() - 3_600_000, minutes: 30, noiseM: 3 }),
    );
    expectFieldFault(await phone.points(bori, walk.id, points.slice(0, 1_001)), 'points');
    expectFieldFault(await phone.points(bori, walk.id, []), 'points');
    await phone.points(bori, walk.id, points.slice(0, 100));
    await test.db.prisma.walk.update({ where: { id: walk.id }, data: { storedPoints: 49_500 } });
    expect((await phone.points(bori, walk.id, points.slice(0, 500))).status).toBe(200);
    const full = await phone.points(bori, walk.id, points.slice(500, 501));
    expectProblem(full, 413, 'too-many-points');
    expect(full.body.maxPoints).toBe(50_000);
    const again = await phone.points(bori, walk.id, points.slice(0, 100));
    expect(again.body).toMatchObject({ state: 'recording', storedPoints: 50_000 });
    await phone.complete(bori, walk.id);
    expectProblem(await phone.points(bori, walk.id, points.slice(501, 502)), 413, 'too-many-points');
  });

  it.each([
    ['lat', 91],
    ['lat', -90.0001],
    ['lat', null],
    ['lat', '37.5'],
    ['lng', 180.5],
    ['seq', -1],
    ['seq', 1.5],
    ['seq', 2_147_483_648],
    ['t', 'now'],
    ['t', '2026-11-20T03:00:60Z'],
    ['t', '2026-02-30T03:00:00Z'],
    ['t', '2026-11-20T12:00:00+09:00'],
    ['t', 1_790_000_000_000],
    ['t', '1999-12-31T23:59:59Z'],
    ['accuracyM', -2],
    ['altitudeM', 1e9],
    ['speedMps', '1'],
    ['mock', 1],
    ['colour', 'red'],
  ])('G06 a fix whose %s is %p is refused, and named', async (field, value) => {
    const { body: walk } = await phone.start(bori);
    const points: object[] = wirePoints(hourAgo()).slice(0, 5);
    points[3] = { ...points[3], [field]: value };
    expectFieldFault(await phone.points(bori, walk.id, points), `points.3.${field}`);
    expectFieldFault(await phone.put(bori, uuidv7(), points), `points.3.${field}`);
    expect((await phone.get(bori, walk.id)).body.storedPoints).toBe(0);
  });

  it('G06 numbers beyond all numbers are refused', async () => {
    const { body: walk } = await phone.start(bori);
    const json = JSON.stringify({ points: wirePoints(hourAgo()).slice(0, 2) });
    const type = { 'content-type': 'application/json' };
    const send = (text: string) => bori.send('POST', `/walks/${walk.id}/points`, text, type);
    expectFieldFault(await send(json.replace(/"lat":[\d.]+/, '"lat":1e400')), 'points.0.lat');
    expectProblem(await send(json.replace(/"lat":[\d.]+/, '"lat":NaN')), 400, 'bad-request');
    expectFieldFault(await send(json.replace(/"lat":[\d.]+,/, '')), 'points.0.lat');
    expectFieldFault(await send(json.replace('"points"', '"extra":1,"points"')), 'extra');
  });

  it('pauses are part of a chunk; one from later to earlier pauses nothing', async () => {
    const points = hourAgo(1.2, 2);
    const at = (i: number) => new Date(points[i]!.tMs).toISOString();
    const paused = await phone.put(bori, uuidv7(), wirePoints(points), {
      pauses: [{ from: at(300), to: at(600) }],
    });
    expect(paused.body.leftOut).toMatchObject([{ reason: 'pause' }]);
    await phone.delete(bori, paused.body.id);
    const backwards = await phone.put(bori, uuidv7(), wirePoints(points), {
      pauses: [{ from: at(600), to: at(300) }],
    });
    expect(backwards.body.leftOut).toEqual([]);
    expect(backwards.body.distanceM).toBeGreaterThan(paused.body.distanceM + 200);
    expectFieldFault(await phone.put(bori, uuidv7(), [], { pauses: [{ from: at(1) }] }), 'pauses.0.to');
  });
});

describe('completing', () => {
  it('G01 complete sent twice is one walk: the same body, one fact', async () => {
    const { body: walk } = await phone.start(bori);
    for (const chunk of inChunks(hourAgo())) await phone.points(bori, walk.id, chunk);
    const first = await phone.complete(bori, walk.id, 834);
    test.clock.advance({ minutes: 3 });
    const second = await phone.complete(bori, walk.id, 834);
    expect(first.body).toMatchObject({ state: 'completed', counts: true });
    expect(second.text).toBe(first.text);
    expect((await phone.complete(bori, walk.id)).text).toBe(first.text);
    await test.queue.drain();
    expect((await phone.get(bori, walk.id)).text).toBe(first.text);
    expect(await factsOf(test, walk.id)).toEqual(['walk-completed']);
  });

  it('G01 simultaneous completions are one', async () => {
    const { body: walk } = await phone.start(bori);
    for (const chunk of inChunks(hourAgo())) await phone.points(bori, walk.id, chunk);
    const answers = await Promise.all(Array.from({ length: 5 }, () => phone.complete(bori, walk.id)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]!.body).toMatchObject({ state: 'completed', revision: 1 });
    expect(await factsOf(test, walk.id)).toEqual(['walk-completed']);
  });

  it('G05 a walk whose last chunks are missing does not count until they are there', async () => {
    const { body: walk } = await phone.start(bori);
    const points = wirePoints(hourAgo());
    await phone.points(bori, walk.id, points.slice(0, 700));
    const { body: early } = await phone.complete(bori, walk.id, points.length);
    expect(early).toMatchObject({
      state: 'completed',
      awaitingPoints: true,
      counts: false,
      reasons: ['awaiting_points'],
    });
    test.clock.advance({ hours: 5 });
    expect((await phone.points(bori, walk.id, points.slice(500, 720))).status).toBe(200);
    expect((await phone.get(bori, walk.id)).body).toMatchObject({ awaitingPoints: true, counts: false });
    const last = await phone.points(bori, walk.id, points.slice(720));
    expect(last.body).toMatchObject({ state: 'completed', storedPoints: points.length + 200 });
    const { body: settled } = await phone.get(bori, walk.id);
    expect(settled).toMatchObject({ awaitingPoints: false, counts: true, reasons: [] });
    expect(settled.distanceM).toBeGreaterThan(early.distanceM);
    expect(await factsOf(test, walk.id)).toEqual(['walk-completed', 'walk-changed', 'walk-changed']);
  });

  it('G05 a second completion that tells of more points has the walk wait for them', async () => {
    const { body: walk } = await phone.start(bori);
    const points = wirePoints(hourAgo());
    await phone.points(bori, walk.id, points.slice(0, 700));
    expect((await phone.complete(bori, walk.id)).body).toMatchObject({ counts: true, awaitingPoints: false });
    expect((await phone.complete(bori, walk.id, points.length)).body).toMatchObject({
      counts: false,
      awaitingPoints: true,
    });
    const { body: fewer } = await phone.complete(bori, walk.id, 700);
    expect(fewer).toMatchObject({ counts: true, awaitingPoints: false });
    test.clock.advance({ days: 8 });
    expect((await phone.complete(bori, walk.id, points.length)).body).toEqual(fewer);
  });

  it('G04 a chunk after the completion changes the walk, and is refused 7 days later', async () => {
    const chunks = inChunks(hourAgo(), 300);
    const id = await recorded(bori, chunks.slice(0, -1));
    const { body: before } = await phone.get(bori, id);
    test.clock.advance({ days: 7 });
    expect((await phone.points(bori, id, chunks.at(-1)!)).status).toBe(200);
    const { body: after } = await phone.get(bori, id);
    expect(after.distanceM).toBeGreaterThan(before.distanceM);
    expect(after.revision).toBe(before.revision + 1);
    expect(await factsOf(test, id)).toEqual(['walk-completed', 'walk-changed']);
    test.clock.advance({ ms: 1 });
    const extra = [{ ...chunks[0]![0]!, seq: 9_000 }];
    expectProblem(await phone.points(bori, id, extra), 409, 'walk-closed');
    expect((await phone.points(bori, id, chunks.at(-1)!)).status).toBe(200);
    expect((await phone.get(bori, id)).body).toEqual(after);
  });

  it('G04 a late chunk that changes nothing tells nobody', async () => {
    const chunks = inChunks(hourAgo(), 300);
    const id = await recorded(bori, chunks);
    const { body: before } = await phone.get(bori, id);
    await phone.points(bori, id, chunks[1]!.slice(10, 20));
    expect((await phone.get(bori, id)).body).toEqual({ ...before, storedPoints: before.storedPoints + 10 });
    expect(await factsOf(test, id)).toEqual(['walk-completed']);
  });

  it('O03 nobody completes the walk of another', async () => {
    const { body: hers } = await phone.start(choco);
    expectProblem(await phone.complete(bori, hers.id), 404, 'walk-not-found');
    expectFieldFault(await phone.complete(choco, hers.id, -1), 'pointCount');
    expect((await phone.get(choco, hers.id)).body.state).toBe('recording');
  });

  it('O01 what fails leaves neither the change nor the fact', async () => {
    const { body: walk } = await phone.start(bori);
    for (const chunk of inChunks(hourAgo())) await phone.points(bori, walk.id, chunk);
    const run = (name: string, sql: string) => test.db.rows(statement(name, sql), []);
    await run(
      'test_refuse',
      `create function test_refuse() returns trigger language plpgsql as $$ begin raise exception 'no'; end $$`,
    );
    await run(
      'test_refuse_jobs',
      `create trigger test_refuse before insert on pgboss.job for each row execute function test_refuse()`,
    );
    try {
      expect((await phone.complete(bori, walk.id)).status).toBe(500);
    } finally {
      await run('test_refuse_no_more', `drop function test_refuse cascade`);
    }
    expect((await phone.get(bori, walk.id)).body).toMatchObject({ state: 'recording', distanceM: 0 });
    const fails = test.db.transaction(async (tx) => {
      await test.queue.record(tx, walkCompleted, { walkId: walk.id, userId: bori.id });
      throw new Error('afterwards');
    });
    await expect(fails).rejects.toThrow('afterwards');
    expect(await factsOf(test, walk.id)).toEqual([]);
    expect((await phone.complete(bori, walk.id)).body).toMatchObject({ state: 'completed', counts: true });
    expect(await factsOf(test, walk.id)).toEqual(['walk-completed']);
  });
});

describe('a whole walk in one request', () => {
  it('the whole of an offline walk sent twice is one walk', async () => {
    const pet = await given.pet(bori);
    const body = { petIds: [pet.id], points: wirePoints(hourAgo()) };
    const path = { id: uuidv7() };
    const first = await bori.api.PUT('/walks/{id}', { params: { path }, body });
    const second = await bori.api.PUT('/walks/{id}', { params: { path }, body });
    expect(second.data).toEqual(first.data);
    const { data: list } = await bori.api.GET('/walks', {});
    expect(list!.items).toHaveLength(1);
    expect(await factsOf(test, path.id)).toEqual(['walk-completed']);
  });

  it('two simultaneous ones are one walk', async () => {
    const [id, points] = [uuidv7(), wirePoints(hourAgo())];
    await dogOf(bori);
    const answers = await Promise.all(Array.from({ length: 3 }, () => phone.put(bori, id, points)));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(answers[0]!.body).toMatchObject({ state: 'completed', counts: true, storedPoints: points.length });
    expect(await factsOf(test, id)).toEqual(['walk-completed']);
  });

  it('sent while another walk records, it leaves that one alone', async () => {
    const { body: open } = await phone.start(bori);
    expect((await phone.put(bori, uuidv7(), wirePoints(hourAgo()))).body.state).toBe('completed');
    expect((await phone.get(bori, open.id)).body.state).toBe('recording');
  });

  it('after a live start under the same id it completes that walk', async () => {
    const { body: live } = await phone.start(bori);
    const points = wirePoints(hourAgo());
    await phone.points(bori, live.id, points.slice(0, 200));
    const { body: walk } = await phone.put(bori, live.id, points);
    expect(walk).toMatchObject({
      id: live.id,
      state: 'completed',
      source: 'live',
      counts: true,
      awaitingPoints: false,
    });
    expect((await phone.put(bori, live.id, points)).body).toEqual(walk);
    expect(await walkCount(bori)).toBe(1);
  });

  it('after a live start says what was chosen last', async () => {
    const { body: live } = await phone.start(bori);
    const chosen = { title: '밤 산책', visibility: 'private' };
    const { body: walk } = await bori.send('PUT', `/walks/${live.id}`, {
      petIds: live.pets.map(({ id }: { id: string }) => id),
      points: wirePoints(hourAgo()),
      ...chosen,
    });
    expect(walk).toMatchObject(chosen);
  });

  it('L6 needs the consent to the use of location: who never gave it records and imports nothing', async () => {
    const newcomer = await signIn(test, { hasAgreed: false });
    const body = { petIds: [(await given.pet(newcomer)).id] };
    const points = wirePoints(hourAgo());
    expectProblem(await newcomer.send('POST', '/walks', body), 403, 'location-consent-needed');
    const whole = await newcomer.send('PUT', `/walks/${uuidv7()}`, { ...body, points });
    expectProblem(whole, 403, 'location-consent-needed');
    expect(await test.db.prisma.walk.count({ where: { userId: newcomer.id } })).toBe(0);
    for (const granted of [false, true]) {
      expectProblem(await newcomer.send('POST', '/walks', body), 403, 'location-consent-needed');
      test.clock.advance({ seconds: 1 });
      await newcomer.send('POST', '/users/me/consents', { kind: 'location', version: '1', granted });
    }
    expect((await newcomer.send('POST', '/walks', body)).status).toBe(201);
  });

  it('needs it still, once it was taken back', async () => {
    const consent = { kind: 'location', version: '1' };
    await bori.send('POST', '/users/me/consents', { ...consent, granted: false });
    expectProblem(await phone.start(bori), 403, 'location-consent-needed');
    test.clock.advance({ seconds: 1 });
    await bori.send('POST', '/users/me/consents', { ...consent, granted: true });
    expect((await phone.start(bori)).status).toBe(201);
  });

  it('ends the waiting for points: it is the whole', async () => {
    const { body: live } = await phone.start(bori);
    const points = wirePoints(hourAgo());
    await phone.points(bori, live.id, points.slice(0, 200));
    expect((await phone.complete(bori, live.id, points.length + 5)).body.awaitingPoints).toBe(true);
    expect((await phone.put(bori, live.id, points)).body).toMatchObject({
      awaitingPoints: false,
      counts: true,
      reasons: [],
    });
  });

  it('is the same walk though its dog was removed before the retry', async () => {
    const [id, points] = [uuidv7(), wirePoints(hourAgo())];
    const first = await phone.put(bori, id, points);
    await bori.send('DELETE', `/pets/${await dogOf(bori)}`);
    expect((await phone.put(bori, id, points)).body).toEqual(first.body);
  });

  it('refuses the id of another user, of a deleted walk, and one that is no UUIDv7', async () => {
    const points = wirePoints(hourAgo());
    const { body: hers } = await phone.start(choco);
    expectProblem(await phone.put(bori, hers.id, points), 404, 'walk-not-found');
    const { body: mine } = await phone.put(bori, uuidv7(), points);
    await phone.delete(bori, mine.id);
    expectProblem(await phone.put(bori, mine.id, points), 409, 'walk-deleted');
    expectProblem(await phone.points(bori, mine.id, points.slice(0, 9)), 409, 'walk-deleted');
    expectProblem(await phone.complete(bori, mine.id), 409, 'walk-deleted');
    expectFieldFault(await phone.put(bori, uuidv4(), points), 'id');
    expect(await walkCount(bori)).toBe(0);
    expect(await test.db.prisma.walkChunk.count({ where: { walkId: mine.id } })).toBe(0);
  });

  it('is taken for a walk that was abandoned long ago, while single chunks are not', async () => {
    const { body: live } = await phone.start(bori);
    const points = wirePoints(hourAgo());
    await phone.points(bori, live.id, points.slice(0, 100));
    await test.db.prisma.walk.update({ where: { id: live.id }, data: { state: 'abandoned' } });
    test.clock.advance({ days: 9 });
    expectProblem(await phone.points(bori, live.id, points.slice(100, 200)), 409, 'walk-closed');
    expect((await phone.put(bori, live.id, points)).body).toMatchObject({ state: 'completed', counts: true });
  });

  it('G19 10 hours at one fix a second are taken, also after they came in chunks', async () => {
    const points = streetWalk({
      startMs: test.clock.nowMs() - 11 * 3_600_000,
      km: 43.2,
      noiseM: 3,
      seed: 19,
    });
    const wire = wirePoints(points).slice(0, 36_000);
    const { body: live } = await phone.start(bori);
    for (const chunk of chunked(wire.slice(0, 30_000), 1_000)) await phone.points(bori, live.id, chunk);
    const { status, body: walk } = await phone.put(bori, live.id, wire);
    expect(status).toBe(200);
    expect(walk).toMatchObject({ state: 'completed', counts: true, storedPoints: 36_000 });
    expect(walk.distanceM).toBeGreaterThan(41_000);
    expect(await test.db.prisma.walkChunk.count({ where: { walkId: live.id } })).toBe(1);
    const tooMany = Array.from({ length: 50_001 }, (_, seq) => ({ ...wire[0]!, seq }));
    expectFieldFault(await phone.put(bori, uuidv7(), tooMany), 'points');
  });

  it('G19 the time it takes grows with the points, not with their square', async () => {
    const took = async (count: number, startHour: number) => {
      const startMs = Date.parse('2026-11-01T00:00:00Z') + startHour * 3_600_000;
      const points = wirePoints(streetWalk({ startMs, km: (count * 1.2) / 1000, noiseM: 3, seed: count }));
      await dogOf(bori);
      const from = performance.now();
      expect((await phone.put(bori, uuidv7(), points)).status).toBe(200);
      return performance.now() - from;
    };
    await took(9_000, 0);
    const short = await took(9_000, 20);
    const long = await took(36_000, 40);
    expect(long / short).toBeLessThan(8);
  });
});

describe('judging', () => {
  const put = async (person: Person, points: Parameters<typeof wirePoints>[0], more = {}) =>
    (await phone.put(person, uuidv7(), wirePoints(points), more)).body;
  const startMs = () => test.clock.nowMs() - 2 * 3_600_000;

  it('G06 no point, one point, all in one place, all at (0, 0): a walk of 0 m', async () => {
    const one = hourAgo().slice(0, 1);
    const same = standStill({ startMs: startMs(), minutes: 20 });
    const nowhere = hourAgo().map((p) => ({ ...p, lat: 0, lng: 0 }));
    for (const points of [[], one, same, nowhere]) {
      const walk = await put(bori, points);
      expect(walk).toMatchObject({
        state: 'completed',
        counts: false,
        distanceM: 0,
        movingS: 0,
        avgSpeedMps: 0,
        topSpeedMps: 0,
      });
      expect(walk.reasons).toContain(points === same || points === one ? 'too_short' : 'no_points');
      expect((await phone.route(bori, walk.id)).status).toBe(200);
      expect((await phone.gpx(bori, walk.id)).status).toBe(200);
    }
  });

  it('G13 500 m count, 499 do not', async () => {
    const seen = new Set<boolean>();
    for (const km of [0.498, 0.5, 0.501, 0.502, 0.503, 0.505, 0.51]) {
      const walk = await put(bori, streetWalk({ startMs: startMs(), km, seed: 51 }));
      expect({ km, counts: walk.counts, reasons: walk.reasons }).toEqual({
        km,
        counts: walk.distanceM >= 500,
        reasons: walk.distanceM >= 500 ? [] : ['too_short'],
      });
      expect(Math.abs(walk.distanceM - km * 1000)).toBeLessThan(5);
      seen.add(walk.counts);
      await phone.delete(bori, walk.id);
    }
    expect(seen.size).toBe(2);
  });

  it('G09 a drive is left out and named; alone it is no walk', async () => {
    const walk = await put(bori, drive({ startMs: startMs(), km: 6, noiseM: 3 }));
    expect(walk).toMatchObject({ counts: false, distanceM: 0 });
    expect(walk.reasons).toEqual(expect.arrayContaining(['too_short', 'vehicle']));
    expect(walk.leftOut[0]).toMatchObject({ reason: 'vehicle' });
  });

  it('G16 a simulated fix keeps the walk from counting', async () => {
    const points = hourAgo().map((p, i) => ({ ...p, mock: i === 200 }));
    expect(await put(bori, points)).toMatchObject({ counts: false, reasons: ['mock_location'] });
    expect(await put(choco, straightRobotWalk({ startMs: startMs(), km: 1 }))).toMatchObject({
      counts: false,
      reasons: ['synthetic_track'],
    });
  });

  it('G14 fixes of the future are dropped, and a start in it does not count', async () => {
    const tomorrow = streetWalk({ startMs: test.clock.nowMs() + 86_400_000, km: 1, noiseM: 4, seed: 5 });
    const walk = await put(bori, tomorrow, { startedAt: new Date(tomorrow[0]!.tMs).toISOString() });
    expect(walk).toMatchObject({
      counts: false,
      distanceM: 0,
      droppedPoints: { in_future: tomorrow.length },
    });
    expect(walk.reasons).toEqual(['no_points', 'starts_in_future']);
  });

  it('G02 phone and watch: the second is linked as the duplicate of the first, and counts when that is deleted', async () => {
    const first = await put(bori, streetWalk({ startMs: startMs(), km: 1.5, noiseM: 4, seed: 61 }));
    test.clock.advance({ ms: 1 });
    const second = await put(
      bori,
      streetWalk({ startMs: startMs() + 20_000, km: 1.45, noiseM: 5, seed: 61 }),
    );
    expect(first).toMatchObject({ counts: true, duplicateOfId: null });
    expect(second).toMatchObject({ counts: false, duplicateOfId: first.id, reasons: ['overlapping_walk'] });
    await test.queue.drain();
    await phone.delete(bori, first.id);
    await test.queue.drain();
    expect((await phone.get(bori, second.id)).body).toMatchObject({
      counts: true,
      duplicateOfId: null,
      reasons: [],
    });
    expect(await factsOf(test, second.id)).toEqual(['walk-completed', 'walk-changed']);
  });

  it('G02 phone and watch at the same moment: one counts', async () => {
    await dogOf(bori);
    const [a, b] = await Promise.all([
      put(bori, streetWalk({ startMs: startMs(), km: 1.5, noiseM: 4, seed: 62 })),
      put(bori, streetWalk({ startMs: startMs() + 20_000, km: 1.45, noiseM: 5, seed: 62 })),
    ]);
    await test.queue.drain();
    const walks = await Promise.all([a, b].map(async ({ id }) => (await phone.get(bori, id)).body));
    expect(walks.filter(({ counts }) => counts)).toHaveLength(1);
    const [counted, other] = walks[0].counts ? walks : walks.reverse();
    expect(other.duplicateOfId).toBe(counted.id);
  });

  it('G02 the first of the two comes to count by its late points: the second gives way', async () => {
    const chunks = inChunks(streetWalk({ startMs: startMs(), km: 1.5, noiseM: 4, seed: 63 }), 400);
    const first = await recorded(bori, chunks.slice(0, -1), { pointCount: chunks.flat().length });
    test.clock.advance({ minutes: 1 });
    const second = await put(bori, streetWalk({ startMs: startMs() - 40_000, km: 1.4, noiseM: 5, seed: 63 }));
    expect(second.counts).toBe(true);
    await phone.points(bori, first, chunks.at(-1)!);
    await test.queue.drain();
    expect((await phone.get(bori, first)).body).toMatchObject({ counts: true });
    expect((await phone.get(bori, second.id)).body).toMatchObject({ counts: false, duplicateOfId: first });
  });

  it('two walks that meet for less than half of the shorter one both count', async () => {
    const morning = streetWalk({ startMs: startMs(), km: 1.5, noiseM: 4, seed: 64 });
    await put(bori, morning);
    const next = await put(
      bori,
      streetWalk({ startMs: morning.at(-1)!.tMs - 60_000, km: 1, noiseM: 4, seed: 65 }),
    );
    expect(next).toMatchObject({ counts: true, duplicateOfId: null });
  });

  it('a track that another account used is a duplicate, whoever started first', async () => {
    const points = hourAgo(1.2);
    const { body: early } = await phone.start(choco);
    test.clock.advance({ minutes: 5 });
    const original = await put(bori, points);
    expect(original.counts).toBe(true);
    for (const chunk of inChunks(points)) await phone.points(choco, early.id, chunk);
    const { body: copy } = await phone.complete(choco, early.id);
    expect(copy).toMatchObject({ counts: false, reasons: ['duplicate_track'] });
    // Judged again, each is what it was.
    await phone.points(bori, original.id, [{ ...wirePoints(points)[0]!, seq: 7_777, accuracyM: 90 }]);
    await phone.points(choco, copy.id, [{ ...wirePoints(points)[0]!, seq: 7_777, accuracyM: 90 }]);
    expect((await phone.get(bori, original.id)).body.counts).toBe(true);
    expect((await phone.get(choco, copy.id)).body.counts).toBe(false);
  });

  it('two accounts with one track at the same moment: one counts', async () => {
    await Promise.all([dogOf(bori), dogOf(choco)]);
    const points = hourAgo(1.2);
    const walks = await Promise.all([put(bori, points), put(choco, points)]);
    expect(walks.map(({ counts }) => counts).sort()).toEqual([false, true]);
  });

  it('G22 each of two dogs gets calories by its own weight', async () => {
    const heavy = await given.pet(bori, { name: '초코', weightKg: 30 });
    const light = await given.pet(bori, { name: '콩이', weightKg: null });
    const walk = await put(bori, hourAgo(1.2), { petIds: [heavy.id, light.id] });
    const of = (id: string) => walk.pets.find((pet: { id: string }) => pet.id === id);
    expect(of(heavy.id).caloriesKcal).toBeGreaterThan(20);
    expect(of(light.id).caloriesKcal).toBeNull();
  });

  it('T03 a walk belongs to the KST date on which it started', async () => {
    const at = (kst: string) =>
      streetWalk({ startMs: Date.parse(`${kst}+09:00`), km: 1.5, noiseM: 3, seed: seed++ });
    expect(await put(bori, at('2026-11-18T23:50:00'))).toMatchObject({
      walkDate: '2026-11-18',
      counts: true,
    });
    expect(await put(bori, at('2026-11-20T00:10:00'))).toMatchObject({
      walkDate: '2026-11-20',
      counts: true,
    });
    expect(await put(bori, at('2026-11-17T00:00:00'))).toMatchObject({
      walkDate: '2026-11-17',
      counts: true,
    });
  });
});

describe('GPX', () => {
  const document = (points: string) =>
    `<?xml version="1.0"?><gpx version="1.1" xmlns="http://www.topografix.com/GPX/1/1"><trk><name>아침 산책</name><trkseg>${points}</trkseg></trk></gpx>`;
  const trkpt = (p: { lat: number; lng: number; tMs: number }) =>
    `<trkpt lat="${p.lat}" lon="${p.lng}"><time>${new Date(p.tMs).toISOString()}</time></trkpt>`;

  it('a walk goes out and comes back', async () => {
    const { body: walk } = await phone.put(bori, uuidv7(), wirePoints(hourAgo(1.3)));
    await bori.send('PATCH', `/walks/${walk.id}`, { title: '숲길 <산책> & "친구"' });
    const file = await phone.gpx(bori, walk.id);
    expect(file.headers.get('content-type')).toContain('application/gpx+xml');
    await phone.delete(bori, walk.id);
    const { status, body: back } = await phone.import(bori, file.text);
    expect(status).toBe(201);
    expect(back).toMatchObject({
      source: 'gpx',
      title: '숲길 <산책> & "친구"',
      counts: true,
      walkDate: walk.walkDate,
    });
    expect(Math.abs(back.distanceM - walk.distanceM)).toBeLessThan(0.02 * walk.distanceM);
    const [a, b] = [(await phone.route(bori, back.id)).body, (await phone.gpx(bori, back.id)).text];
    expect(a.geometry.coordinates).toHaveLength(1);
    expect(b).toContain('<trkpt');
  });

  it('an Idempotency-Key makes one walk of two imports; without it the second is a duplicate', async () => {
    const gpx = document(hourAgo().map(trkpt).join(''));
    const key = { 'idempotency-key': 'import-1' };
    const first = await phone.import(bori, gpx, '', key);
    const again = await phone.import(bori, gpx, '', key);
    expect(again.text).toBe(first.text);
    expect(first.body.title).toBe('아침 산책');
    test.clock.advance({ ms: 1 });
    const other = await phone.import(bori, gpx);
    expect(other.body).toMatchObject({ counts: false, duplicateOfId: first.body.id });
  });

  it.each([
    [
      'external entities',
      `<?xml version="1.0"?><!DOCTYPE gpx [<!ENTITY x SYSTEM "file:///etc/passwd">]><gpx><trk><name>&x;</name></trk></gpx>`,
      'gpx-malformed',
    ],
    ['no time', document('<trkpt lat="37.5" lon="127"/>'), 'gpx-no-time'],
    ['no points', document(''), 'gpx-no-points'],
    ['another document', '<html><body/></html>', 'gpx-malformed'],
    ['no XML', 'lat,lng\n37.5,127', 'gpx-malformed'],
    ['half a document', document('').slice(0, 90), 'gpx-malformed'],
    [
      'no number',
      document('<trkpt lat="NaN" lon="127"><time>2026-11-01T00:00:00Z</time></trkpt>'),
      'gpx-malformed',
    ],
    ['too many points', document('<trkpt lat="37.5" lon="127"/>'.repeat(50_001)), 'gpx-too-many-points'],
  ])('D12 refuses %s', async (_what, gpx, reason) => {
    const answer = await phone.import(bori, gpx);
    expectProblem(answer, 422, 'gpx-rejected');
    expect(answer.body.reason).toBe(reason);
    expect(await walkCount(bori)).toBe(0);
  });

  it('refuses an empty body, JSON, and a query without dogs', async () => {
    expect((await phone.import(bori, '')).status).toBe(422);
    const json = await bori.send('POST', `/walks/import?petIds=${await dogOf(bori)}`, { gpx: 1 });
    expect(json.status).toBe(422);
    expectFieldFault(
      await bori.send('POST', '/walks/import', document(''), { 'content-type': 'application/gpx+xml' }),
      'petIds',
    );
    expectFieldFault(await phone.import(bori, document(''), ',x'), 'petIds.1');
  });

  it('a name that can be no title is made one, or left away', async () => {
    const named = (name: string, i: number) =>
      document(
        streetWalk({ startMs: test.clock.nowMs() - (i + 2) * 86_400_000, km: 0.6, seed: i })
          .map(trkpt)
          .join(''),
      ).replace('아침 산책', name);
    const titles = [];
    for (const [i, name] of [
      '줄\n바꿈&#1;&#9;있는  이름',
      '‮거꾸로',
      '&#8203;',
      '🐕'.repeat(31),
      `${'가'.repeat(59)}🐕`,
      '  ',
    ].entries()) {
      titles.push((await phone.import(bori, named(name, i))).body.title);
    }
    expect(titles).toEqual(['줄 바꿈 있는 이름', null, null, '🐕'.repeat(30), '가'.repeat(59), null]);
  });

  it('D12 50,000 segments of one point do not hold the server', async () => {
    const startMs = test.clock.nowMs() - 20 * 3_600_000;
    const segments = Array.from({ length: 50_000 }, (_, i) =>
      trkpt({ ...SEOUL_FOREST, tMs: startMs + i * 1_000 }),
    );
    const from = performance.now();
    const { status, body } = await phone.import(bori, document(segments.join('</trkseg><trkseg>')));
    expect({ status, counts: body.counts }).toEqual({ status: 201, counts: false });
    expect(performance.now() - from).toBeLessThan(10_000);
  });
});
