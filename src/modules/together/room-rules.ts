/** A room opens so long before the walk. */
const OPENS_BEFORE_MS = 30 * 60_000;
/** However long they walk: positions are shared no longer than this. */
const OPEN_MS = 4 * 3_600_000;

/** The room of a walk that is to start soon, or starts now, is open at once. */
export function openingOf(startsAt: Date, now: Date): { opensAt: Date; closesAt: Date } {
  const opensAtMs = Math.max(now.getTime(), startsAt.getTime() - OPENS_BEFORE_MS);
  return { opensAt: new Date(opensAtMs), closesAt: new Date(opensAtMs + OPEN_MS) };
}

/** A member that is not heard of for so long is shown as stale. */
export const STALE_AFTER_MS = 30_000;
/** Then the member is out, and joins again. */
export const GONE_AFTER_MS = 5 * 60_000;

export type Presence = 'live' | 'stale' | 'gone';

export function presenceAfter(silentMs: number): Presence {
  if (silentMs >= GONE_AFTER_MS) return 'gone';
  return silentMs >= STALE_AFTER_MS ? 'stale' : 'live';
}

/** Somebody's place in a room; with `joinId` only as long as nobody came in with it again. */
export interface Place {
  roomId: string;
  userId: string;
  joinId?: string;
}

export type Departure = 'goodbye' | 'silence';

export interface Attendance {
  /** Members who have ever joined. */
  everIn: number;
  /** Members who have not left: they are in, or may still come. */
  remaining: number;
  /** A meetup that has not may still get others, whoever came early and left. */
  hasBegun: boolean;
}

/**
 * Whether a member's departure ends the room. Who says goodbye leaves no single other behind; who fell silent may
 * come back to those who wait.
 */
export function isOver({ everIn, remaining, hasBegun }: Attendance, departure: Departure): boolean {
  if (!hasBegun) return false;
  return departure === 'silence' ? remaining === 0 : everIn >= 2 && remaining < 2;
}
