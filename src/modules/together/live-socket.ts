import type { Namespace, Socket } from 'socket.io';
import type { Viewer } from '../../platform/auth/viewer.js';
import type { Problem } from '../../platform/http/problem.js';
import type { SocketData } from '../../platform/sockets/handshake.js';
import { MessageBudget } from '../../platform/sockets/message-budget.js';
import { closeWith, type SocketProblem } from '../../platform/sockets/socket-problem.js';
import type { EndReason, JoinedEvent, LivePosition, MemberEvent } from './together.schemas.js';

/** A second's budget of a connection; a position costs 1. */
const MESSAGES_PER_S = 100;
const FAR_TOO_MANY_PER_S = 300;
/** Each goes to the database. */
const COSTS: ReadonlyMap<string, number> = new Map([
  ['position', 1],
  ['join', 20],
  ['leave', 20],
]);
/** Beside the positions, of which only the last of each member waits. */
const MAX_EVENTS_WAITING = 100;

interface ToClient {
  joined(event: JoinedEvent): void;
  position(position: LivePosition): void;
  member(event: MemberEvent): void;
  ended(event: { roomId: string; reason: EndReason }): void;
  error(problem: SocketProblem): void;
}

interface BetweenServers {
  heard(roomId: string, position: LivePosition): void;
  silenced(roomId: string, userId: string): void;
}

type FromClient = Record<string, (...args: unknown[]) => void>;
export type TogetherSocket = Socket<FromClient, ToClient, BetweenServers, SocketData>;
export type TogetherNamespace = Namespace<FromClient, ToClient, BetweenServers, SocketData>;

/** What went in and out of all connections of a process. */
export class LiveCounts {
  positionsIn = 0;
  positionsOut = 0;
  /** Over the budget of its second, or a message that nobody knows. */
  overBudget = 0;
  /** A newer position of the member took its place before the reader was ready. */
  outdated = 0;
}

/** One connection of one device: what it is in, and what waits until it takes more. */
export class LiveSocket {
  roomId: string | null = null;
  /** Until `joined` went out nothing else of the room does. */
  isReady = false;
  private readonly budget = new MessageBudget(MESSAGES_PER_S, FAR_TOO_MANY_PER_S);
  private readonly positions = new Map<string, LivePosition>();
  private eventsWaiting = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly socket: TogetherSocket,
    private readonly counts = new LiveCounts(),
  ) {
    socket.conn.transport.on('ready', () => {
      this.eventsWaiting = 0;
      this.flush();
    });
  }

  get viewer(): Viewer {
    return this.socket.data.viewer;
  }

  get isConnected(): boolean {
    return this.socket.connected;
  }

  get isSlow(): boolean {
    return this.eventsWaiting > MAX_EVENTS_WAITING;
  }

  isExpired(nowMs: number): boolean {
    return this.socket.data.tokenExpiresAtMs <= nowMs;
  }

  /** What a message of this name costs is taken off the second's budget; of unknown ones nothing is heard. */
  spend(event: string, nowMs: number): 'granted' | 'over' | 'far-over' {
    const spent = this.budget.spend(COSTS.get(event) ?? 1, nowMs);
    return spent === 'granted' && !COSTS.has(event) ? 'over' : spent;
  }

  /** One at a time, in the order in which they came. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => {}); // told to whoever asked
    return result;
  }

  settled(): Promise<unknown> {
    return this.turn;
  }

  tell<E extends keyof ToClient>(event: E, ...content: Parameters<ToClient[E]>): void {
    if (!this.socket.conn.transport.writable) this.eventsWaiting++;
    this.socket.emit(event, ...content);
  }

  /** The newest position of a member takes the place of one that still waits: a slow reader misses, and fills no memory. */
  show(position: LivePosition): void {
    if (this.positions.has(position.userId)) this.counts.outdated++;
    this.positions.set(position.userId, position);
    this.flush();
  }

  hide(userId: string): void {
    this.positions.delete(userId);
  }

  /** Out of the room, still connected. */
  detach(reason: EndReason): void {
    const { roomId, isReady } = this;
    this.roomId = null;
    this.isReady = false;
    this.positions.clear();
    if (roomId && isReady) this.tell('ended', { roomId, reason });
  }

  close(problem: Problem): void {
    closeWith(problem, this.socket);
  }

  /** Without a word, which would wait behind all the others. */
  cut(): void {
    this.socket.conn.close(true);
  }

  private flush(): void {
    for (const [userId, position] of this.positions) {
      if (!this.socket.conn.transport.writable) return;
      this.positions.delete(userId);
      this.socket.emit('position', position);
      this.counts.positionsOut++;
    }
  }
}
