/** The phones of `sockets.ts`, in a process of their own: they join, walk, and note when what others sent arrives. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { io, type Socket } from 'socket.io-client';

export interface Walk {
  url: string;
  rooms: readonly { roomId: string; members: readonly { userId: string; token: string }[] }[];
  everyMs: number;
  seconds: number;
}

export interface Arrivals {
  /** Of each position of the measured seconds, one for each other member of the room. */
  expected: number;
  delaysMs: number[];
  cpuMs: number;
}

/** After everybody saw everybody: whoever was late meanwhile is back in rhythm. */
const WARM_UP_MS = 6_000;
const MAX_WAIT_MS = 20_000;
/** What was sent last has arrived by then, or is lost. */
const STRAGGLERS_MS = 1_500;

/** A phone and when it sent its positions; `accuracyM` is the number of the position, as there is no field for it. */
interface Phone {
  socket: Socket;
  sentMs: number[];
}

const tell = (word: 'measuring' | 'measured' | Arrivals, then?: () => void) =>
  process.send!(word, undefined, undefined, then);
const [walk] = (await once(process, 'message')) as [Walk];
const phones = new Map<string, Phone>();
const arrivals: { sentMs: number; delayMs: number }[] = [];
/** Pairs of whom one has seen the other: the first positions also wait for the service's log of provisions. */
let pairsSeen = 0;

for (const room of walk.rooms) await Promise.all(room.members.map((member) => enter(room.roomId, member)));
const pairs = walk.rooms.reduce((sum, { members }) => sum + members.length * (members.length - 1), 0);
const startedMs = performance.now();
for (const [i, phone] of [...phones.values()].entries())
  keepSending(phone, startedMs + (i / phones.size) * walk.everyMs);
while (pairsSeen < pairs) {
  if (performance.now() - startedMs > MAX_WAIT_MS) throw new Error(`${pairsSeen} of ${pairs} see each other`);
  await pause(50);
}
await pause(WARM_UP_MS);

tell('measuring');
const cpuBefore = process.cpuUsage();
const fromMs = performance.now();
await pause(walk.seconds * 1_000);
const untilMs = performance.now();
const cpu = process.cpuUsage(cpuBefore);
tell('measured');
await pause(STRAGGLERS_MS);

const isMeasured = (sentMs: number) => sentMs >= fromMs && sentMs < untilMs;
let expected = 0;
for (const { members } of walk.rooms)
  for (const { userId } of members)
    expected += phones.get(userId)!.sentMs.filter(isMeasured).length * (members.length - 1);
const delaysMs = arrivals.filter(({ sentMs }) => isMeasured(sentMs)).map(({ delayMs }) => delayMs);
tell({ expected, delaysMs, cpuMs: (cpu.user + cpu.system) / 1_000 }, () => process.exit());

async function enter(roomId: string, { userId, token }: { userId: string; token: string }): Promise<void> {
  const socket = io(`${walk.url}/walk-together`, {
    auth: { token },
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
  });
  phones.set(userId, { socket, sentMs: [] });
  await new Promise<void>((resolve, reject) => {
    socket.on('connect_error', reject);
    socket.on('error', ({ code }: { code: string }) => reject(new Error(code)));
    socket.on('connect', () => socket.emit('join', { roomId, consent: true }));
    socket.on('joined', () => resolve());
  });
  socket.on('disconnect', (reason) => {
    throw new Error(`disconnected: ${reason}`);
  });
  const seen = new Set<string>();
  socket.on('position', (position: { userId: string; accuracyM: number }) => {
    const sentMs = phones.get(position.userId)!.sentMs[position.accuracyM]!;
    arrivals.push({ sentMs, delayMs: performance.now() - sentMs });
    if (!seen.has(position.userId)) pairsSeen++;
    seen.add(position.userId);
  });
}

/** As phones do: each in its own rhythm, which a late one does not shift. */
function keepSending(phone: Phone, dueMs: number): void {
  setTimeout(() => {
    const accuracyM = phone.sentMs.push(performance.now()) - 1;
    phone.socket.emit('position', {
      ...{ lat: 37.5443 + accuracyM * 1e-5, lng: 127.0557, accuracyM, headingDeg: 90, speedMps: 1.3 },
      t: new Date().toISOString(),
    });
    keepSending(phone, dueMs + walk.everyMs);
  }, dueMs - performance.now());
}
