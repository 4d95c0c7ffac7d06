import { AsyncResource } from 'node:async_hooks';
import { type BeforeApplicationShutdown, Inject, Injectable, Logger } from '@nestjs/common';
import { bulkhead } from 'cockatiel';
import { CONFIG, type Config } from '../../config/config.js';
import { Clock } from '../../platform/clock/clock.js';
import { Database } from '../../platform/database/database.js';
import { accountSuspended, type Problem, serviceUnavailable } from '../../platform/http/problem.js';
import { logContext } from '../../platform/observability/context.js';
import { Metrics } from '../../platform/observability/metrics.js';
import { contextOf } from '../../platform/sockets/socket-context.js';
import { recordLocationUses } from '../users/index.js';
import { LiveRoom, type Provision } from './live-room.js';
import { LiveCounts, LiveSocket, type TogetherNamespace, type TogetherSocket } from './live-socket.js';
import { Memberships } from './memberships.service.js';
import { Pace } from './pace-rules.js';
import { Positions } from './positions.js';
import {
  alreadyInRoom,
  notInRoom,
  roomNotFound,
  sessionEnded,
  tokenExpired,
  tooManyConnections,
  tooManyMessages,
} from './together.errors.js';
import { type Standing, standingOf } from './together.queries.js';
import type { JoinMessage, LeaveMessage, LivePosition, PositionMessage } from './together.schemas.js';

/** Looks after everything that is not due to the millisecond. */
const BEAT_MS = 25;
/** Revocation takes effect within one, and the time of its statement. */
const BEATS_PER_ROLL_CALL = 20;
/** So many roll calls late, nobody knows any more who may see whom: nothing is shown until one succeeds. */
const BLIND_AFTER_MISSED = 4;
const MAX_SOCKETS_PER_USER = 5;
/** When everybody comes back at once, the database is left with connections for the others. */
const JOINS_AT_ONCE = 4;

interface Heard {
  roomId: string;
  position: LivePosition;
  /** From a connection of this process: the others are still to hear of it. */
  isOwn: boolean;
}

/**
 * The connections of this process and the rooms they are in. Positions come by message; everything else (who is in,
 * who may see whom, whose session stands) is asked of the database twice a second, so that whoever changes it there,
 * in whatever process, is followed here.
 */
@Injectable()
export class Live implements BeforeApplicationShutdown {
  private readonly log = new Logger(Live.name);
  private readonly sockets = new Map<string, LiveSocket>();
  private readonly rooms = new Map<string, LiveRoom>();
  private readonly pace = new Pace<Heard>();
  private readonly counts = new LiveCounts();
  private readonly joins = bulkhead(JOINS_AT_ONCE, Infinity);
  private namespace?: TogetherNamespace;
  private timer?: NodeJS.Timeout;
  private isClosing = false;
  private beats = 0;
  private seq = 0;
  private missed = 0;
  private isRollCallWanted = false;
  private isLogging = false;
  private logging: Promise<void> = Promise.resolve();
  private isInRollCall = false;
  private rollCalls: Promise<void> = Promise.resolve();

  constructor(
    private readonly db: Database,
    private readonly memberships: Memberships,
    private readonly positions: Positions,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    metrics: Metrics,
  ) {
    this.showIn(metrics);
  }

  open(namespace: TogetherNamespace): void {
    this.namespace = namespace;
    namespace.on('heard', (roomId, position) => this.hear({ roomId, position, isOwn: false }));
    namespace.on('silenced', (roomId, userId) => this.silence(roomId, userId));
    this.timer = setInterval(() => this.beat(), BEAT_MS).unref();
  }

  /** The connections are closed after this, when what they asked for is done. */
  async beforeApplicationShutdown(): Promise<void> {
    this.isClosing = true;
    clearInterval(this.timer);
    await Promise.all([...this.sockets.values()].map((socket) => socket.settled()));
    await this.rollCalls;
    await this.logging;
    await this.positions.settled();
  }

  /** The oldest connection of a user makes room for the newest: it may be one that the phone has lost. */
  connect(connection: TogetherSocket): void {
    const socket = new LiveSocket(connection, this.counts);
    connection.use(([event], next) => {
      const spent = socket.spend(event, this.clock.nowMs());
      if (spent === 'granted') next();
      else this.counts.overBudget++;
      if (spent === 'far-over') socket.close(tooManyMessages());
    });
    this.sockets.set(connection.id, socket);
    logContext.run(contextOf(connection), () => this.log.log('socket connected'));
    const ofUser = [...this.sockets.values()].filter(({ viewer }) => viewer.userId === socket.viewer.userId);
    if (ofUser.length > MAX_SOCKETS_PER_USER) ofUser[0]!.close(tooManyConnections());
  }

  disconnect(connection: TogetherSocket): void {
    const { id } = connection;
    const socket = this.sockets.get(id);
    this.sockets.delete(id);
    logContext.run(contextOf(connection), () => this.log.log('socket disconnected'));
    if (socket?.roomId) this.rooms.get(socket.roomId)?.drop(socket);
  }

  async join({ id }: TogetherSocket, { roomId }: JoinMessage): Promise<void> {
    const socket = this.sockets.get(id);
    await socket?.inTurn(() => this.joins.execute(AsyncResource.bind(() => this.enter(socket, roomId))));
  }

  async leave({ id }: TogetherSocket, { roomId }: LeaveMessage): Promise<void> {
    const socket = this.sockets.get(id);
    await socket?.inTurn(() => this.memberships.leave(socket.viewer.userId, roomId));
    this.isRollCallWanted = true;
  }

  /** @throws not-in-room */
  move({ id }: TogetherSocket, message: PositionMessage): void {
    const socket = this.sockets.get(id);
    if (!socket?.roomId || !socket.isReady) throw notInRoom();
    const { userId } = socket.viewer;
    this.counts.positionsIn++;
    this.hear({
      roomId: socket.roomId,
      position: { ...message, userId, serverAt: this.clock.now().toISOString() },
      isOwn: true,
    });
  }

  /** Asks who is still who, and in what, and acts on it. Never fails: a roll call that did is in the log. */
  rollCall(): Promise<void> {
    this.rollCalls = this.rollCalls.then(() => this.callOnce());
    return this.rollCalls;
  }

  private async enter(socket: LiveSocket, roomId: string): Promise<void> {
    if (this.isClosing) throw serviceUnavailable();
    if (!socket.isConnected) return; // gone while it waited for its turn
    if (socket.roomId && socket.roomId !== roomId) throw alreadyInRoom();
    const { userId } = socket.viewer;
    await this.memberships.enter(userId, roomId);
    const seq = ++this.seq;
    const standing = await standingOf(this.db, {
      sessionIds: [],
      roomIds: [roomId],
      now: this.clock.now(),
    });
    const room = this.rooms.get(roomId) ?? new LiveRoom(roomId);
    this.rooms.set(roomId, room);
    room.admit(socket);
    this.apply(room, standing, seq, userId);
    if (socket.roomId !== roomId) throw roomNotFound();
    room.host(userId, this.clock.nowMs());
    if (!socket.isConnected) room.drop(socket);
    await this.recall(room);
    await this.logProvisions(room.takeWantedBy(socket));
    room.watch(this.clock.nowMs()); // who is out is written down by the roll call
    if (socket.roomId === roomId) room.welcome(socket);
  }

  private async recall(room: LiveRoom): Promise<void> {
    const members = [...room.members].map(async ([userId, { consentedAtMs }]) => {
      const position = await this.positions.last(room.id, userId, consentedAtMs);
      if (position) room.recall(position);
    });
    await Promise.all(members);
  }

  private hear(heard: Heard): void {
    if (!this.rooms.has(heard.roomId)) return; // nobody of it is here
    const key = paceKeyOf(heard.roomId, heard.position.userId);
    const nowMs = this.clock.nowMs();
    if (this.pace.offer(key, heard, nowMs)) this.pass(heard);
    // By the beat it would come later each second, as its next second begins when it was sent.
    else setTimeout(() => this.passDue(), this.pace.waitMs(key, nowMs)).unref();
  }

  private passDue(): void {
    for (const heard of this.pace.takeDue(this.clock.nowMs())) this.pass(heard);
  }

  private pass({ roomId, position, isOwn }: Heard): void {
    const room = this.rooms.get(roomId);
    if (!room || this.missed >= BLIND_AFTER_MISSED) return;
    if (!room.place(position, isOwn, this.clock.nowMs())) {
      this.isRollCallWanted = true;
      return;
    }
    if (!isOwn) return;
    this.positions.keep(roomId, position);
    if (this.config.redisUrl) this.namespace?.serverSideEmit('heard', roomId, position);
  }

  private beat(): void {
    if (this.sockets.size === 0 && this.rooms.size === 0) {
      this.missed = 0;
      return; // most processes, most of the time
    }
    this.passDue();
    if (!this.isLogging) {
      this.isLogging = true;
      this.logging = this.logProvisions([...this.rooms.values()].flatMap((room) => room.takeWanted()))
        .catch((error: unknown) => this.log.error({ err: error }, 'provisions not logged'))
        .finally(() => (this.isLogging = false));
    }
    this.beats++;
    const isDue = this.beats % BEATS_PER_ROLL_CALL === 0;
    if (this.isInRollCall && isDue) this.missed++;
    if (!this.isInRollCall && (isDue || this.isRollCallWanted)) void this.rollCall();
  }

  private async logProvisions(provisions: readonly Provision[]): Promise<void> {
    if (provisions.length === 0) return;
    const at = this.clock.now();
    const uses = provisions.map(({ userId, viewerId }) => ({
      userId,
      providedTo: viewerId,
      purpose: 'walk_together' as const,
      at,
    }));
    try {
      await this.db.transaction((tx) => recordLocationUses(tx, uses));
      for (const provision of provisions) this.rooms.get(provision.roomId)?.provisionLogged(provision);
    } catch (error) {
      for (const provision of provisions) this.rooms.get(provision.roomId)?.provisionNotLogged(provision);
      throw error;
    }
  }

  private async callOnce(): Promise<void> {
    this.isInRollCall = true;
    this.isRollCallWanted = false;
    try {
      await this.askAndFollow();
      this.missed = 0;
    } catch (error) {
      this.missed++;
      this.log.error({ err: error }, 'roll call failed');
    } finally {
      this.isInRollCall = false;
    }
  }

  private async askAndFollow(): Promise<void> {
    for (const socket of this.sockets.values()) {
      if (socket.isSlow) socket.cut();
      else if (socket.isExpired(this.clock.nowMs())) this.putOut(socket, tokenExpired());
    }
    const called = [...this.sockets.values()];
    const rooms = [...this.rooms.values()];
    if (called.length === 0 && rooms.length === 0) return;
    const seq = ++this.seq;
    const standing = await standingOf(this.db, {
      sessionIds: called.map(({ viewer }) => viewer.sessionId),
      roomIds: rooms.map(({ id }) => id),
      now: this.clock.now(),
    });
    const sessions = new Map(standing.sessions.map((session) => [session.id, session]));
    for (const socket of called) {
      const session = sessions.get(socket.viewer.sessionId);
      if (!session) this.putOut(socket, sessionEnded());
      else if (session.isSuspended) this.putOut(socket, accountSuspended());
    }
    for (const room of rooms) await this.follow(room, standing, seq);
  }

  private async follow(room: LiveRoom, standing: Standing, seq: number): Promise<void> {
    if (this.apply(room, standing, seq) === 'over') {
      this.rooms.delete(room.id);
      return;
    }
    for (const place of standing.lapsed.filter(({ roomId }) => roomId === room.id)) {
      await this.memberships.depart(place, 'goodbye');
      this.isRollCallWanted = true; // it may have ended the room
    }
    // Whoever fell silent is out for the others as well, and comes back by joining.
    for (const place of room.watch(this.clock.nowMs()))
      if (await this.memberships.depart(place, 'silence')) room.dismiss(place.userId);
    if (room.isIdle) this.rooms.delete(room.id);
  }

  /** Whoever is not in any more leaves no position behind, also none that came after the goodbye. */
  private apply(room: LiveRoom, standing: Standing, seq: number, joining?: string): 'open' | 'over' {
    const before = [...room.members.keys()];
    const state = room.apply(standing, seq, this.clock.nowMs(), joining);
    for (const userId of before) if (!room.members.has(userId)) this.positions.erase(room.id, userId);
    return state;
  }

  /**
   * The user may be back in a moment, or share from another device; until heard again nobody sees where they are.
   * Who may not come back is not in any more by the standing.
   */
  private putOut(socket: LiveSocket, reason: Problem): void {
    const { roomId, viewer } = socket;
    if (!socket.isConnected) return;
    socket.close(reason);
    const room = roomId && this.rooms.get(roomId);
    if (!room || room.has(viewer.userId) || !room.hosts(viewer.userId)) return;
    this.positions.erase(roomId, viewer.userId);
    if (this.config.redisUrl) this.namespace?.serverSideEmit('silenced', roomId, viewer.userId);
    this.pace.drop(paceKeyOf(roomId, viewer.userId));
    room.silence(viewer.userId, this.clock.nowMs());
  }

  /** In another process; one that was heard here since is none. */
  private silence(roomId: string, userId: string): void {
    const room = this.rooms.get(roomId);
    if (!room || room.hosts(userId)) return;
    this.pace.drop(paceKeyOf(roomId, userId));
    room.silence(userId, this.clock.nowMs());
  }

  private showIn(metrics: Metrics): void {
    const connected = metrics.gauge('bowwow_sockets_connected', 'Connections of this process');
    const rooms = metrics.gauge('bowwow_socket_rooms', 'Rooms that this process has to do with');
    const positions = metrics.counter(
      'bowwow_socket_positions_total',
      'Positions that came in, and that were shown to somebody',
      'direction',
    );
    const dropped = metrics.counter(
      'bowwow_socket_messages_dropped_total',
      'Messages over the budget of a connection, and positions that a slow reader missed',
      'reason',
    );
    metrics.beforeScrape(() => {
      connected.set(this.sockets.size);
      rooms.set(this.rooms.size);
      const { positionsIn, positionsOut, overBudget, outdated } = this.counts;
      positions.inc({ direction: 'in' }, positionsIn);
      positions.inc({ direction: 'out' }, positionsOut);
      dropped.inc({ reason: 'over-budget' }, overBudget);
      dropped.inc({ reason: 'outdated' }, outdated);
      Object.assign(this.counts, new LiveCounts());
    });
  }
}

const paceKeyOf = (roomId: string, userId: string) => `${roomId} ${userId}`;
