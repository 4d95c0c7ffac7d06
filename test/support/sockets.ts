import { connect as connectTcp, type Socket as TcpSocket } from 'node:net';
import { randomBytes } from 'node:crypto';
import { io, type Socket } from 'socket.io-client';
import { v7 as uuidv7 } from 'uuid';
import { Rooms } from '../../src/modules/together/index.js';
import { eventsToClient, type JoinedEvent } from '../../src/modules/together/together.schemas.js';
import { AccessTokens } from '../../src/platform/auth/access-tokens.js';
import type { Person } from './api.js';
import type { TestApp } from './harness.js';

const MAX_WAIT_MS = 20_000;
const NAMESPACE = '/walk-together';

type EventName = keyof typeof eventsToClient;
interface Seen {
  event: EventName | 'disconnect';
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- each test knows what it waits for
  content: any;
}

export const tokenOf = (test: TestApp, { id, sessionId }: Person): string =>
  test.app.get(AccessTokens).issue(id, sessionId).token;

/** A phone with a real socket: remembers all it was told, each message checked against the contract. */
export class LivePhone {
  readonly seen: Seen[] = [];
  /** Messages that were not what the contract says. */
  private readonly faults: string[] = [];
  private readonly waiting = new Set<() => void>();

  private constructor(readonly socket: Socket) {
    for (const event of Object.keys(eventsToClient) as EventName[]) {
      socket.on(event, (content: unknown) => {
        const parsed = eventsToClient[event].safeParse(content);
        if (!parsed.success) this.faults.push(`${event}: ${parsed.error.message}`);
        this.note({ event, content });
      });
    }
    socket.on('disconnect', (reason) => this.note({ event: 'disconnect', content: reason }));
  }

  /** @throws what the server refused it with */
  static async connect(url: string, token: string, headers: Record<string, string> = {}): Promise<LivePhone> {
    const socket = io(url + NAMESPACE, {
      auth: { token },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      extraHeaders: headers,
    });
    const phone = new LivePhone(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve);
      socket.once('connect_error', (error) => {
        socket.close();
        reject(error);
      });
    });
    return phone;
  }

  get isConnected(): boolean {
    return this.socket.connected;
  }

  /** The last message of the kind, or undefined. */
  last(event: Seen['event']) {
    return this.all(event).at(-1);
  }

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  all(event: Seen['event']): any[] {
    return this.seen.filter((one) => one.event === event).map(({ content }) => content);
  }

  /** Waits until what was seen by then is as asked. */
  async until(what: string, holds: (phone: this) => boolean): Promise<void> {
    if (!holds(this)) {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          this.waiting.delete(look);
          reject(new Error(`Never seen: ${what}. Seen: ${JSON.stringify(this.seen).slice(-3_000)}`));
        }, MAX_WAIT_MS);
        const look = () => {
          if (!holds(this)) return;
          clearTimeout(timer);
          this.waiting.delete(look);
          resolve();
        };
        this.waiting.add(look);
      });
    }
    expect(this.faults).toEqual([]);
  }

  send(event: string, ...content: unknown[]): void {
    this.socket.emit(event, ...content);
  }

  /** @returns what `joined` said */
  async join(roomId: string): Promise<JoinedEvent> {
    const before = this.all('joined').length;
    this.send('join', { roomId, consent: true });
    await this.until('joined', (phone) => phone.all('joined').length > before);
    return this.last('joined') as JoinedEvent;
  }

  /** Answers to everything sent before have come when this has. */
  async settle(): Promise<void> {
    const before = this.all('error').length;
    this.send('leave', {});
    await this.until('an answer', (phone) => phone.all('error').length > before);
  }

  async untilPosition(userId: string, lat: number): Promise<void> {
    await this.until(`position ${lat}`, (phone) =>
      phone.all('position').some((position) => position.userId === userId && position.lat === lat),
    );
  }

  async untilMember(userId: string, status: string): Promise<void> {
    await this.until(`member ${status}`, (phone) =>
      phone.all('member').some((member) => member.userId === userId && member.status === status),
    );
  }

  async untilClosed(code?: string): Promise<void> {
    await this.until('disconnect', (phone) => phone.all('disconnect').length > 0);
    if (code) expect(this.last('error')).toMatchObject({ code });
  }

  close(): void {
    this.socket.close();
  }

  private note(seen: Seen): void {
    this.seen.push(seen);
    for (const look of [...this.waiting]) look();
  }
}

/** A WebSocket client that does what a well-behaved one would not: it stops reading, and sends any frame. */
export class RawClient {
  /** All text that came, the answer to the upgrade first. */
  received = '';
  closeCode: number | null = null;
  private unread = Buffer.alloc(0);
  private isOpen = false;

  private constructor(readonly tcp: TcpSocket) {
    tcp.on('data', (data) => this.read(data));
    tcp.on('error', () => {}); // a reset is what some tests are about
  }

  static async connect(url: string, query = 'EIO=4&transport=websocket', headers = ''): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    const client = new RawClient(connectTcp({ host: hostname, port: Number(port) }));
    client.tcp.write(
      `GET /socket.io/?${query} HTTP/1.1\r\nHost: ${hostname}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n${headers}\r\n`,
    );
    await client.until('\r\n\r\n');
    return client;
  }

  async until(text: string): Promise<void> {
    while (!this.received.includes(text)) {
      await new Promise<void>((resolve, reject) => {
        this.tcp.once('data', () => resolve());
        this.tcp.once('close', () =>
          reject(new Error(`Closed before ${text}: ${this.received.slice(-500)}`)),
        );
      });
    }
  }

  async closed(): Promise<void> {
    if (!this.tcp.closed) await new Promise((resolve) => this.tcp.once('close', resolve));
  }

  /** One masked text frame, as the protocol wants it of clients. */
  frame(text: string | Buffer, opcode = 0x81): void {
    const body = Buffer.from(text);
    const mask = randomBytes(4);
    const size =
      body.length < 126
        ? [body.length]
        : body.length < 65_536
          ? [126, body.length >> 8, body.length & 255]
          : [127, 0, 0, 0, 0, ...[24, 16, 8, 0].map((shift) => (body.length >>> shift) & 255)];
    size[0]! |= 0x80;
    this.tcp.write(
      Buffer.concat([Buffer.from([opcode, ...size]), mask, body.map((byte, i) => byte ^ mask[i % 4]!)]),
    );
  }

  async login(token: string): Promise<void> {
    this.frame(`40${NAMESPACE},${JSON.stringify({ token })}`);
    await this.until(`40${NAMESPACE},{"sid"`);
  }

  async enter(token: string, roomId: string): Promise<void> {
    await this.login(token);
    this.frame(`42${NAMESPACE},${JSON.stringify(['join', { roomId, consent: true }])}`);
    await this.until('["joined"');
  }

  private read(data: Buffer): void {
    this.unread = Buffer.concat([this.unread, data]);
    if (!this.isOpen) {
      const end = this.unread.indexOf('\r\n\r\n');
      if (end === -1) return;
      this.received += this.unread.subarray(0, end + 4).toString();
      this.isOpen = this.received.startsWith('HTTP/1.1 101');
      this.unread = this.unread.subarray(end + 4);
      if (!this.isOpen) return;
    }
    while (this.unread.length >= 2) {
      const short = this.unread[1]! & 127;
      const head = short < 126 ? 2 : 4; // the server sends nothing as long as 64 KB
      const length = short < 126 ? short : this.unread.readUInt16BE(2);
      if (this.unread.length < head + length) return;
      const body = this.unread.subarray(head, head + length);
      if ((this.unread[0]! & 15) === 8) {
        this.closeCode = body.length >= 2 ? body.readUInt16BE(0) : 1005;
        this.frame(body, 0x88);
        this.tcp.end();
      } else this.received += body.toString();
      this.unread = this.unread.subarray(head + length);
    }
  }
}

interface RoomGiven {
  startsAt?: Date;
}

/** The room of an invitation that the second accepted. */
export async function invitationRoom(
  test: TestApp,
  [inviter, invitee]: [Person, Person],
  { startsAt }: RoomGiven = {},
): Promise<string> {
  const now = test.clock.now();
  return test.db.transaction(async (tx) => {
    const { id } = await tx.prisma.invitation.create({
      data: {
        id: uuidv7(),
        inviterId: inviter.id,
        inviteeId: invitee.id,
        state: 'accepted',
        expiresAt: now,
        createdAt: now,
        settledAt: now,
      },
    });
    return test.app.get(Rooms).open(tx, {
      from: { invitationId: id },
      memberIds: [inviter.id, invitee.id],
      startsAt: startsAt ?? now,
    });
  });
}

/** The room of a meetup with these participants; the first is its host. */
export async function meetupRoom(
  test: TestApp,
  people: readonly Person[],
  { startsAt }: RoomGiven = {},
): Promise<{ roomId: string; meetupId: string }> {
  const now = test.clock.now();
  return test.db.transaction(async (tx) => {
    const { id: meetupId } = await tx.prisma.meetup.create({
      data: {
        id: uuidv7(),
        hostId: people[0]!.id,
        title: '한강 산책',
        placeName: '뚝섬 입구',
        lat: 37.53,
        lng: 127.06,
        startsAt: startsAt ?? now,
        capacity: Math.max(2, people.length),
        createdAt: now,
        participants: { create: people.map(({ id }) => ({ userId: id, joinedAt: now })) },
      },
    });
    const roomId = await test.app.get(Rooms).open(tx, {
      from: { meetupId },
      memberIds: people.map(({ id }) => id),
      startsAt: startsAt ?? now,
    });
    return { roomId, meetupId };
  });
}
