import { v7 as uuidv7 } from 'uuid';
import { type Person, signIn } from '../support/api.js';
import { chunked, given, wirePoints } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
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

describe('recording', () => {
  it('a walk of 2 km sent in chunks is recorded and judged', async () => {
    const pet = await given.pet(bori);
    const points = wirePoints(streetWalk({ startMs: test.clock.nowMs(), km: 2, noiseM: 4, seed: 7 }));
    const { data: started } = await bori.api.POST('/walks', { body: { petIds: [pet.id], startedAt: points[0]!.t } });
    expect(started).toMatchObject({ state: 'recording', mine: true });
    test.clock.advance({ hours: 1 });
    for (const chunk of chunked(points, 300)) {
      const { response } = await bori.api.POST('/walks/{id}/points', { params: { path: { id: started!.id } }, body: { points: chunk } });
      expect(response.status).toBe(200);
    }
    const { data: done } = await bori.api.POST('/walks/{id}/complete', { params: { path: { id: started!.id } }, body: { pointCount: points.length } });
    expect(done).toMatchObject({ state: 'completed', counts: true, reasons: [], awaitingPoints: false });
    expect(done!.distanceM).toBeGreaterThan(1_900);
    expect(done!.distanceM).toBeLessThan(2_100);
    expect(done!.pets[0]).toMatchObject({ id: pet.id, name: '보리' });
    expect(done!.pets[0]!.caloriesKcal).toBeGreaterThan(10);
  });

  it('the whole of an offline walk sent twice is one walk', async () => {
    const pet = await given.pet(bori);
    const body = { petIds: [pet.id], points: wirePoints(streetWalk({ startMs: test.clock.nowMs() - 3_600_000, km: 1, noiseM: 4, seed: 8 })) };
    const path = { id: uuidv7() };
    const first = await bori.api.PUT('/walks/{id}', { params: { path }, body });
    const second = await bori.api.PUT('/walks/{id}', { params: { path }, body });
    expect(second.data).toEqual(first.data);
    const { data: list } = await bori.api.GET('/walks', {});
    expect(list!.items).toHaveLength(1);
  });
});
