import { LiveRoom } from './live-room.js';
import { LiveSocket, type TogetherSocket } from './live-socket.js';
import { GONE_AFTER_MS, STALE_AFTER_MS } from './room-rules.js';
import type { Standing } from './together.queries.js';

const ROOM = 'r';
const CLOSES_AT_MS = 4 * 3_600_000;

/** What a connection of the user is told, as `event status`. */
function connection(userId: string) {
  const told: string[] = [];
  const socket = {
    data: { viewer: { userId } },
    conn: { transport: { on: () => {}, writable: true } },
    emit: (event: string, { status, reason }: { status?: string; reason?: string }) =>
      told.push([event, status ?? reason].filter(Boolean).join(' ')),
  };
  return { live: new LiveSocket(socket as unknown as TogetherSocket), told };
}

/** As the database says: these are in, each by a coming in of this id. */
const standing = (joinIds: Record<string, string>): Standing => ({
  sessions: [],
  rooms: [{ id: ROOM, isEnded: false, closesAtMs: CLOSES_AT_MS }],
  inside: Object.entries(joinIds).map(([userId, joinId]) => ({
    roomId: ROOM,
    userId,
    nickname: userId,
    consentedAtMs: 0,
    joinId,
  })),
  lapsed: [],
  hidden: [],
  outside: [],
});

const positionOf = (userId: string, ms: number) => ({
  userId,
  lat: 37,
  lng: 127,
  serverAt: new Date(ms).toISOString(),
});

/** A room of `a`, who came in here, and `b`, who sees what happens and is always heard. */
function roomOfTwo() {
  const room = new LiveRoom(ROOM);
  const [a, b] = [connection('a'), connection('b')];
  for (const { live } of [a, b]) room.admit(live);
  room.apply(standing({ a: '1', b: '1' }), 1, 0);
  for (const { live } of [a, b]) {
    room.host(live.viewer.userId, 0);
    room.welcome(live);
  }
  b.told.length = 0;
  const watch = (nowMs: number) => {
    room.place(positionOf('b', nowMs), true, nowMs);
    return room.watch(nowMs).map(({ userId, joinId }) => `${userId} ${joinId}`);
  };
  return { room, a, b, watch };
}

it('names who fell silent again and again, until it is written down', () => {
  const { room, b, watch } = roomOfTwo();
  expect(watch(STALE_AFTER_MS)).toEqual([]);
  expect(watch(GONE_AFTER_MS)).toEqual(['a 1']);
  expect(watch(GONE_AFTER_MS + 500)).toEqual(['a 1']);
  expect(b.told).toEqual(['member stale']);
  room.dismiss('a');
  expect(watch(GONE_AFTER_MS + 1_000)).toEqual([]);
  expect(b.told).toEqual(['member stale', 'member removed']);
});

it('leaves the silence of whom another process heard last to that one', () => {
  const { room, b, watch } = roomOfTwo();
  room.place(positionOf('a', 1_000), false, 1_000);
  expect(watch(1_000 + GONE_AFTER_MS)).toEqual([]);
  expect(b.told).toEqual(['member stale', 'member removed']);
});

it('leaves the silence of whoever came in elsewhere since to that process, until heard here again', () => {
  const { room, watch } = roomOfTwo();
  room.apply(standing({ a: '2', b: '1' }), 2, 1_000);
  room.place(positionOf('a', 2_000), true, 2_000);
  expect(watch(2_000 + GONE_AFTER_MS)).toEqual(['a 2']);
  room.apply(standing({ a: '3', b: '1' }), 3, 2_000 + GONE_AFTER_MS);
  expect(watch(2_000 + GONE_AFTER_MS)).toEqual([]);
});

it('hears who comes in again, and shows them once there is a position', () => {
  const { room, a, b, watch } = roomOfTwo();
  room.drop(a.live);
  watch(GONE_AFTER_MS);
  room.dismiss('a');
  room.admit(a.live);
  room.host('a', GONE_AFTER_MS);
  expect(watch(GONE_AFTER_MS)).toEqual([]);
  expect(b.told).toEqual(['member stale', 'member removed', 'member joined']);
  room.silence('a', GONE_AFTER_MS);
  watch(GONE_AFTER_MS);
  room.host('a', GONE_AFTER_MS);
  watch(GONE_AFTER_MS);
  expect(b.told.slice(3)).toEqual(['member stale']);
  room.place(positionOf('a', GONE_AFTER_MS), true, GONE_AFTER_MS);
  expect(b.told.slice(4)).toEqual(['member live']);
});
