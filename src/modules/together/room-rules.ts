/** A member that is not heard of for so long is shown as stale. */
export const STALE_AFTER_MS = 30_000;
/** Then the member is out, and joins again. */
export const GONE_AFTER_MS = 5 * 60_000;

export type Presence = 'live' | 'stale' | 'gone';

export function presenceAfter(silentMs: number): Presence {
  if (silentMs >= GONE_AFTER_MS) return 'gone';
  return silentMs >= STALE_AFTER_MS ? 'stale' : 'live';
}

export type Departure = 'goodbye' | 'silence';

export interface Attendance {
  /** Members who have ever joined. */
  everIn: number;
  /** Members who have not left: they are in, or may still come. */
  remaining: number;
}

/**
 * Whether a member's departure ends the room. Who says goodbye leaves no single other behind; who fell silent may
 * come back to those who wait.
 */
export function isOver({ everIn, remaining }: Attendance, departure: Departure): boolean {
  return departure === 'silence' ? remaining === 0 : everIn >= 2 && remaining < 2;
}
