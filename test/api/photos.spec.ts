import { parse, stringify, version as uuidVersion } from 'uuid';
import { deleteOrphanFiles } from '../../src/modules/photos/index.js';
import type { Position, TrackPoint } from '../../src/modules/walks/track/index.js';
import { deleteFiles } from '../../src/platform/storage/file-deletions.js';
import { FileLinks } from '../../src/platform/storage/file-links.js';
import { Storage } from '../../src/platform/storage/storage.js';
import { form, phonePhoto, picture } from '../builders/pictures.js';
import { streetWalk } from '../builders/tracks.js';
import { type Answer, expectProblem, type Person, signIn } from '../support/api.js';
import { given } from '../support/given.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { get, patch, post, remove } from '../support/rest.js';

let test: TestApp;
let bori: Person;
let kong: Person;
let dal: Person;
beforeAll(async () => {
  test = await startTestApp();
});
afterAll(() => test.close());
beforeEach(async () => {
  [bori, kong, dal] = [await signIn(test), await signIn(test), await signIn(test)];
});

const START = Date.parse('2026-11-20T01:00:00Z');
let seed = 100;
const track = (): TrackPoint[] => streetWalk({ startMs: START, km: 3, noiseM: 4, seed: seed++ });
/** As a camera in Korea writes it. */
const cameraTime = (ms: number): string =>
  new Date(ms + 9 * 3_600_000).toISOString().slice(0, 19).replaceAll('-', ':').replace('T', ' ');

const add = async (as: Person, walkId: string, file: Buffer): Promise<Answer['body']> => {
  test.clock.advance({ seconds: 1 });
  const answer = await as.send('POST', `/walks/${walkId}/photos`, form(file));
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body;
};
const photosOf = async (viewer: Person, walkId: string): Promise<Answer['body'][]> =>
  (await get(`/walks/${walkId}/photos`, viewer)).body.items;
const download = async (url: string): Promise<number> => {
  const answer = await fetch(test.url + url);
  await answer.arrayBuffer();
  return answer.status;
};
/** A fix in the middle of what others see of the route. */
const seenFix = async (walkId: string): Promise<Position & { tMs: number }> => {
  const seen = (await get(`/walks/${walkId}/route`, kong)).body.geometry.coordinates.flat() as number[][];
  const [lng, lat] = seen[seen.length >> 1]! as [number, number];
  const { geometry, offsetsS } = (await get(`/walks/${walkId}/route`, bori)).body;
  const own = geometry.coordinates.flat() as number[][];
  const startedAt = Date.parse((await get(`/walks/${walkId}`, bori)).body.startedAt);
  const i = own.findIndex(([x, y]) => x === lng && y === lat);
  return { lat, lng, tMs: startedAt + offsetsS.flat()[i] * 1_000 };
};
const metresApart = (a: Position, b: Position): number =>
  Math.hypot((a.lat - b.lat) * 111_000, (a.lng - b.lng) * 88_000);

describe('where a photo was taken', () => {
  it('P05 is a fix of the track, which others see only on the route that they see', async () => {
    const points = track();
    const first = points[0]!;
    const walk = await given.walk(bori, { points, visibility: 'public' });
    const middle = await seenFix(walk.id);
    const beside = { lat: middle.lat + 0.00001, lng: middle.lng };
    const atMiddle = await add(bori, walk.id, await phonePhoto(beside));
    const atHome = await add(bori, walk.id, await phonePhoto({ lat: first.lat, lng: first.lng }));
    const byTime = await add(bori, walk.id, await phonePhoto({ takenAt: cameraTime(middle.tMs) }));
    const elsewhere = await add(bori, walk.id, await phonePhoto({ lat: 33.5, lng: 126.5 }));
    const plain = await add(bori, walk.id, await picture());

    for (const photo of [atMiddle, byTime]) expect(metresApart(photo.position, middle)).toBeLessThan(15);
    expect(atMiddle.position).not.toEqual(beside);
    expect(metresApart(atHome.position, first)).toBeLessThan(60);
    expect([elsewhere.position, plain.position, plain.takenAt]).toEqual([null, null, null]);
    expect(Math.abs(Date.parse(byTime.takenAt) - middle.tMs)).toBeLessThan(5_000);

    const seen = await photosOf(kong, walk.id);
    expect(seen.map(({ id }) => id)).toEqual(
      [atMiddle, atHome, byTime, elsewhere, plain].map(({ id }) => id),
    );
    const route = (await get(`/walks/${walk.id}/route`, kong)).body.geometry.coordinates as number[][][];
    for (const photo of seen) {
      expect([photo.mine, photo.takenAt]).toEqual([false, null]);
      if (photo.position) expect(route.flat()).toContainEqual([photo.position.lng, photo.position.lat]);
    }
    expect(seen.map(({ position }) => position !== null)).toEqual([true, false, true, false, false]);
    expect((await photosOf(bori, walk.id)).map(({ position }) => position)).toEqual([
      atMiddle.position,
      atHome.position,
      byTime.position,
      null,
      null,
    ]);
  });

  it('L1 leaves the answers to others with a privacy zone, at once', async () => {
    const walk = await given.walk(bori, { points: track(), visibility: 'public' });
    const middle = await seenFix(walk.id);
    await add(bori, walk.id, await phonePhoto({ lat: middle.lat, lng: middle.lng }));
    expect((await photosOf(kong, walk.id))[0].position).not.toBeNull();
    await post('/users/me/privacy-zones', bori, {
      name: '학교',
      lat: middle.lat,
      lng: middle.lng,
      radiusM: 200,
    });
    const { text } = await get(`/walks/${walk.id}/photos`, kong);
    expect(text).not.toContain(String(middle.lat).slice(0, 7));
    expect((await photosOf(kong, walk.id))[0].position).toBeNull();
    expect((await photosOf(bori, walk.id))[0].position).not.toBeNull();
  });

  it('is written into the log of location use when others are told', async () => {
    const walk = await given.walk(bori, { points: track(), visibility: 'public' });
    const middle = await seenFix(walk.id);
    await add(bori, walk.id, await picture());
    const uses = () => test.db.prisma.locationUse.count({ where: { userId: bori.id, providedTo: kong.id } });
    const before = await uses();
    await photosOf(kong, walk.id);
    expect(await uses()).toBe(before); // no position was told
    await add(bori, walk.id, await phonePhoto({ lat: middle.lat, lng: middle.lng }));
    await photosOf(kong, walk.id);
    expect(await uses()).toBe(before + 1);
  });

  it('of a walk that is still recorded is found once it is judged', async () => {
    const points = streetWalk({ startMs: test.clock.nowMs(), km: 2, noiseM: 4, seed: seed++ });
    const pet = await given.pet(bori);
    const { body: walk } = await post('/walks', bori, { petIds: [pet.id], visibility: 'public' });
    const middle = points[points.length >> 1]!;
    test.clock.set(points.at(-1)!.tMs);
    const photo = await add(
      bori,
      walk.id,
      await phonePhoto({ lat: middle.lat, lng: middle.lng, takenAt: cameraTime(middle.tMs) }),
    );
    expect(photo.position).toBeNull();
    const put = await bori.send('PUT', `/walks/${walk.id}`, {
      petIds: [pet.id],
      points: points.map(({ tMs, lat, lng, seq }) => ({ seq, t: new Date(tMs).toISOString(), lat, lng })),
    });
    expect(put.status).toBe(200);
    const [seen] = await photosOf(bori, walk.id);
    expect(metresApart(seen.position, middle)).toBeLessThan(60);
  });
});

describe('who sees photos', () => {
  const sees = async (viewer: Person, walkId: string): Promise<number> =>
    (await get(`/walks/${walkId}/photos`, viewer)).status;

  it('B01 those who see the walk: followers, not strangers, nobody of a private one', async () => {
    const walk = await given.walk(bori, { visibility: 'followers' });
    await add(bori, walk.id, await picture());
    await post(`/follows/${bori.id}`, kong, undefined);
    expect([await sees(kong, walk.id), await sees(dal, walk.id)]).toEqual([200, 404]);
    const [{ url320 }] = await photosOf(kong, walk.id);
    expect(await download(url320)).toBe(200);
    await patch(`/walks/${walk.id}`, bori, { visibility: 'private' });
    expect([await sees(kong, walk.id), await download(url320)]).toEqual([404, 404]);
    expect(await sees(bori, walk.id)).toBe(200);
  });

  it('L3 a block ends also the links that were given out', async () => {
    const walk = await given.walk(bori, { visibility: 'public' });
    const own = await add(bori, walk.id, await picture());
    const [{ url1080 }] = await photosOf(kong, walk.id);
    expect(await download(url1080)).toBe(200);
    await post(`/blocks/${kong.id}`, bori, undefined);
    expect(await sees(kong, walk.id)).toBe(404);
    expect([await download(url1080), await download(own.url1080)]).toEqual([404, 200]);
  });

  it('P05 P07 a link is its viewer’s own, the same for hours, and then no more', async () => {
    test.clock.set('2026-11-20T06:00:00.000Z');
    const walk = await given.walk(bori, { visibility: 'public' });
    const { url320, url1080, id } = await add(bori, walk.id, await picture());
    const [theirs] = await photosOf(kong, walk.id);
    expect(new Set([url320, url1080, theirs.url320, theirs.url1080]).size).toBe(4);
    const answer = await fetch(test.url + url320);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'cache-control': 'private, max-age=3600',
      'content-type': 'image/webp',
      'content-disposition': 'inline',
      'x-content-type-options': 'nosniff',
    });
    await answer.arrayBuffer();
    test.clock.set('2026-11-20T11:59:59.000Z');
    expect((await photosOf(bori, walk.id))[0].url320).toBe(url320);
    test.clock.set('2026-11-20T12:00:00.000Z');
    expect((await photosOf(bori, walk.id))[0].url320).not.toBe(url320);
    test.clock.set('2026-11-20T17:59:00.000Z');
    expect((await fetch(test.url + url320)).headers.get('cache-control')).toBe('private, max-age=60');
    test.clock.set('2026-11-20T18:00:00.000Z');
    expect(await download(url320)).toBe(404);
    expect(url320).not.toContain(id);
  });

  it('L1 neither the id nor the file tells when it was uploaded', async () => {
    const walk = await given.walk(bori, { visibility: 'public' });
    const { id } = await add(bori, walk.id, await picture());
    expect(uuidVersion(id)).toBe(4);
    const [{ url320 }] = await photosOf(kong, walk.id);
    const answer = await fetch(test.url + url320);
    await answer.arrayBuffer();
    expect([answer.headers.get('last-modified'), answer.headers.get('etag')]).toEqual([null, null]);
  });

  it('a link cannot be made or changed', async () => {
    const walk = await given.walk(bori, { visibility: 'private' });
    const { url320 } = await add(bori, walk.id, await picture());
    const token = url320.slice('/files/'.length);
    for (let i = 0; i < 58; i++) {
      const bytes = Buffer.from(token, 'base64url');
      bytes[i % bytes.length]! ^= 1;
      expect(await download(`/files/${bytes.toString('base64url')}`)).toBe(404);
    }
    // Somebody else's id in one's own link.
    const bytes = Buffer.from(token, 'base64url');
    expect(stringify(bytes.subarray(0, 16))).toBe(bori.id);
    bytes.set(parse(kong.id), 0);
    expect(await download(`/files/${bytes.toString('base64url')}`)).toBe(404);
    for (const wrong of ['x', 'A'.repeat(78), 'A'.repeat(200), `${token}A`, token.slice(1)])
      expect([wrong, await download(`/files/${wrong}`)]).toEqual([wrong, 404]);
    expect(await download('/files/../../etc/passwd')).toBe(404);
    expect(await download('/files/..%2f..%2fetc%2fpasswd')).toBe(404);
  });
});

describe('moderation', () => {
  it('a reported photo is seen by the moderator, hidden from others, and shown again', async () => {
    const moderator = await signIn(test);
    await test.db.prisma.user.update({ where: { id: moderator.id }, data: { role: 'moderator' } });
    const walk = await given.walk(bori, { visibility: 'public' });
    const photo = await add(bori, walk.id, await picture());
    const other = await add(bori, walk.id, await picture());
    const [theirs] = await photosOf(kong, walk.id);
    const about = { targetKind: 'photo', targetId: photo.id, reason: 'spam' };
    expectProblem(await post('/reports', bori, about), 409, 'not-with-yourself');
    const report = await post('/reports', kong, about);
    expect([report.status, report.body.targetKind]).toEqual([201, 'photo']);

    await patch(`/walks/${walk.id}`, bori, { visibility: 'private' });
    const queue = await get('/admin/reports', moderator);
    const found = queue.body.items.find(({ id }: { id: string }) => id === report.body.id);
    expect(found.snapshot).toMatchObject({ photoKind: 'walk_photo', walkId: walk.id });
    expect(await download(found.present.photoUrl)).toBe(200);
    const [{ url320: notReported }] = (await photosOf(bori, walk.id)).slice(1);
    const bytes = Buffer.from(notReported.slice('/files/'.length), 'base64url');
    expect(stringify(bytes.subarray(16, 32))).toBe(other.id);
    // One that nobody reported, by a link made for the moderator while they could see it, and not any more.
    expect(await download(notReported)).toBe(200);
    const links = test.app.get(FileLinks);
    const urlOf = (fileId: string) => links.urlsOf(fileId, moderator.id).url320;
    expect([await download(urlOf(photo.id)), await download(urlOf(other.id))]).toEqual([200, 404]);
    await patch(`/walks/${walk.id}`, bori, { visibility: 'public' });

    const act = (action: string) =>
      post(`/admin/reports/${report.body.id}/actions`, moderator, { action, reason: '부적절' });
    const hidden = await act('hide');
    expect([hidden.status, hidden.body.present]).toMatchObject([201, { isHidden: true, isEdited: false }]);
    expect((await photosOf(kong, walk.id)).map(({ id }) => id)).toEqual([other.id]);
    expect(await download(theirs.url1080)).toBe(404);
    expect((await photosOf(bori, walk.id)).map(({ isHidden }) => isHidden)).toEqual([true, false]);
    expect(await download(photo.url1080)).toBe(200);
    expect(await download(hidden.body.present.photoUrl)).toBe(200);
    expectProblem(await post('/reports', dal, about), 404, 'report-target-not-found');

    expect((await act('unhide')).status).toBe(201);
    expect(await photosOf(kong, walk.id)).toHaveLength(2);
    expect(await download(theirs.url1080)).toBe(200);
  });

  it('what was reported is kept for the moderator when its owner deletes it, until the report is settled', async () => {
    const moderator = await signIn(test);
    await test.db.prisma.user.update({ where: { id: moderator.id }, data: { role: 'moderator' } });
    const walk = await given.walk(bori, { visibility: 'public' });
    const photo = await add(bori, walk.id, await picture());
    const { storageKey } = await test.db.prisma.photo.findUniqueOrThrow({ where: { id: photo.id } });
    const filesLeft = async () => {
      await test.db.transaction((tx) => test.queue.enqueue(tx, deleteFiles, { slotAt: '' }));
      await test.db.transaction((tx) => test.queue.enqueue(tx, deleteOrphanFiles, { slotAt: '' }));
      await test.queue.drain();
      const keys = [];
      for await (const { key } of test.app.get(Storage).list(`${storageKey}/`)) keys.push(key);
      return keys.length;
    };
    const report = await post('/reports', kong, { targetKind: 'photo', targetId: photo.id, reason: 'spam' });
    const [{ url320: theirs }] = await photosOf(kong, walk.id);
    expect((await remove(`/walks/${walk.id}/photos/${photo.id}`, bori)).status).toBe(204);
    test.clock.advance({ hours: 30 });
    expect(await filesLeft()).toBe(2);
    const links = test.app.get(FileLinks);
    const urlFor = ({ id }: Person) => links.urlsOf(photo.id, id).url320;
    expect([await download(theirs), await download(urlFor(kong)), await download(urlFor(bori))]).toEqual([
      404, 404, 404,
    ]);
    const { items } = (await get('/admin/reports', moderator)).body;
    const { present } = items.find(({ id }: { id: string }) => id === report.body.id);
    expect([present.isDeleted, await download(present.photoUrl)]).toEqual([true, 200]);

    const settled = await post(`/admin/reports/${report.body.id}/actions`, moderator, {
      action: 'warn',
      reason: '부적절',
    });
    expect([settled.status, settled.body.present.photoUrl]).toEqual([201, null]);
    expect(await download(present.photoUrl)).toBe(404);
    expect(await filesLeft()).toBe(0);
  });

  it('what the viewer does not see cannot be reported', async () => {
    const walk = await given.walk(bori, { visibility: 'private' });
    const photo = await add(bori, walk.id, await picture());
    const about = { targetKind: 'photo', targetId: photo.id, reason: 'spam' };
    expectProblem(await post('/reports', kong, about), 404, 'report-target-not-found');
    await remove(`/walks/${walk.id}/photos/${photo.id}`, bori);
    expectProblem(await post('/reports', bori, about), 404, 'report-target-not-found');
  });

  it('P05 a link of somebody suspended opens nothing to others', async () => {
    const walk = await given.walk(bori, { visibility: 'public' });
    await add(bori, walk.id, await picture());
    const [{ url320 }] = await photosOf(kong, walk.id);
    await test.db.prisma.user.update({
      where: { id: bori.id },
      data: { suspendedAt: test.clock.now() },
    });
    expect(await download(url320)).toBe(404);
  });

  it('P05 a suspended viewer opens nothing but their own, by links they were given before', async () => {
    const walk = await given.walk(bori, { visibility: 'public' });
    const own = await add(bori, walk.id, await picture());
    const [{ url320 }] = await photosOf(kong, walk.id);
    for (const end of [{ suspendedAt: test.clock.now() }, { deletionRequestedAt: test.clock.now() }]) {
      await test.db.prisma.user.update({ where: { id: kong.id }, data: end });
      expect(await download(url320)).toBe(404);
      const none = { suspendedAt: null, deletionRequestedAt: null };
      await test.db.prisma.user.update({ where: { id: kong.id }, data: none });
      expect(await download(url320)).toBe(200);
      await test.db.prisma.user.update({ where: { id: bori.id }, data: end });
      expect(await download(own.url320)).toBe(200);
      await test.db.prisma.user.update({ where: { id: bori.id }, data: none });
    }
  });
});
