import type { LiveSocket } from './live-socket.js';
import { type Place, type Presence, presenceAfter, STALE_AFTER_MS } from './room-rules.js';
import type { Standing } from './together.queries.js';
import type { EndReason, JoinedEvent, LivePosition, MemberEvent } from './together.schemas.js';

interface LiveMember {
  nickname: string;
  consentedAtMs: number;
  joinId: string;
  heardAtMs: number;
  presence: Presence;
  /** The newest, for viewers whose provision is still to be written down. */
  position: LivePosition | null;
  /** Came in or was heard by this process last, which therefore looks after the member's silence. */
  isHosted: boolean;
}

export interface Provision {
  roomId: string;
  userId: string;
  viewerId: string;
}

const pair = (userId: string, viewerId: string) => `${userId} ${viewerId}`;

/** A room as far as this process has to do with it: its connections, and what they may know of the members. */
export class LiveRoom {
  readonly sockets = new Set<LiveSocket>();
  readonly members = new Map<string, LiveMember>();
  private closesAtMs = 0;
  private hidden = new Set<string>();
  /** By pair of member and viewer: nothing of the member goes to the viewer before the log of provisions has it. */
  private readonly provisions = new Map<string, 'wanted' | 'being-logged' | 'logged'>();
  /** Heard from another process, of members who are not known here yet. */
  private readonly early = new Map<string, { position: LivePosition; isOwn: boolean }>();
  private appliedSeq = 0;

  constructor(readonly id: string) {}

  /** Nobody is connected here, and nobody is waited for. */
  get isIdle(): boolean {
    return this.sockets.size === 0 && ![...this.members.values()].some((member) => member.isHosted);
  }

  /**
   * Follows what the database says, unless something newer was heard since it was asked. Who was hidden once stays so,
   * but for `joining`: a new consent is judged anew.
   */
  apply(standing: Standing, seq: number, nowMs: number, joining?: string): 'open' | 'over' {
    if (seq < this.appliedSeq) return 'open';
    this.appliedSeq = seq;
    const { rooms, inside, hidden, outside } = standing;
    const room = rooms.find(({ id }) => id === this.id);
    if (!room || room.isEnded || room.closesAtMs <= nowMs) {
      this.members.clear();
      this.evict(() => true, !room || room.isEnded ? 'ended' : 'expired');
      return 'over';
    }
    this.closesAtMs = room.closesAtMs;
    const mine = inside.filter(({ roomId }) => roomId === this.id);
    const ids = new Set(mine.map(({ userId }) => userId));
    const outsideIds = new Set(
      outside.filter(({ roomId }) => roomId === this.id).map(({ userId }) => userId),
    );
    for (const userId of this.members.keys()) if (!ids.has(userId)) this.remove(userId);
    if (joining) this.hidden = new Set([...this.hidden].filter((key) => !key.split(' ').includes(joining)));
    for (const { roomId, viewerId, userId } of hidden)
      if (roomId === this.id) this.hideFrom(viewerId, userId);
    for (const member of mine) this.put(member, nowMs);
    this.early.clear();
    this.evict(({ viewer }) => !ids.has(viewer.userId) && outsideIds.has(viewer.userId), 'left');
    this.evict(({ viewer }) => !ids.has(viewer.userId), 'removed');
    return 'open';
  }

  admit(socket: LiveSocket): void {
    this.sockets.add(socket);
    socket.roomId = this.id;
  }

  /** The member came in by a connection of this process, which counts as being heard. */
  host(userId: string, nowMs: number): void {
    const member = this.members.get(userId);
    if (!member) return;
    member.isHosted = true;
    this.hearOf(userId, member, nowMs);
  }

  hosts(userId: string): boolean {
    return this.members.get(userId)?.isHosted ?? false;
  }

  drop(socket: LiveSocket): void {
    this.sockets.delete(socket);
  }

  has(userId: string): boolean {
    return [...this.sockets].some(({ viewer }) => viewer.userId === userId);
  }

  /** @returns whether the member is known here; one who is not yet will be by the next roll call */
  place(position: LivePosition, isOwn: boolean, nowMs: number): boolean {
    const { userId } = position;
    const member = this.members.get(userId);
    if (!member) {
      this.early.set(userId, { position, isOwn });
      return false;
    }
    member.position = position;
    member.isHosted = isOwn;
    this.hearOf(userId, member, nowMs);
    if (member.presence !== 'live') this.tell(userId, 'live');
    member.presence = 'live';
    for (const socket of this.sockets) this.provide(position, socket);
    return true;
  }

  /** Takes a position from before this process knew the room. */
  recall(position: LivePosition): void {
    const member = this.members.get(position.userId);
    if (!member || member.position) return;
    member.position = position;
    this.hearOf(position.userId, member, Date.parse(position.serverAt));
  }

  /** Nothing of the member is shown until the member is heard again. */
  silence(userId: string, nowMs: number): void {
    const member = this.members.get(userId);
    if (!member) return;
    member.position = null;
    member.heardAtMs = Math.min(member.heardAtMs, nowMs - STALE_AFTER_MS);
    for (const socket of this.sockets) socket.hide(userId);
  }

  /** @returns those who are hosted here and silent for too long, until they are dismissed: it is written down first */
  watch(nowMs: number): Place[] {
    const silent: Place[] = [];
    for (const [userId, member] of this.members) {
      const presence = presenceAfter(nowMs - member.heardAtMs);
      if (presence === 'live' || member.presence === 'gone') continue;
      if (member.presence === 'live') this.tell(userId, 'stale');
      member.presence = 'stale';
      if (presence === 'stale') continue;
      if (member.isHosted) silent.push({ roomId: this.id, userId, joinId: member.joinId });
      else this.dismiss(userId);
    }
    return silent;
  }

  /** Out, having been silent for too long. */
  dismiss(userId: string): void {
    const member = this.members.get(userId);
    if (!member) return;
    member.presence = 'gone';
    member.position = null;
    this.tell(userId, 'removed');
    this.evict(({ viewer }) => viewer.userId === userId, 'silent');
  }

  /** What viewers would get, if the log knew of it. */
  takeWanted(): Provision[] {
    const wanted = [...this.provisions].filter(([, state]) => state === 'wanted').map(([key]) => key);
    return wanted.map((key) => this.beginLogging(key));
  }

  /** What a connection that comes in would get. */
  takeWantedBy(socket: LiveSocket): Provision[] {
    return this.seenBy(socket)
      .filter(([, { position }]) => position)
      .map(([userId]) => pair(userId, socket.viewer.userId))
      .filter((key) => (this.provisions.get(key) ?? 'wanted') === 'wanted')
      .map((key) => this.beginLogging(key));
  }

  /** It is in the log: from now on positions flow. */
  provisionLogged({ userId, viewerId }: Provision): void {
    const key = pair(userId, viewerId);
    if (this.provisions.get(key) !== 'being-logged') return; // nobody wants it any more
    this.provisions.set(key, 'logged');
    const position = this.members.get(userId)?.position;
    if (!position) return;
    for (const socket of this.sockets) if (socket.viewer.userId === viewerId) this.provide(position, socket);
  }

  /** It is asked for again with the next position. */
  provisionNotLogged({ userId, viewerId }: Provision): void {
    this.provisions.delete(pair(userId, viewerId));
  }

  welcome(socket: LiveSocket): void {
    const joined: JoinedEvent = {
      roomId: this.id,
      closesAt: new Date(this.closesAtMs).toISOString(),
      members: this.seenBy(socket).map(([userId, { nickname, presence, position }]) => ({
        userId,
        nickname,
        status: presence === 'stale' ? 'stale' : 'live',
        position: this.provisions.get(pair(userId, socket.viewer.userId)) === 'logged' ? position : null,
      })),
    };
    socket.isReady = true;
    socket.tell('joined', joined);
  }

  private seenBy({ viewer }: LiveSocket): [string, LiveMember][] {
    return [...this.members].filter(
      ([userId, { presence }]) => presence !== 'gone' && this.sees(viewer.userId, userId),
    );
  }

  private sees(viewerId: string, userId: string): boolean {
    return viewerId !== userId && !this.hidden.has(pair(userId, viewerId));
  }

  private provide(position: LivePosition, socket: LiveSocket): void {
    const { userId } = position;
    const viewerId = socket.viewer.userId;
    if (!socket.isReady || !this.sees(viewerId, userId)) return;
    const key = pair(userId, viewerId);
    if (this.provisions.get(key) === 'logged') socket.show(position);
    else if (!this.provisions.has(key)) this.provisions.set(key, 'wanted');
  }

  private beginLogging(key: string): Provision {
    this.provisions.set(key, 'being-logged');
    const [userId, viewerId] = key.split(' ') as [string, string];
    return { roomId: this.id, userId, viewerId };
  }

  private put(member: Standing['inside'][number], nowMs: number): void {
    const { userId, nickname, consentedAtMs, joinId } = member;
    const known = this.members.get(userId);
    if (known?.consentedAtMs === consentedAtMs) {
      known.nickname = nickname;
      if (known.joinId !== joinId) known.isHosted = false; // came in again: if it was here, `host` follows
      known.joinId = joinId;
      return;
    }
    if (known) this.remove(userId);
    this.members.set(userId, {
      nickname,
      consentedAtMs,
      joinId,
      heardAtMs: consentedAtMs,
      presence: 'live',
      position: null,
      isHosted: false,
    });
    this.tell(userId, 'joined');
    const early = this.early.get(userId);
    if (early && Date.parse(early.position.serverAt) >= consentedAtMs)
      this.place(early.position, early.isOwn, nowMs);
  }

  /** Who was stale stays so until there is a position. */
  private hearOf(userId: string, member: LiveMember, atMs: number): void {
    member.heardAtMs = Math.max(member.heardAtMs, atMs);
    if (member.presence !== 'gone') return;
    member.presence = 'live';
    this.tell(userId, 'joined');
  }

  private remove(userId: string): void {
    if (this.members.get(userId)?.presence !== 'gone') this.tell(userId, 'left');
    this.members.delete(userId);
    this.forget((ofUser) => ofUser === userId);
    for (const socket of this.sockets) socket.hide(userId);
  }

  private hideFrom(viewerId: string, userId: string): void {
    if (!this.sees(viewerId, userId)) return;
    if (this.members.has(userId)) this.tell(userId, 'left', viewerId);
    this.hidden.add(pair(userId, viewerId));
    this.forget((ofUser, ofViewer) => ofUser === userId && ofViewer === viewerId);
    for (const socket of this.sockets) if (socket.viewer.userId === viewerId) socket.hide(userId);
  }

  private forget(matches: (userId: string, viewerId: string) => boolean): void {
    for (const key of this.provisions.keys()) {
      const [userId, viewerId] = key.split(' ') as [string, string];
      if (matches(userId, viewerId)) this.provisions.delete(key);
    }
  }

  private tell(userId: string, status: MemberEvent['status'], onlyTo?: string): void {
    const nickname = status === 'joined' ? this.members.get(userId)?.nickname : undefined;
    for (const socket of this.sockets) {
      const viewerId = socket.viewer.userId;
      if (!socket.isReady || !this.sees(viewerId, userId) || (onlyTo && viewerId !== onlyTo)) continue;
      socket.tell('member', { roomId: this.id, userId, status, ...(nickname && { nickname }) });
    }
  }

  private evict(isOut: (socket: LiveSocket) => boolean, reason: EndReason): void {
    for (const socket of [...this.sockets]) {
      if (!isOut(socket)) continue;
      this.sockets.delete(socket);
      socket.detach(reason);
    }
  }
}
