import polyline from '@googlemaps/polyline-codec';
import { v7 as uuidv7 } from 'uuid';
import { distanceBetweenM, type Position } from '../../src/modules/walks/track/index.js';
import { expectProblem, type Person, send, signIn } from '../support/api.js';
import { wirePoints } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { phone } from '../support/walking.js';
import { streetWalk } from '../builders/tracks.js';

let test: TestApp;
let bori: Person;
let stranger: Person;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(async () => {
  test.clock.set('2026-11-20T03:00:00Z');
  bori = await signIn(test);
  stranger = await signIn(test);
});

let seed = 900;
const points = (km = 6) =>
  streetWalk({ startMs: Date.parse('2026-11-20T01:17:23Z'), km, noiseM: 3, seed: seed++ });
const walkOf = async (person: Person, visibility: string, track = points(), more = {}) =>
  (await phone.put(person, uuidv7(), wirePoints(track), { visibility, ...more })).body;
const decoded = (lines: string[]): Position[] =>
  lines.flatMap((line) => polyline.decode(line).map(([lat, lng]) => ({ lat, lng })));
const positions = (coordinates: number[][][]): Position[] =>
  coordinates.flat().map(([lng, lat]) => ({ lat: lat!, lng: lng! }));
/** Everything of a walk that is a position, as the stranger receives it. */
const seenBy = async (viewer: Person, walkId: string): Promise<Position[]> => {
  const [walk, route] = [await phone.get(viewer, walkId), await phone.route(viewer, walkId)];
  return [...decoded(walk.body.preview), ...positions(route.body.geometry.coordinates)];
};
const nearestM = (to: Position, among: Position[]) => Math.min(...among.map((p) => distanceBetweenM(p, to)));

describe('O03 the walk of somebody else', () => {
  const everything = (viewer: Person, id: string) => [
    phone.get(viewer, id),
    phone.route(viewer, id),
    phone.gpx(viewer, id),
    phone.edit(viewer, id, { title: '내 것' }),
    phone.edit(viewer, id, { crop: null }),
    phone.delete(viewer, id),
    phone.complete(viewer, id),
    phone.points(viewer, id, wirePoints(points()).slice(0, 3)),
    phone.put(viewer, id, wirePoints(points()).slice(0, 3)),
  ];

  it.each(['private', 'followers'])('is not there when it is %s', async (visibility) => {
    const walk = await walkOf(bori, visibility);
    for (const answer of await Promise.all(everything(stranger, walk.id)))
      expectProblem(answer, 404, 'walk-not-found');
    expect((await phone.get(bori, walk.id)).body).toEqual(walk);
  });

  it('cannot be changed nor exported when it is public', async () => {
    const walk = await walkOf(bori, 'public');
    for (const answer of await Promise.all(everything(stranger, walk.id).slice(2)))
      expectProblem(answer, 404, 'walk-not-found');
    expect((await phone.get(bori, walk.id)).body).toEqual(walk);
  });

  it('is not there when it does not count, still records, or its owner hides', async () => {
    const short = await walkOf(bori, 'public', points(0.4));
    const { body: open } = await phone.start(bori, { visibility: 'public' });
    for (const id of [short.id, open.id]) {
      expectProblem(await phone.get(stranger, id), 404, 'walk-not-found');
      expectProblem(await phone.route(stranger, id), 404, 'walk-not-found');
    }
    const walk = await walkOf(bori, 'public');
    const hidden = [
      { profileVisibility: 'private' },
      { suspendedAt: test.clock.now() },
      { deletionRequestedAt: test.clock.now() },
    ] as const;
    for (const data of hidden) {
      const where = { id: bori.id };
      await test.db.prisma.user.update({ where, data });
      expectProblem(await phone.get(stranger, walk.id), 404, 'walk-not-found');
      expectProblem(await phone.route(stranger, walk.id), 404, 'walk-not-found');
      await test.db.prisma.user.update({
        where,
        data: { profileVisibility: 'public', suspendedAt: null, deletionRequestedAt: null },
      });
    }
    expect((await phone.get(stranger, walk.id)).status).toBe(200);
  });

  it('wants a login', async () => {
    const walk = await walkOf(bori, 'public');
    for (const path of ['', '/route', '/gpx'])
      expectProblem(await send(test, 'GET', `/walks/${walk.id}${path}`), 401, 'unauthorized');
  });
});

describe('a public walk in the eyes of others', () => {
  it('P01 P03 has these fields and no others, and rounded figures', async () => {
    const walk = await walkOf(bori, 'public', points(), { title: '공원 한 바퀴' });
    await phone.edit(bori, walk.id, { memo: '비밀번호 1234' });
    const { body, headers } = await phone.get(stranger, walk.id);
    expect(body).toEqual({
      id: walk.id,
      mine: false,
      userId: bori.id,
      title: '공원 한 바퀴',
      walkDate: '2026-11-20',
      startedAt: '2026-11-20T01:00:00.000Z',
      distanceM: expect.any(Number),
      movingS: expect.any(Number),
      preview: expect.any(Array),
      pets: walk.pets.map(({ id, name }: { id: string; name: string }) => ({ id, name })),
    });
    expect(walk.distanceM % 100).not.toBe(0);
    // The ends are in it, as far as the circles' middles are: neither the true length nor only what is seen.
    expect([body.distanceM % 100, body.movingS % 60]).toEqual([0, 0]);
    expect(Math.abs(body.distanceM / walk.distanceM - 1)).toBeLessThan(0.2);
    expect(Math.abs(body.movingS / body.distanceM - walk.movingS / walk.distanceM)).toBeLessThan(0.03);
    expect(headers.get('cache-control')).toContain('private');
    const route = await phone.route(stranger, walk.id);
    expect(route.body).toEqual({
      walkId: walk.id,
      geometry: { type: 'MultiLineString', coordinates: expect.any(Array) },
      offsetsS: null,
    });
    for (const position of route.body.geometry.coordinates.flat()) expect(position).toHaveLength(2);
    expect(route.text).not.toMatch(/T\d\d:/);
  });

  it('P01 shows nothing within 200 m of the ends', async () => {
    const track = points();
    const walk = await walkOf(bori, 'public', track);
    const seen = await seenBy(stranger, walk.id);
    expect(seen.length).toBeGreaterThan(200);
    for (const end of [track[0]!, track.at(-1)!]) expect(nearestM(end, seen)).toBeGreaterThan(200);
    const own = await seenBy(bori, walk.id);
    for (const end of [track[0]!, track.at(-1)!]) expect(nearestM(end, own)).toBeLessThan(15);
  });

  it('P01 a short walk shows nothing at all', async () => {
    const walk = await walkOf(bori, 'public', points(0.55));
    expect(walk.counts).toBe(true);
    expect(await seenBy(stranger, walk.id)).toEqual([]);
    expect((await phone.get(stranger, walk.id)).body.preview).toEqual([]);
  });

  it('P01 a cropped-away stretch is gone for others too', async () => {
    const track = points();
    const walk = await walkOf(bori, 'public', track);
    const middle = track[Math.floor(track.length / 2)]!;
    expect(nearestM(middle, await seenBy(stranger, walk.id))).toBeLessThan(15);
    const to = new Date(track[Math.floor(track.length * 0.4)]!.tMs).toISOString();
    await phone.edit(bori, walk.id, { crop: { from: walk.startedAt, to } });
    const seen = await seenBy(stranger, walk.id);
    expect(nearestM(middle, seen)).toBeGreaterThan(200);
    expect(nearestM(track[Math.floor(track.length * 0.4)]!, seen)).toBeGreaterThan(200);
  });

  it('P04 a zone added later hides at once, before and after the previews are made again', async () => {
    const track = points(9);
    const walk = await walkOf(bori, 'public', track);
    const home = track[Math.floor(track.length / 2)]!;
    const zone = await bori.send('POST', '/users/me/privacy-zones', {
      name: '집',
      lat: home.lat,
      lng: home.lng,
      radiusM: 300,
    });
    expect(zone.status).toBe(201);

    expect((await phone.get(stranger, walk.id)).body.preview).toEqual([]);
    const route = positions((await phone.route(stranger, walk.id)).body.geometry.coordinates);
    expect(route.length).toBeGreaterThan(50);
    expect(nearestM(home, route)).toBeGreaterThan(300);

    await test.queue.drain();
    expect((await phone.get(stranger, walk.id)).body.preview).not.toEqual([]);
    const seen = await seenBy(stranger, walk.id);
    expect(nearestM(home, seen)).toBeGreaterThan(300);
    expect((await phone.get(bori, walk.id)).body).toEqual(walk);

    await bori.send('DELETE', `/users/me/privacy-zones/${zone.body.id}`);
    expect((await phone.get(stranger, walk.id)).body.preview).toEqual([]);
    await test.queue.drain();
    expect(nearestM(home, await seenBy(stranger, walk.id))).toBeLessThan(15);
  });

  it('P04 a walk made under the zone is safe from the start', async () => {
    const track = points(9);
    const home = track[Math.floor(track.length / 3)]!;
    await bori.send('POST', '/users/me/privacy-zones', {
      name: '집',
      lat: home.lat,
      lng: home.lng,
      radiusM: 200,
    });
    await test.queue.drain();
    const walk = await walkOf(bori, 'public', track);
    expect((await phone.get(stranger, walk.id)).body.preview).not.toEqual([]);
    expect(nearestM(home, await seenBy(stranger, walk.id))).toBeGreaterThan(200);
  });

  it('P04 previews made again and a deletion at the same moment: nothing comes back', async () => {
    const walk = await walkOf(bori, 'public');
    const { lat, lng } = points()[0]!;
    await bori.send('POST', '/users/me/privacy-zones', { name: '집', lat, lng, radiusM: 200 });
    await Promise.all([test.queue.drain(), phone.delete(bori, walk.id)]);
    const row = await test.db.prisma.walk.findUniqueOrThrow({ where: { id: walk.id } });
    expect(row).toMatchObject({ state: 'deleted', preview: [], safePreview: [] });
  });

  it('L6 each use and provision of the location is on record', async () => {
    const walk = await walkOf(bori, 'public');
    const log = async () => (await bori.send('GET', '/users/me/location-log')).body.items;
    expect(await log()).toEqual([expect.objectContaining({ purpose: 'walk_recording', providedTo: null })]);
    await phone.route(bori, walk.id);
    expect(await log()).toHaveLength(1);
    await phone.route(stranger, walk.id);
    expect(await log()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ purpose: 'walk_route_view', providedTo: stranger.id }),
      ]),
    );
    expect((await stranger.send('GET', '/users/me/location-log')).body.items).toEqual([]);
  });
});
