/**
 * Live walk-together under load and across processes. On the server lane real processes serve, on the real clock;
 * the embedded lane does the same with a few in its own process, with a Redis that nobody answers at.
 */
import { readFile } from 'node:fs/promises';
import { v7 as uuidv7 } from 'uuid';
import { loadConfig } from '../../src/config/config.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import { SystemClock } from '../../src/platform/clock/clock.js';
import { openDatabase } from '../../src/platform/database/database.module.js';
import type { Database } from '../../src/platform/database/database.js';
import { consentRows } from '../builders/consents.js';
import { Backend } from '../faults/backend.js';
import { startTestApp, type TestApp } from '../support/harness.js';
import { type OwnDatabase, ownDatabase, SERVER_URL } from '../support/lane.js';
import { LivePhone, RawClient } from '../support/sockets.js';
import { TestClock } from '../support/test-clock.js';

const SIZE = SERVER_URL
  ? { rooms: 50, perRoom: 10, positions: 10, storm: 200 }
  : { rooms: 2, perRoom: 3, positions: 2, storm: 20 };
const EVERY_MS = 1_000;
/** Clock ticks of /proc a second. */
const TICKS_PER_S = 100;
const SECRET = 'a-secret-of-more-than-thirty-two-characters';
const KEYS = { JWT_SECRET_KEY: SECRET, ENCRYPTION_KEY: SECRET };

class RealTime extends TestClock {
  override nowMs(): number {
    return Date.now();
  }
}

let own: OwnDatabase | undefined;
let inProcess: TestApp | undefined;
let db: Database;
const backends: Backend[] = [];
let urls: string[];
const tokens = new AccessTokens(loadConfig(KEYS), new SystemClock());
const figures: string[] = [];

/** Good for some seconds more. */
const ENDING_TOKEN_MS = 3_000;
const endingToken = ({ id, sessionId }: Walker) => {
  const config = loadConfig(KEYS);
  const issuedAtMs = Date.now() + ENDING_TOKEN_MS - config.jwt.accessTokenS * 1_000;
  return new AccessTokens(config, new TestClock(issuedAtMs)).issue(id, sessionId).token;
};

beforeAll(async () => {
  if (SERVER_URL) {
    own = await ownDatabase();
    db = await openDatabase(loadConfig({ NODE_ENV: 'test', ...own.env }));
    for (let i = 0; i < 2; i++) backends.push(new Backend({ ...own.env, ...KEYS }));
    for (const backend of backends) await backend.start();
    urls = backends.map(({ url }) => url);
  } else {
    inProcess = await startTestApp({
      clock: new RealTime(),
      env: { ...KEYS, REDIS_URL: 'redis://127.0.0.1:1' },
    });
    db = inProcess.db;
    urls = [inProcess.url, inProcess.url];
  }
});
afterAll(async () => {
  console.log(figures.join('\n'));
  for (const backend of backends) await backend.kill();
  await inProcess?.close();
  if (!own) return;
  await db.close();
  await own.remove();
});

interface Walker {
  id: string;
  sessionId: string;
  token: string;
}

/** Rooms of a meetup each, open now, with people who are logged in. */
async function walkers(rooms: number, perRoom: number): Promise<{ roomId: string; members: Walker[] }[]> {
  const now = new Date();
  const later = new Date(now.getTime() + 3 * 3_600_000);
  const made = Array.from({ length: rooms }, () => ({
    roomId: uuidv7(),
    meetupId: uuidv7(),
    members: Array.from({ length: perRoom }, () => ({ id: uuidv7(), sessionId: uuidv7() })),
  }));
  const members = made.flatMap((room) => room.members);
  await db.prisma.user.createMany({
    data: members.map(({ id }, i) => ({
      id,
      nickname: `이웃${i}`,
      privacySeed: new Uint8Array(32),
      createdAt: now,
    })),
  });
  await db.prisma.session.createMany({
    data: members.map(({ id, sessionId }) => ({
      ...{ id: sessionId, userId: id },
      ...{ createdAt: now, lastUsedAt: now, expiresAt: later },
    })),
  });
  await db.prisma.consent.createMany({ data: members.flatMap(({ id }) => consentRows(id, now)) });
  await db.prisma.meetup.createMany({
    data: made.map(({ meetupId, members: [host] }) => ({
      ...{ id: meetupId, hostId: host!.id, title: '산책', placeName: '입구', lat: 37.5, lng: 127 },
      ...{ startsAt: now, capacity: 10, createdAt: now },
    })),
  });
  await db.prisma.room.createMany({
    data: made.map(({ roomId, meetupId }) => ({
      ...{ id: roomId, meetupId, opensAt: now, closesAt: later, createdAt: now },
    })),
  });
  await db.prisma.roomMember.createMany({
    data: made.flatMap((room) => room.members.map(({ id }) => ({ roomId: room.roomId, userId: id }))),
  });
  return made.map(({ roomId, members: all }) => ({
    roomId,
    members: all.map(({ id, sessionId }) => ({ id, sessionId, token: tokens.issue(id, sessionId).token })),
  }));
}

/** CPU seconds and megabytes of the first process so far; of this one when it serves itself. */
async function used(): Promise<{ cpuS: number; rssMb: number }> {
  const pid = backends[0]?.pid ?? process.pid;
  const stat = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]!.split(' ');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return {
    cpuS: (Number(stat[11]) + Number(stat[12])) / TICKS_PER_S,
    rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1_024,
  };
}

const shareOf = (sorted: readonly number[], share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
const everyone = (rooms: { members: Walker[] }[]) => rooms.flatMap(({ members }) => members);

it(`delivers the positions of ${SIZE.rooms * SIZE.perRoom} members in ${SIZE.rooms} rooms at one a second`, async () => {
  const rooms = await walkers(SIZE.rooms, SIZE.perRoom);
  const halfOpen = await RawClient.connect(urls[0]!);
  await halfOpen.login(everyone(rooms)[0]!.token);
  const before = await used();
  const phones: LivePhone[] = [];
  for (const { roomId, members } of rooms)
    phones.push(
      ...(await Promise.all(
        members.map(async ({ token }) => {
          const phone = await LivePhone.connect(urls[0]!, token);
          await phone.join(roomId);
          return phone;
        }),
      )),
    );
  const connected = await used();
  const delaysMs: number[] = [];
  const lastSeen = phones.map((phone) => {
    const ofWhom = new Set<string>();
    // Before the phone's own listeners, which wait for what is counted here.
    phone.socket.onAny((event: string, { t, lat, userId }: { t: string; lat: number; userId: string }) => {
      if (event !== 'position') return;
      delaysMs.push(Date.now() - Date.parse(t));
      if (lat === SIZE.positions) ofWhom.add(userId);
    });
    return ofWhom;
  });

  // The first positions also write down to whom they are provided.
  const firstMs = Date.now();
  for (const phone of phones) phone.send('position', { lat: 0, lng: 127 });
  for (const phone of phones)
    await phone.until('a position of all others', () => phone.all('position').length === SIZE.perRoom - 1);
  figures.push(`everybody saw everybody after ${Date.now() - firstMs} ms`);
  delaysMs.length = 0;

  const startedMs = Date.now();
  await Promise.all(
    phones.map(async (phone, i) => {
      for (let sent = 1; sent <= SIZE.positions; sent++) {
        // As phones do: each in its own rhythm.
        const dueMs = startedMs + (i % 100) * 10 + sent * EVERY_MS;
        await new Promise((due) => setTimeout(due, dueMs - Date.now()));
        phone.send('position', { lat: sent, lng: 127, t: new Date().toISOString() });
      }
    }),
  );
  for (const [i, phone] of phones.entries())
    await phone.until('the last position of all others', () => lastSeen[i]!.size === SIZE.perRoom - 1);
  const seconds = (Date.now() - startedMs) / 1_000;
  const after = await used();
  delaysMs.sort((a, b) => a - b);
  figures.push(
    `${phones.length} members in ${SIZE.rooms} rooms, ${delaysMs.length} deliveries in ${seconds.toFixed(1)} s: ` +
      `p50 ${shareOf(delaysMs, 0.5)} ms, p95 ${shareOf(delaysMs, 0.95)} ms, max ${delaysMs.at(-1)} ms; ` +
      `CPU ${(((after.cpuS - connected.cpuS) / seconds) * 100).toFixed(0)} % of a core; ` +
      `${(((connected.rssMb - before.rssMb) * 1_024) / phones.length).toFixed(0)} kB a member connected, ` +
      `${(after.rssMb - connected.rssMb).toFixed(0)} MB more after that`,
  );
  // Nothing came from another room.
  for (const [i, phone] of phones.entries()) {
    const room = rooms[Math.floor(i / SIZE.perRoom)]!;
    const mates = new Set(room.members.map(({ id }) => id));
    expect(phone.all('position').every(({ userId }) => mates.has(userId as string))).toBe(true);
  }
  for (const phone of phones) phone.close();
  if (SERVER_URL) await halfOpen.closed(); // never answered a ping (L04)
  halfOpen.tcp.destroy();
});

it(`lets ${SIZE.storm} come back at once (L05)`, async () => {
  const rooms = await walkers(SIZE.storm / 10, 10);
  const startedMs = performance.now();
  const phones = await Promise.all(
    rooms.flatMap(({ roomId, members }) =>
      members.map(async ({ token }) => {
        const lost = await LivePhone.connect(urls[0]!, token);
        lost.close();
        const phone = await LivePhone.connect(urls[0]!, token);
        await phone.join(roomId);
        return phone;
      }),
    ),
  );
  figures.push(`${phones.length} back in their rooms after ${Math.round(performance.now() - startedMs)} ms`);
  for (const phone of phones) phone.close();
});

if (SERVER_URL) {
  it('hides where somebody was whose token expired or who left, also in the other process (L01)', async () => {
    const [{ roomId, members }] = (await walkers(1, 4)) as [{ roomId: string; members: Walker[] }];
    const [a, b, c, d] = members as [Walker, Walker, Walker, Walker];
    const ofA = await LivePhone.connect(urls[0]!, endingToken(a));
    const ofB = await LivePhone.connect(urls[0]!, b.token);
    const ofC = await LivePhone.connect(urls[1]!, c.token);
    for (const phone of [ofA, ofB, ofC]) await phone.join(roomId);
    ofA.send('position', { lat: 1, lng: 127 });
    ofB.send('position', { lat: 2, lng: 127 });
    await ofC.untilPosition(a.id, 1);
    await ofC.untilPosition(b.id, 2);
    await ofA.untilClosed('token-expired');
    await ofC.untilMember(a.id, 'stale');
    const left = await fetch(`${urls[1]}/rooms/${roomId}/membership`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${b.token}` },
    });
    expect(left.ok).toBe(true);
    const ofD = await LivePhone.connect(urls[1]!, d.token);
    const seen = (await ofD.join(roomId)).members;
    expect(seen.find(({ userId }) => userId === a.id)).toMatchObject({ status: 'stale', position: null });
    expect(seen.find(({ userId }) => userId === b.id)).toBeUndefined();
    for (const phone of [ofA, ofB, ofC, ofD]) phone.close();
  });
}

it('spans two processes, and follows what the other did within a second (L07)', async () => {
  const [{ roomId, members }] = (await walkers(1, 3)) as [{ roomId: string; members: Walker[] }];
  const [a, b, c] = members as [Walker, Walker, Walker];
  const ofA = await LivePhone.connect(urls[0]!, a.token);
  const ofB = await LivePhone.connect(urls[1]!, b.token);
  const ofC = await LivePhone.connect(urls[1]!, c.token);
  for (const phone of [ofA, ofB, ofC]) await phone.join(roomId);
  ofA.send('position', { lat: 1, lng: 127 });
  ofB.send('position', { lat: 2, lng: 127 });
  await ofB.untilPosition(a.id, 1);
  await ofA.untilPosition(b.id, 2);
  const late = await LivePhone.connect(urls[1]!, c.token);
  expect((await late.join(roomId)).members.find(({ userId }) => userId === a.id)?.position).toMatchObject({
    lat: 1,
  });

  const blockedMs = performance.now();
  const block = await fetch(`${urls[0]}/blocks/${b.id}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${a.token}`, 'content-type': 'application/json' },
    body: '{}',
  });
  expect(block.ok).toBe(true);
  await Promise.all([ofA.untilMember(b.id, 'left'), ofB.untilMember(a.id, 'left')]);
  figures.push(`a block reached both processes after ${Math.round(performance.now() - blockedMs)} ms`);
  const seen = ofB.all('position').length;
  ofA.send('position', { lat: 3, lng: 127 });
  await ofC.untilPosition(a.id, 3);
  expect(ofB.all('position')).toHaveLength(seen);

  if (backends[0]) {
    await backends[0].kill();
    await ofA.untilClosed();
    const again = await LivePhone.connect(urls[1]!, a.token);
    await again.join(roomId);
    again.send('position', { lat: 4, lng: 127 });
    await ofC.untilPosition(a.id, 4);
    again.close();
  }
  for (const phone of [ofA, ofB, ofC, late]) phone.close();
  await inProcess?.queue.drain();
});
