import { v7 as uuidv7 } from 'uuid';
import { statement } from '../../src/platform/database/database.js';
import { Cache } from '../../src/platform/cache/cache.js';
import { Rooms } from '../../src/modules/together/index.js';
import { Live } from '../../src/modules/together/live.service.js';
import { Memberships } from '../../src/modules/together/memberships.service.js';
import { expectProblem, type Person, signIn } from '../support/api.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { get, post, remove } from '../support/rest.js';
import { invitationRoom, LivePhone, meetupRoom, RawClient, tokenOf } from '../support/sockets.js';
import { completeWalk } from '../support/stored-walks.js';

const MISSING = '0193a1b2-0000-7000-8000-000000000000';
const AT = { lat: 37.55, lng: 127.04 };

let test: TestApp;
const phones: LivePhone[] = [];
beforeAll(async () => {
  test = await startTestApp();
});
afterEach(() => {
  for (const phone of phones.splice(0)) phone.close();
});
afterAll(() => test.close());

async function online(person: Person): Promise<LivePhone> {
  const phone = await LivePhone.connect(test.url, tokenOf(test, person));
  phones.push(phone);
  return phone;
}

const people = (count: number) => Promise.all(Array.from({ length: count }, () => signIn(test)));
const rollCall = () => test.app.get(Live).rollCall();
/** What another process would write. */
const joinElsewhere = (roomId: string, { id }: Person) => test.app.get(Memberships).enter(id, roomId);
const placeOf = (roomId: string, { id: userId }: Person) =>
  test.db.prisma.roomMember.findUniqueOrThrow({ where: { roomId_userId: { roomId, userId } } });
const kept = (roomId: string, { id }: Person) => test.app.get(Cache).get(`together:${roomId}:${id}`);

/** Everybody in one room, each having sent a position. */
async function walking(count: number) {
  const all = await people(count);
  const { roomId, meetupId } = await meetupRoom(test, all);
  const online_ = await Promise.all(all.map(online));
  for (const phone of online_) await phone.join(roomId);
  await rollCall();
  online_.forEach((phone, i) => phone.send('position', { lat: 37.5 + i / 100, lng: 127 }));
  for (const [i, phone] of online_.entries())
    for (const [j, other] of all.entries()) if (i !== j) await phone.untilPosition(other.id, 37.5 + j / 100);
  return { all, phones: online_, roomId, meetupId };
}

describe('a shared walk', () => {
  it('shows two who were invited and consented each other’s last position, and writes down that it did', async () => {
    const [bori, kong] = await people(2);
    const roomId = await invitationRoom(test, [bori!, kong!]);
    const [ofBori, ofKong] = [await online(bori!), await online(kong!)];

    expect((await ofBori.join(roomId)).members).toEqual([]);
    ofBori.send('position', {
      ...AT,
      accuracyM: 6,
      headingDeg: 90,
      speedMps: 1.2,
      t: '2026-11-20T02:59:59Z',
    });
    await ofBori.settle();
    const joined = await ofKong.join(roomId);
    expect(joined).toMatchObject({ roomId, closesAt: '2026-11-20T07:00:00.000Z' });
    expect(joined.members).toMatchObject([
      {
        userId: bori!.id,
        status: 'live',
        position: {
          ...AT,
          accuracyM: 6,
          headingDeg: 90,
          speedMps: 1.2,
          serverAt: '2026-11-20T03:00:00.000Z',
        },
      },
    ]);
    await ofBori.untilMember(kong!.id, 'joined');
    ofKong.send('position', { lat: 37.6, lng: 127.1 });
    await ofBori.untilPosition(kong!.id, 37.6);
    test.clock.advance({ seconds: 1 });
    ofKong.send('position', { lat: 37.61, lng: 127.1 });
    await ofBori.untilPosition(kong!.id, 37.61);
    expect(ofKong.all('position')).toEqual([]); // nobody is shown to themselves

    const log = (await get('/users/me/location-log', kong!)).body.items;
    expect(log).toMatchObject([{ purpose: 'walk_together', providedTo: bori!.id }]);
    expect((await get('/users/me/location-log', bori!)).body.items).toHaveLength(1);
  });

  it('passes one position a second on, the last of those that came faster', async () => {
    const {
      all,
      phones: [sender, viewer],
    } = await walking(2);
    test.clock.advance({ seconds: 1 });
    for (let i = 1; i <= 5; i++) sender!.send('position', { lat: 40 + i, lng: 127 });
    await viewer!.untilPosition(all[0]!.id, 41);
    await sender!.settle();
    test.clock.advance({ ms: 999 });
    await rollCall();
    expect(viewer!.last('position').lat).toBe(41);
    test.clock.advance({ ms: 1 });
    await viewer!.untilPosition(all[0]!.id, 45);
    expect(
      viewer!
        .all('position')
        .map(({ lat }) => lat)
        .filter((lat) => lat > 40),
    ).toEqual([41, 45]);
  });

  it('greys out who is silent for 30 s, and removes them after 5 min (L04), without their history when they come back (L06)', async () => {
    const {
      all,
      phones: [quiet, viewer],
      roomId,
    } = await walking(2);
    test.clock.advance({ seconds: 29 });
    viewer!.send('position', { lat: 38, lng: 127 });
    await rollCall();
    expect(viewer!.all('member').filter(({ status }) => status === 'stale')).toEqual([]);
    test.clock.advance({ seconds: 1 });
    await viewer!.untilMember(all[0]!.id, 'stale');
    quiet!.send('position', { lat: 39, lng: 127 });
    await viewer!.untilMember(all[0]!.id, 'live');

    for (let minute = 0; minute < 5; minute++) {
      test.clock.advance({ minutes: 1 });
      viewer!.send('position', { lat: 38, lng: 127 });
      await viewer!.settle();
      await rollCall();
    }
    await viewer!.untilMember(all[0]!.id, 'removed');
    await quiet!.until('ended', (phone) => phone.last('ended')?.reason === 'silent');
    expect(await kept(roomId, all[0]!)).toBeNull();
    quiet!.send('position', { lat: 39.5, lng: 127 });
    await quiet!.until('refused', (phone) => phone.last('error')?.code === 'not-in-room');

    await quiet!.join(roomId);
    const [late] = [await online(all[1]!)];
    expect((await late.join(roomId)).members).toMatchObject([
      { userId: all[0]!.id, status: 'live', position: null },
    ]);
  });

  it('lets somebody in again who came in long ago, in a process that is gone (L04)', async () => {
    const all = await people(2);
    const { roomId } = await meetupRoom(test, all);
    for (const person of all) await joinElsewhere(roomId, person);
    test.clock.advance({ minutes: 10 });
    const [first, second] = await Promise.all(all.map(online));
    expect((await first!.join(roomId)).members).toEqual([]); // silent for all that is known here
    expect((await second!.join(roomId)).members).toMatchObject([{ userId: all[0]!.id, status: 'live' }]);
    await first!.untilMember(all[1]!.id, 'joined');
    await rollCall();
    second!.send('position', { lat: 38, lng: 127 });
    await first!.untilPosition(all[1]!.id, 38);
    expect(await placeOf(roomId, all[0]!)).toMatchObject({ leftAt: null });
  });

  it('leaves somebody who came in elsewhere to that process (L07)', async () => {
    const {
      all,
      phones: [moved, dropped, viewer],
      roomId,
    } = await walking(3);
    moved!.close();
    dropped!.close();
    await joinElsewhere(roomId, all[0]!);
    await rollCall();
    test.clock.advance({ minutes: 5 });
    await viewer!.untilMember(all[1]!.id, 'removed');
    await viewer!.untilMember(all[0]!.id, 'removed');
    await rollCall();
    expect(await placeOf(roomId, all[0]!)).toMatchObject({ leftAt: null });
    expect(await placeOf(roomId, all[1]!)).toMatchObject({ leftAt: test.clock.now() });
  });

  it('of a meetup goes on until the meetup begins, whoever comes early and leaves', async () => {
    const all = await people(3);
    const startsAt = new Date(test.clock.nowMs() + 1_200_000);
    const { roomId, meetupId } = await meetupRoom(test, all, { startsAt });
    const [host, guest] = await Promise.all(all.map(online));
    for (const phone of [host!, guest!]) await phone.join(roomId);
    await test.db.transaction((tx) => test.app.get(Rooms).removeMember(tx, meetupId, all[2]!.id));
    expect((await remove(`/rooms/${roomId}/membership`, all[1]!)).status).toBe(204);
    await host!.untilMember(all[1]!.id, 'left');
    await guest!.join(roomId);
    await host!.until('joined again', (phone) => phone.all('member').at(-1)?.status === 'joined');
    expect(host!.all('ended')).toEqual([]);

    test.clock.advance({ minutes: 20 });
    for (const phone of [host!, guest!]) phone.send('position', AT);
    await test.db.transaction((tx) => test.app.get(Rooms).removeMember(tx, meetupId, all[1]!.id));
    await host!.until('ended', (phone) => phone.last('ended')?.reason === 'ended');
  });

  it('ends for one who leaves on any device, and for both when that leaves one alone (L01)', async () => {
    const {
      all,
      phones: [first, second, third],
      roomId,
    } = await walking(3);
    first!.send('leave', { roomId });
    await first!.until('ended', (phone) => phone.last('ended')?.reason === 'left');
    await second!.untilMember(all[0]!.id, 'left');
    expect(await kept(roomId, all[0]!)).toBeNull();
    expect(await kept(roomId, all[1]!)).not.toBeNull();

    expect((await remove(`/rooms/${roomId}/membership`, all[1]!)).status).toBe(204);
    for (const phone of [second!, third!])
      await phone.until('ended', () => phone.last('ended')?.reason === 'ended');
    await rollCall();
    expect(await kept(roomId, all[2]!)).toBeNull();
    third!.send('join', { roomId, consent: true });
    await third!.until('refused', (phone) => phone.last('error')?.code === 'room-not-found');
    expect((await test.db.rows(roomEndedJobs, [roomId]))[0]!.count).toBe(await subscribersOfRoomEnded());
  });

  it('stops for a member whose walk is completed, and not for a walk from before', async () => {
    const {
      all,
      phones: [walker, second, third],
      roomId,
    } = await walking(3);
    const now = test.clock.nowMs();
    await completeWalk(test, all[0]!.id, { startedAt: new Date(now - 86_400_000) });
    await test.queue.drain();
    await rollCall();
    expect(walker!.all('ended')).toEqual([]);
    test.clock.advance({ seconds: 20 });
    await completeWalk(test, all[0]!.id, { startedAt: new Date(now + 10_000) });
    await test.queue.drain();
    await walker!.until('ended', (phone) => phone.last('ended')?.reason === 'left');
    for (const phone of [second!, third!]) await phone.untilMember(all[0]!.id, 'left');
    expect(await kept(roomId, all[0]!)).toBeNull();
  });

  it('closes after 4 h', async () => {
    const {
      all,
      phones: [first],
      roomId,
    } = await walking(2);
    test.clock.advance({ hours: 4 });
    // The token is older than an hour by then, as a real one would not be: a new connection.
    await first!.untilClosed('token-expired');
    const again = await online(all[0]!);
    again.send('join', { roomId, consent: true });
    await again.until('refused', (phone) => phone.last('error')?.code === 'room-not-found');
    expect((await get('/rooms', all[0]!)).body.items).toEqual([]);
  });
});

const roomEndedJobs = statement<{ count: number }>(
  'test_room_ended_jobs',
  `select count(*)::int as count from pgboss.job where name like 'room-ended.%' and data->>'roomId' = $1::text`,
);
const queuesOfRoomEnded = statement<{ count: number }>(
  'test_room_ended_queues',
  `select count(*)::int as count from pgboss.queue where name like 'room-ended.%'`,
);
const subscribersOfRoomEnded = async () => (await test.db.rows(queuesOfRoomEnded, []))[0]!.count;

describe('who is let in', () => {
  it('lists rooms that are open or will be, with their members, and lets a member in when it is open', async () => {
    const [bori, kong, stranger] = await people(3);
    const startsAt = new Date(test.clock.nowMs() + 3_600_000);
    const opensAt = new Date(test.clock.nowMs() + 1_800_000);
    const roomId = await invitationRoom(test, [bori!, kong!], { startsAt });
    const { body } = await get('/rooms', bori!);
    expect(body).toMatchObject({
      items: [
        {
          id: roomId,
          meetupId: null,
          opensAt: opensAt.toISOString(),
          isSharing: false,
          members: [{ id: kong!.id, isSharing: false }],
        },
      ],
      nextCursor: null,
    });
    expect((await get('/rooms', stranger!)).body.items).toEqual([]);

    const [ofBori, ofStranger] = [await online(bori!), await online(stranger!)];
    ofBori.send('join', { roomId, consent: true });
    await ofBori.until('refused', (phone) => phone.last('error')?.code === 'room-not-open');
    expect(ofBori.last('error')).toMatchObject({ event: 'join', opensAt: opensAt.toISOString() });
    const refusals: unknown[] = [];
    for (const id of [roomId, MISSING]) {
      ofStranger.send('join', { roomId: id, consent: true });
      await ofStranger.until('refused', (phone) => phone.all('error').length > refusals.length);
      refusals.push(ofStranger.last('error'));
    }
    expect(refusals[0]).toEqual(refusals[1]);
    expectProblem(await remove(`/rooms/${roomId}/membership`, stranger!), 404, 'room-not-found');
    expectProblem(await remove(`/rooms/${MISSING}/membership`, stranger!), 404, 'room-not-found');
    expect((await remove(`/rooms/${roomId}/membership`, bori!)).status).toBe(204);
    expect((await remove(`/rooms/${roomId}/membership`, bori!)).status).toBe(204);
  });

  it('keeps a connection in one room', async () => {
    const all = await people(2);
    const { roomId } = await meetupRoom(test, all);
    const { roomId: otherId } = await meetupRoom(test, all);
    const first = await online(all[0]!);
    await first.join(roomId);
    first.send('join', { roomId: otherId, consent: true });
    await first.until('refused', (phone) => phone.last('error')?.code === 'already-in-room');
    await first.join(roomId); // again, as after a moment without network
  });

  it('wants the consent to the use of location, and follows its withdrawal: who gives it again joins again', async () => {
    const {
      all,
      phones: [first, second],
      roomId,
    } = await walking(3);
    test.clock.advance({ seconds: 1 });
    await post('/users/me/consents', all[0]!, { kind: 'location', version: '1', granted: false });
    await first!.until('ended', (phone) => phone.last('ended')?.reason === 'removed');
    await second!.untilMember(all[0]!.id, 'left');
    first!.send('join', { roomId, consent: true });
    await first!.until('refused', (phone) => phone.last('error')?.code === 'location-consent-needed');
    await rollCall();
    expect(await kept(roomId, all[0]!)).toBeNull();
    test.clock.advance({ seconds: 1 });
    await post('/users/me/consents', all[0]!, { kind: 'location', version: '1', granted: true });
    expect((await get('/rooms', all[0]!)).body.items[0].isSharing).toBe(false);
    const late = await online(all[1]!);
    expect((await late.join(roomId)).members.map(({ userId }) => userId)).toEqual([all[2]!.id]);
    await first!.join(roomId);
  });

  it('counts the consent anew when nobody was there to follow its withdrawal', async () => {
    const [bori, kong] = await people(2);
    const roomId = await invitationRoom(test, [bori!, kong!]);
    await joinElsewhere(roomId, bori!);
    const consent = (granted: boolean) =>
      post('/users/me/consents', bori!, { kind: 'location', version: '1', granted });
    test.clock.advance({ seconds: 1 });
    await consent(false);
    test.clock.advance({ seconds: 1 });
    await consent(true);
    test.clock.advance({ seconds: 1 });
    await joinElsewhere(roomId, bori!);
    expect((await placeOf(roomId, bori!)).consentedAt).toEqual(test.clock.now());
  });

  it('lets no connection in without a good token, and takes none from the address (L08)', async () => {
    const [bori] = await people(1);
    const token = tokenOf(test, bori!);
    const refused = (given: string, headers = {}) =>
      LivePhone.connect(test.url, given, headers).then(
        () => 'let in',
        (error: Error & { data?: { code: string } }) => error.data?.code ?? error.message,
      );
    const [header, payload, signature] = token.split('.') as [string, string, string];
    for (const bad of [
      '',
      'garbage',
      `${header}.${payload}.`,
      `${header}.${payload}.${signature.slice(0, -2)}AA`,
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`,
      'a'.repeat(8_000),
      null as unknown as string,
      { a: 1 } as unknown as string,
    ])
      expect(await refused(bad)).toBe('unauthorized');
    expect(await refused(token, { origin: 'https://elsewhere.example' })).toBe('websocket error');
    await test.db.prisma.session.update({
      where: { id: bori!.sessionId },
      data: { revokedAt: test.clock.now() },
    });
    expect(await refused(token)).toBe('unauthorized');

    for (const query of [`token=${token}`, `access_token=${token}`, `auth[token]=${token}`, 'x=1']) {
      const raw = await RawClient.connect(test.url, `EIO=4&transport=websocket&${query}`);
      expect(raw.received).toMatch(/^HTTP\/1\.1 400/);
      raw.tcp.destroy();
    }
    const polling = await fetch(`${test.url}/socket.io/?EIO=4&transport=polling`);
    expect(polling.status).toBe(400);
    const elsewhere = await RawClient.connect(test.url);
    elsewhere.frame(`40${JSON.stringify({ token })}`);
    await elsewhere.until('44{"message":"not-found"');
    elsewhere.tcp.destroy();
  });

  it('keeps both devices of a user apart (L03), and five connections at most', async () => {
    const {
      all,
      phones: [sender],
      roomId,
    } = await walking(2);
    const [old, new_] = [await online(all[1]!), await online(all[1]!)];
    await old.join(roomId);
    await new_.join(roomId);
    old.close();
    test.clock.advance({ seconds: 1 });
    sender!.send('position', { lat: 44, lng: 127 });
    await new_.untilPosition(all[0]!.id, 44);
    new_.send('position', { lat: 45, lng: 127 });
    await sender!.untilPosition(all[1]!.id, 45);
    const more = [];
    for (let i = 0; i < 4; i++) more.push(await online(all[0]!));
    expect(sender!.isConnected).toBe(true);
    more.push(await online(all[0]!));
    await sender!.untilClosed('too-many-connections');
    expect(more.every(({ isConnected }) => isConnected)).toBe(true);
  });
});

describe('what ends within a second', () => {
  it('a block: the two lose each other, the room goes on (B03)', async () => {
    const {
      all: [a, b, c],
      phones: [ofA, ofB, ofC],
    } = await walking(3);
    expect((await post(`/blocks/${b!.id}`, a!, {})).status).toBeLessThan(300);
    await ofA!.untilMember(b!.id, 'left');
    await ofB!.untilMember(a!.id, 'left');
    const before = [ofA!.seen.length, ofB!.seen.length];
    test.clock.advance({ seconds: 1 });
    ofA!.send('position', { lat: 50, lng: 127 });
    ofB!.send('position', { lat: 51, lng: 127 });
    await ofC!.untilPosition(a!.id, 50);
    await ofC!.untilPosition(b!.id, 51);
    await rollCall();
    ofC!.send('position', { lat: 52, lng: 127 });
    await ofA!.untilPosition(c!.id, 52);
    await ofB!.untilPosition(c!.id, 52);
    expect(JSON.stringify(ofA!.seen.slice(before[0]))).not.toContain(b!.id);
    expect(JSON.stringify(ofB!.seen.slice(before[1]))).not.toContain(a!.id);
    expect(JSON.stringify(ofC!.all('member'))).not.toContain('left');
    await test.queue.drain();
    await rollCall();
    expect(ofC!.all('ended')).toEqual([]);
    // A new connection does not bring them back.
    const again = await online(b!);
    const { roomId } = ofC!.last('joined');
    expect((await again.join(roomId)).members).toMatchObject([{ userId: c!.id }]);
    expect((await get('/rooms', b!)).body.items[0].members).toMatchObject([{ id: c!.id }]);
  });

  it('a block of the other in an invitation’s room ends it', async () => {
    const [a, b] = await people(2);
    const roomId = await invitationRoom(test, [a!, b!]);
    const [ofA, ofB] = [await online(a!), await online(b!)];
    await ofA.join(roomId);
    await ofB.join(roomId);
    await post(`/blocks/${b!.id}`, a!, {});
    expect((await get('/rooms', a!)).body.items).toEqual([]);
    await ofA.untilMember(b!.id, 'left');
    await ofB.untilMember(a!.id, 'left');
    await test.queue.drain();
    for (const phone of [ofA, ofB]) await phone.until('ended', () => phone.last('ended')?.reason === 'ended');
  });

  it('a logout closes the connection and erases the position, and leaves the other device alone (L01)', async () => {
    const {
      all,
      phones: [first, second],
      roomId,
    } = await walking(3);
    await all[0]!.send('POST', '/auth/logout');
    await first!.untilClosed('session-ended');
    await second!.untilMember(all[0]!.id, 'left');
    expect(await kept(roomId, all[0]!)).toBeNull();
  });

  it('a logout when the connection is gone already (L01)', async () => {
    const {
      all,
      phones: [first, second],
      roomId,
    } = await walking(3);
    first!.close();
    await all[0]!.send('POST', '/auth/logout');
    await second!.untilMember(all[0]!.id, 'left');
    await rollCall();
    expect(await kept(roomId, all[0]!)).toBeNull();
    expect(await placeOf(roomId, all[0]!)).toMatchObject({ leftAt: test.clock.now() });
  });

  it('a logout of one device of two, of which the other may be anywhere: the room goes on (L03)', async () => {
    const {
      all,
      phones: [first, second],
      roomId,
    } = await walking(2);
    const { expiresAt } = await test.db.prisma.session.findUniqueOrThrow({
      where: { id: all[0]!.sessionId },
    });
    await test.db.prisma.session.create({
      data: {
        ...{ id: uuidv7(), userId: all[0]!.id, expiresAt },
        ...{ createdAt: test.clock.now(), lastUsedAt: test.clock.now() },
      },
    });
    await all[0]!.send('POST', '/auth/logout');
    await first!.untilClosed('session-ended');
    await second!.untilMember(all[0]!.id, 'stale');
    await rollCall();
    expect(await kept(roomId, all[0]!)).toBeNull();
    expect(await placeOf(roomId, all[0]!)).toMatchObject({ leftAt: null });
    expect(second!.all('ended')).toEqual([]);
  });

  it('an expired token closes the connection, greys the member out and erases the position', async () => {
    const [a, b] = await people(2);
    const old = tokenOf(test, a!);
    test.clock.advance({ minutes: 59 });
    const { roomId } = await meetupRoom(test, [a!, b!]);
    const first = await LivePhone.connect(test.url, old);
    phones.push(first);
    const second = await online(b!);
    await first.join(roomId);
    await second.join(roomId);
    first.send('position', { lat: 55, lng: 127 });
    await second.untilPosition(a!.id, 55);
    test.clock.advance({ minutes: 1 });
    await first.untilClosed('token-expired');
    await second.untilMember(a!.id, 'stale');
    await rollCall();
    expect(await kept(roomId, a!)).toBeNull();
    expect(second.isConnected).toBe(true);
  });

  it('a suspension and a lost place in the meetup (L02)', async () => {
    const {
      all,
      phones: [first, second, third],
      roomId,
      meetupId,
    } = await walking(4);
    await test.db.prisma.user.update({ where: { id: all[0]!.id }, data: { suspendedAt: test.clock.now() } });
    await second!.untilMember(all[0]!.id, 'left');
    await first!.untilClosed('account-suspended');
    await test.db.transaction((tx) => test.app.get(Rooms).removeMember(tx, meetupId, all[1]!.id));
    await second!.until('ended', (phone) => phone.last('ended')?.reason === 'removed');
    await third!.untilMember(all[1]!.id, 'left');
    await rollCall();
    for (const person of [all[0]!, all[1]!]) expect(await kept(roomId, person)).toBeNull();
    test.clock.advance({ seconds: 1 });
    third!.send('position', { lat: 60, lng: 127 });
    second!.send('position', { lat: 61, lng: 127 });
    await second!.until('refused', (phone) => phone.last('error')?.code === 'not-in-room');
    expect(second!.all('position').map(({ lat }) => lat)).not.toContain(60);
  });
});

describe('what nobody else feels (L05)', () => {
  /** Whether two who walk still see each other. */
  async function expectUnaffected({ all, phones: [first, second] }: Awaited<ReturnType<typeof walking>>) {
    test.clock.advance({ seconds: 1 });
    const lat = 10 + Math.random();
    first!.send('position', { lat, lng: 127 });
    await second!.untilPosition(all[0]!.id, lat);
  }

  it('payloads that are not what they should be', async () => {
    const walk = await walking(3);
    const third = walk.phones[2]!;
    const bad: [string, ...unknown[]][] = [
      ['join'],
      ['join', null],
      ['join', []],
      ['join', 'x'],
      ['join', { roomId: walk.roomId }],
      ['leave', { roomId: 'x' }],
    ];
    for (const value of [
      undefined,
      null,
      7,
      'x',
      [],
      [[]],
      { lat: '37' },
      { ...AT, lat: 91 },
      { ...AT, extra: 1 },
      { ...AT, t: 'x' },
      { __proto__: 1 },
      Buffer.from('x'),
    ])
      bad.push(['position', value]);
    bad.push(['position', AT, AT], ['join', { roomId: walk.roomId, consent: false }]);
    for (const [event, ...content] of bad) {
      const before = third.all('error').length;
      test.clock.advance({ seconds: 1 });
      third.send(event, ...content);
      await third.until('refused', (phone) => phone.all('error').length > before);
      expect(third.last('error')).toMatchObject({ code: 'validation-failed', event });
    }
    for (const event of ['error', 'heard', 'joined', 'message', '', '__proto__', 'constructor'])
      third.send(event, AT);
    await third.settle();
    third.send('position', AT, () => {});
    expect(third.isConnected).toBe(true);
    await expectUnaffected(walk);
  });

  it('frames that are not of the protocol, and one of 1 MB', async () => {
    const walk = await walking(2);
    for (const [frame, code, opcode] of [
      ['not a packet', 1005],
      ['42/walk-together,[', 1005],
      ['4'.repeat(1_000_000), 1009],
      ['4'.repeat(16 * 1024 + 1), 1009],
      [Buffer.from([0xff, 0xfe]), 1007],
      [Buffer.from([0xff, 0xfe]), 1005, 0x82],
      ['x', 1002, 0x8f],
    ] as const) {
      const raw = await RawClient.connect(test.url);
      await raw.login(tokenOf(test, walk.all[0]!));
      raw.frame(frame, opcode);
      await raw.closed();
      expect(raw.closeCode).toBe(code);
    }
    await expectUnaffected(walk);
  });

  it('100 messages in a second, of which one is passed on, and 1,000, which close the connection', async () => {
    const walk = await walking(3);
    const [first, second, third] = walk.phones;
    test.clock.advance({ seconds: 2 });
    const before = second!.all('position').length;
    for (let i = 0; i < 100; i++) third!.send('position', { lat: 70 + i / 1_000, lng: 127 });
    await second!.untilPosition(walk.all[2]!.id, 70);
    await first!.untilPosition(walk.all[2]!.id, 70);
    expect(second!.all('position')).toHaveLength(before + 1);
    test.clock.advance({ seconds: 1 });
    await second!.untilPosition(walk.all[2]!.id, 70.099);
    test.clock.advance({ seconds: 1 });
    for (let i = 0; i < 1_000; i++) third!.send('position', AT);
    await third!.untilClosed('too-many-messages');
    await expectUnaffected(walk);
  });

  it('a connection that stops reading, and one that is gone without a word (L04)', async () => {
    const walk = await walking(4);
    const [stuck, dead] = [await RawClient.connect(test.url), await RawClient.connect(test.url)];
    await stuck.enter(tokenOf(test, walk.all[2]!), walk.roomId);
    await dead.enter(tokenOf(test, walk.all[3]!), walk.roomId);
    walk.phones[3]!.close();
    stuck.tcp.pause();
    dead.tcp.pause();
    for (let second = 0; second < 31; second++) await expectUnaffected(walk);
    await walk.phones[0]!.untilMember(walk.all[3]!.id, 'stale');
    stuck.tcp.destroy();
    dead.tcp.destroy();
    await expectUnaffected(walk);
  });
});
